import os
import subprocess
import sys
from pathlib import Path

import killed_data_sets
import pytest

PARTS = 4


@pytest.mark.parametrize("first", range(1, PARTS + 1))
def test_a_run_killed_at_any_storage_call_leaves_a_whole_data_set_and_goes_on(
    tmp_path: Path, first: int
) -> None:
    program = Path(killed_data_sets.__file__)
    told = subprocess.run(
        [sys.executable, str(program), str(tmp_path), str(first), str(PARTS)],
        env={**os.environ, "PYTHONPATH": str(program.parent)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 20
