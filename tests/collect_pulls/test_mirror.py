import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from histories import History
from processes import is_gone, soon
from pull_histories import IMPATIENT, served, url

from codekiln.collect_pulls import mirror as mirrors
from codekiln.collect_pulls.changes import Wanted, told
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import Changes
from codekiln.core.git import running
from codekiln.core.git.running import StoppedError


@pytest.fixture
def made(tmp_path: Path) -> History:
    return served(tmp_path / "source.git")


def pulls(made: History, count: int) -> list[Wanted]:
    """Make so many pull requests, the oldest first."""
    tip, wanted = [made.commit({"a.go": "0\n"})], []
    for number in range(count):
        head = made.commit({f"f{number}.go": "x\n"}, "head", tip)
        wanted.append(Wanted(number, head, tip[0]))
        tip = [made.commit({f"f{number}.go": "x\n"}, "squash", tip)]
    return wanted


def test_batch_after_batch_uses_what_is_there(made: History, tmp_path: Path) -> None:
    wanted = pulls(made, 6)
    with Mirror(url(made), tmp_path / "scratch", terms=IMPATIENT) as mirror:
        newest = list(told(mirror, wanted[3:]))
        commits = mirror.history.packs()
        older = list(told(mirror, wanted[:3]))
        assert mirror.history.packs() == commits + 1  # heads alone: main was there
        again = list(told(mirror, wanted[:3]))
        assert mirror.history.packs() == commits + 1
        files = mirror.files.packs()
        assert list(told(mirror, wanted)) == [*again, *newest]
        assert mirror.files.packs() == files
    assert older == again


def test_packs_do_not_grow_in_number_without_end(
    made: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirrors, "MOST_PACKS", 3)
    with Mirror(url(made), tmp_path / "scratch", terms=IMPATIENT) as mirror:
        for one in pulls(made, 6):
            (found,) = told(mirror, [one])
            assert isinstance(found, Changes)
            assert mirror.files.packs() <= 5
        assert mirror.fetched > mirror.size()
        assert (mirror.history.objects / "pack" / "multi-pack-index").exists()


def test_the_end_of_a_mirror_leaves_nothing(made: History, tmp_path: Path) -> None:
    with Mirror(url(made), tmp_path / "scratch", terms=IMPATIENT) as mirror:
        list(told(mirror, pulls(made, 2)))
    assert not (tmp_path / "scratch").exists()


def test_a_mirror_works_below_a_folder_of_any_name(made: History, tmp_path: Path) -> None:
    scratch = tmp_path / 'a:b "c"\\d e'
    with Mirror(url(made), scratch, terms=IMPATIENT) as mirror:
        (found,) = told(mirror, pulls(made, 1))
    assert isinstance(found, Changes)
    assert [file.after for file in found.files] == ["x\n"]


def test_a_mirror_that_is_stopped_says_so_in_the_middle_of_its_work(
    made: History, tmp_path: Path
) -> None:
    wanted = pulls(made, 4)
    with Mirror(url(made), tmp_path / "scratch", terms=IMPATIENT) as mirror:
        found = told(mirror, wanted)
        next(found)
        mirror.stop()
        with pytest.raises(StoppedError):
            list(found)
        with pytest.raises(StoppedError):
            list(told(mirror, wanted))


COLLECTOR = """
import sys
from pathlib import Path
from codekiln.collect_pulls.changes import Wanted, told
from codekiln.collect_pulls.mirror import Mirror
with Mirror(sys.argv[1], Path(sys.argv[2])) as mirror:
    list(told(mirror, [Wanted(1, "1" * 40, "2" * 40)]))
"""


@pytest.mark.skipif(not running.ended_with_us(), reason="this machine has no setpriv")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_git_does_not_outlive_a_collector_that_is_killed(
    made: History, tmp_path: Path, how: signal.Signals
) -> None:
    shim, pid = tmp_path / "shim" / "git", tmp_path / "pid"
    shim.parent.mkdir()
    hang = f"echo $$ > {pid}.part; mv {pid}.part {pid}; exec sleep 60"
    is_fetch = '[[ " $* " == *" fetch "* ]]'
    script = f'#!/bin/bash\nif {is_fetch}; then {hang}; fi\nexec {shutil.which("git")} "$@"\n'
    shim.write_text(script)
    shim.chmod(0o755)
    collector = subprocess.Popen(
        [sys.executable, "-c", COLLECTOR, url(made), str(tmp_path / "scratch")],
        env={**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}"},
        stderr=subprocess.DEVNULL,
    )
    assert soon(pid.exists)
    git = int(pid.read_text())
    assert not is_gone(git)
    collector.send_signal(how)
    collector.wait()
    assert soon(lambda: is_gone(git))


def test_one_mirror_that_is_stopped_stops_no_other(made: History, tmp_path: Path) -> None:
    wanted = pulls(made, 1)
    with Mirror(url(made), tmp_path / "a", terms=IMPATIENT) as mirror:
        mirror.stop()
    with Mirror(url(made), tmp_path / "b", terms=IMPATIENT) as mirror:
        assert len(list(told(mirror, wanted))) == 1


def test_nothing_of_ours_decides_what_git_says(
    made: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wanted,) = pulls(made, 1)
    config = tmp_path / "home" / ".gitconfig"
    config.parent.mkdir()
    config.write_text("[diff]\n\tnoprefix = true\n\trenames = copies\n")
    with Mirror(url(made), tmp_path / "a", terms=IMPATIENT) as mirror:
        plain = list(told(mirror, [wanted]))
    monkeypatch.setenv("HOME", str(config.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIFF_OPTS", "-u0")
    with Mirror(url(made), tmp_path / "b", terms=IMPATIENT) as mirror:
        assert list(told(mirror, [wanted])) == plain


def test_settings_in_the_environment_of_the_mirror_reach_git(made: History, tmp_path: Path) -> None:
    name = "http.https://example.org/.extraHeader"
    told_by = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": name, "GIT_CONFIG_VALUE_0": "X: y"}
    with Mirror(url(made), tmp_path / "s", terms=replace(IMPATIENT, variables=told_by)) as mirror:
        assert mirror.history.git.text("config", name) == "X: y\n"
        assert mirror.git.attempt("config", name).stdout == b""
        mirror.sign_in({**told_by, "GIT_CONFIG_VALUE_0": "X: z"})
        assert mirror.files.git.text("config", name) == "X: z\n"
