"""SIGKILL at every request of a run in turn: what is resumed ends as if nothing had happened."""

import random
import signal
from pathlib import Path

import pytest
from collecting import EVERYTHING, Bed, bed_of
from killing import in_child, killed_at

from codekiln.collect_pulls import pages
from codekiln.core.datasets.dataset import Entry
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.world import World

SPECS = (RepositorySpec("acme/router", pulls=66), RepositorySpec("acme/cache", pulls=8))


@pytest.fixture(autouse=True)
def lists_have_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty to a page: as many requests as a hundred to a page make of five times the data."""
    monkeypatch.setattr(pages, "SIZE", 20)


def bed_in(folder: Path, commit_s: float) -> Bed:
    return bed_of(folder, *SPECS, cap=40, commit_s=commit_s)


def left_by(folder: Path, commit_s: float) -> dict[str, Entry]:
    return bed_in(folder, commit_s).entries()


@pytest.mark.parametrize("commit_s", [0, 60])
def test_a_run_killed_at_any_request_and_resumed_leaves_the_same_bytes(
    tmp_path: Path, commit_s: float
) -> None:
    whole = bed_in(tmp_path / "whole", commit_s)
    whole.run()
    expected, requests = whole.entries(), sum(whole.usage.calls.values())
    assert requests > 12
    for request in range(1, requests + 1):
        folder = tmp_path / f"killed-{request}"
        assert in_child(killed_at(bed_in(folder, commit_s), request)) == signal.SIGKILL
        assert in_child(bed_in(folder, commit_s).run) == 0
        assert left_by(folder, commit_s) == expected, f"killed at request {request}"


def test_the_same_holds_with_real_git(tmp_path: Path) -> None:
    specs = [RepositorySpec("acme/router", pulls=30, git=True)]
    world = World(7, specs, folder=tmp_path / "git")
    world.find("acme/router")  # builds it once, for all

    def bed(name: str) -> Bed:
        (tmp_path / name).mkdir()
        (tmp_path / name / "git").symlink_to(tmp_path / "git")
        return Bed(tmp_path / name, world, rules=EVERYTHING)

    whole = bed("whole")
    whole.run()
    assert len(whole.pulls("acme/router")) == 30
    for request in range(1, sum(whole.usage.calls.values()) + 1):
        killed = bed(f"killed-{request}")
        assert in_child(killed_at(killed, request)) == signal.SIGKILL
        assert in_child(killed.run) == 0
        assert killed.entries() == whole.entries(), f"killed at request {request}"


def test_a_run_killed_again_and_again_comes_to_its_end(tmp_path: Path) -> None:
    whole = bed_in(tmp_path / "whole", 0)
    whole.run()
    folder, dice = tmp_path / "killed", random.Random(7)  # noqa: S311 -- repeats with its seed
    kills = 0
    while in_child(killed_at(bed_in(folder, 0), dice.randint(2, 12))) == signal.SIGKILL:
        kills += 1
        assert kills < 20
    assert kills > 1
    assert left_by(folder, 0) == whole.entries()
