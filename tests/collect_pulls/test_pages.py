"""What a walk asks for, while rows come and go above it."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from collecting import ROUTER, Bed, Hiding, bed_of, numbers, router

from codekiln.collect_pulls import pages
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github import clock
from codekiln.fake_github.messages import Asked

NEWEST_FIRST = {"state": "all", "sort": "created", "direction": "desc"}


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return bed_of(tmp_path, router(320))


def walked(bed: Bed) -> list[int]:
    """Return the numbers of all rows of a walk, as they came."""

    async def walk() -> list[int]:
        who = tokens({"GITHUB_TOKEN": "ghp_made_up"})
        async with GitHub(Endpoint(), who, transport=bed.hub.transport()) as github:
            path = f"/repos/{ROUTER}/pulls"
            found = [page async for page in pages.walk(github, path, NEWEST_FIRST)]
        return [row["number"] for page in found for row in page.rows]

    return clock.run(walk())


def pages_asked(bed: Bed) -> list[str]:
    """Return which pages of a hundred were asked for, in this order."""
    told = [parse_qs(one.query) for one in bed.hub.seen]
    return [one["page"][0] for one in told if one["per_page"] == [str(pages.SIZE)]]


def test_each_page_is_read_once_while_rows_come_on_top(bed: Bed) -> None:
    bed.later(60)

    def more(_asked: Asked) -> None:
        for _ in range(3):
            bed.world.open_pull(ROUTER, "Late")

    bed.hub.before = more
    assert numbers(bed) <= set(walked(bed))
    assert pages_asked(bed) == ["1", "2", "3", "4"]


def test_a_page_that_others_were_drawn_onto_is_read_again_and_they_come_in_their_turn(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hiding(bed, monkeypatch).hide_at(3, 310, 311, 312)
    assert walked(bed) == sorted(numbers(bed), reverse=True)
    assert pages_asked(bed) == ["1", "2", "3", "2", "4"]


def test_rows_that_github_hides_all_along_take_no_page_twice(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    Hiding(bed, monkeypatch).hidden.update(range(100, 130))
    assert len(walked(bed)) == 290
    assert pages_asked(bed) == ["1", "2", "3"]
