"""A GitHub that misbehaves: whatever it does, the data are those of a GitHub that does not."""

import logging
from pathlib import Path

import pytest
from collecting import Bed, bed_of

from codekiln.collect_pulls import pages
from codekiln.core.datasets.dataset import Entry
from codekiln.fake_github.faults import KINDS, Faults
from codekiln.fake_github.specs import RepositorySpec, population

SPECS = (RepositorySpec("acme/router", pulls=46), RepositorySpec("acme/cache", pulls=8))
FAULTS = [kind for kind in KINDS if kind != "incomplete"]  # that one befalls searches alone


@pytest.fixture(autouse=True)
def lists_have_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty to a page: as many requests as a hundred to a page make of five times the data."""
    monkeypatch.setattr(pages, "SIZE", 20)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    bed = bed_of(tmp_path_factory.mktemp("calm"), *SPECS, commit_s=60)
    bed.run()
    return bed.entries()


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_that_strikes_again_and_again_changes_nothing(
    tmp_path: Path, kind: str, expected: dict[str, Entry], caplog: pytest.LogCaptureFixture
) -> None:
    bed = bed_of(tmp_path, *SPECS, commit_s=60, faults=Faults.parse(f"{kind}@every2"))
    outcome = bed.run()
    assert bed.hub.faults.struck[kind] >= 2
    assert bed.entries() == expected
    assert (outcome.sums.total, outcome.sums.unaccounted) == (54, 0)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_mix_of_all_faults_over_thousands_of_requests_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SIZE", 5)

    def bed_with(faults: Faults, folder: str) -> Bed:
        small = (RepositorySpec(f"acme/small-{n}", pulls=2) for n in range(150))
        specs = [*population(3, 6, 350), *small]
        return bed_of(tmp_path / folder, *specs, commit_s=3600, at_once=24, faults=faults)

    rough = bed_with(Faults.mix(11, 0.35, FAULTS), "rough")
    outcome = rough.run()
    assert sum(rough.usage.calls.values()) > 2000
    assert {*rough.hub.faults.struck} == {*FAULTS}
    calm = bed_with(Faults(), "calm")
    assert outcome.sums == calm.run().sums
    assert rough.entries() == calm.entries()
    assert outcome.sums.unaccounted == 0
