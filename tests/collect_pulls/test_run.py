"""What ends a run, and what it leaves committed."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from collecting import EVERYTHING, bed_of

from codekiln.collect_pulls.run import CanceledError
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import CodekilnError, ServiceError
from codekiln.core.storage.local import LocalFolder
from codekiln.fake_github.specs import RepositorySpec


@pytest.mark.parametrize(
    ("ending", "error"), [(signal.SIGTERM, ServiceError), (signal.SIGINT, CanceledError)]
)
def test_a_signal_during_the_last_commit_is_heard_and_the_commit_ends(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: signal.Signals,
    error: type[CodekilnError],
) -> None:
    write = LocalFolder.write

    def signaled(self: LocalFolder, name: str, data: bytes, *, create: bool = False) -> None:
        if name.startswith("v/"):
            os.kill(os.getpid(), ending)
            time.sleep(0.2)
        write(self, name, data, create=create)

    monkeypatch.setattr(LocalFolder, "write", signaled)
    bed = bed_of(tmp_path, RepositorySpec("acme/router", pulls=5), rules=EVERYTHING, commit_s=1e9)
    with pytest.raises(error, match="what was whole is committed"):
        asyncio.run(bed.collect())
    monkeypatch.undo()
    assert Dataset(LocalFolder(tmp_path / "data")).newest().number == 1
    assert bed.state("acme/router").complete
