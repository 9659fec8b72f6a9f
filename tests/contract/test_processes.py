"""What every process of ours does, whichever phase it is."""

import os
import subprocess
import sys

import pytest

LOADED = """
import os, psutil, codekiln, numpy
print(psutil.Process().num_threads(), os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.parametrize(("given", "kept"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_numpy_starts_only_the_threads_that_somebody_asked_for(
    given: dict[str, str], kept: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS")} | given
    done = subprocess.run(
        [sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=True
    )
    threads, told = done.stdout.split()
    assert told == kept
    assert int(threads) <= int(kept)
