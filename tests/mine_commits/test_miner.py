import subprocess
import sys
from pathlib import Path

import pytest
from histories import line, mined

from codekiln.core.git import graph
from codekiln.core.git.repository import opened
from codekiln.mine_commits import miner
from codekiln.mine_commits.limits import Limits

SMALL = Limits(range_commits=7)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_bytes_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 30)
    alone = mined(made.path, tmp_path / "alone", SMALL, workers=1)
    mined(made.path, tmp_path / "many", SMALL, workers=3)
    assert len(alone) == 30
    assert len(contents(tmp_path / "alone")) == 5
    assert contents(tmp_path / "many") == contents(tmp_path / "alone")


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    made = line(tmp_path / "source.git", 10)
    mined(made.path, tmp_path / "out", Limits(range_commits=2))
    (tmp_path / "out" / "commits-00009.parquet.part").touch()
    assert len(mined(made.path, tmp_path / "out", SMALL)) == 10
    assert sorted(contents(tmp_path / "out")) == ["commits-00000.parquet", "commits-00001.parquet"]


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_reaches_the_number_of_commits(tmp_path: Path, workers: int) -> None:
    made = line(tmp_path / "source.git", 10)
    told: list[int] = []
    with opened(str(made.path)) as repository:
        history = graph.read(repository)
        counted = miner.mine(
            repository, history, tmp_path / "out", SMALL, workers, lambda done, _: told.append(done)
        )
    assert told[-1] == counted["commits"] == 10
    assert told == sorted(told)


def test_who_only_gives_the_jobs_does_not_load_arrow() -> None:
    tell = "import sys, codekiln.mine_commits.__main__; print('pyarrow' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", tell], check=True, capture_output=True, text=True)
    assert told.stdout == "False\n"
