import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from histories import history, line

from codekiln.core import manifest, program
from codekiln.core.corpus import commits
from codekiln.mine_commits.__main__ import mine_commits
from codekiln.mine_commits.settings import Settings


def test_a_run_leaves_records_and_a_manifest_that_counts_them(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 4)
    out = tmp_path / "out"
    program.run(mine_commits, Settings, ["--repository", str(made.path), "--commits", str(out)])
    told = manifest.read(out)
    assert told.counts["commits"] == told.counts["diffs_whole"] == 4
    assert "repository" in told.inputs
    assert len(list(commits.read(out))) == 4


@pytest.mark.parametrize("source", ["empty", "nowhere"])
def test_a_repository_without_commits_ends_with_code_2(tmp_path: Path, source: str) -> None:
    history(tmp_path / "empty")
    argv = ["--repository", str(tmp_path / source), "--commits", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as stop:
        program.run(mine_commits, Settings, argv)
    assert stop.value.code == 2
    assert not (tmp_path / "out" / manifest.NAME).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_that_looks_finished(
    tmp_path: Path, ending: signal.Signals
) -> None:
    made = line(tmp_path / "source.git", 120)
    out = tmp_path / "out"
    told = ["--repository", str(made.path), "--commits", str(out), "--range-commits", "2"]
    run = [sys.executable, "-m", "codekiln.mine_commits", *told, "--workers", "2"]
    with subprocess.Popen(run, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not list(out.glob("commits-*")) and process.poll() is None:
            time.sleep(0.01)
        os.kill(process.pid, ending)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert process.returncode != 0
        assert not (out / manifest.NAME).exists()
        wait_for_group(process.pid)


def wait_for_group(group: int) -> None:
    """Wait until no process of `group` is at work; fail if workers outlive their parent."""
    for _ in range(200):
        if not working(group):
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("workers outlived the run")


def working(group: int) -> list[int]:
    """Return the processes of `group` that run or wait, the dead ones left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            # "pid (name) state parent group ...", and a name may hold anything.
            state, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            found += [int(folder.name)] if int(of) == group and state != "Z" else []
    return found
