"""By which of two ways review comments are read, and that both tell the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from collecting import ROUTER, bed_of
from listed_pulls import listed

from codekiln.collect_pulls import pages
from codekiln.collect_pulls.comments import Comments
from codekiln.collect_pulls.listing import moment, parsed
from codekiln.collect_pulls.spool import opened
from codekiln.core.corpus.pulls import ReviewComment
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github import clock
from codekiln.fake_github.specs import RepositorySpec

Told = dict[int, tuple[ReviewComment, ...] | None]


def told(folder: Path, page: int, wanted: int) -> tuple[Told, list[str]]:
    """Return the comments on the first `wanted` of a page of pull requests, and what it cost."""
    bed = bed_of(folder, RepositorySpec(ROUTER, pulls=500))

    async def read() -> Told:
        server, who = Endpoint(), tokens({"GITHUB_TOKEN": "ghp_made_up"})
        async with GitHub(server, who, transport=bed.hub.transport()) as github:
            listed = await pages.page(github, f"/repos/{ROUTER}/pulls", {"state": "all"}, page)
            with opened(folder) as spool:
                comments = Comments(github, ROUTER, spool)
                return await comments.of([parsed(row) for row in listed.rows[:wanted]])

    folder.mkdir()
    return clock.run(read()), bed.paths("comments")


def test_for_a_whole_page_one_walk_over_the_repository_serves_all(tmp_path: Path) -> None:
    found, paths = told(tmp_path / "a", page=5, wanted=100)
    assert len(found) == 100
    assert len(paths) <= 7
    assert all("/pulls/comments" in path for path in paths)


def test_a_few_old_ones_are_asked_for_alone_and_told_alike(tmp_path: Path) -> None:
    every, _ = told(tmp_path / "a", page=5, wanted=100)
    few, paths = told(tmp_path / "b", page=5, wanted=2)
    assert few == {number: every[number] for number in few}
    # The first page of the walk tells how many more there would be.
    assert ["/pulls/comments" in path for path in paths] == [True, False, False]


def said(number: int, pull: int, time: str) -> dict[str, Any]:
    return {
        "id": number, "created_at": time, "path": "a.go", "line": 1, "body": f"no {number}",
        "diff_hunk": "", "user": None, "pull_request_url": f"https://api.github.com/pulls/{pull}",
    }  # fmt: skip


def test_what_is_written_after_the_walk_began_is_read_too(tmp_path: Path) -> None:
    there = [said(1, 2000, "2026-04-01T00:00:00Z"), said(2, 10, "2026-01-03T00:00:00Z")]

    def answer(request: httpx2.Request) -> httpx2.Response:
        alone = request.url.path.endswith("/pulls/10/comments")
        rows = [one for one in there if not alone or one["pull_request_url"].endswith("/10")]
        return httpx2.Response(200, json=rows)

    async def read() -> list[str]:
        server, who = Endpoint(), tokens({"GITHUB_TOKEN": "ghp_made_up"})
        async with GitHub(server, who, transport=httpx2.MockTransport(answer)) as github:
            with opened(tmp_path) as spool:
                comments = Comments(github, ROUTER, spool)
                new, old = listed(2000), listed(10)
                comments.looked_at = new.updated_at
                await comments.of([new])
                there.insert(0, said(3, 10, "2026-11-21T00:00:00Z"))
                late = replace(old, updated_at=moment("2026-11-21T00:00:00Z"))
                return [one.body for one in (await comments.of([late]))[10] or ()]

    assert clock.run(read()) == ["no 2", "no 3"]


def test_for_one_pull_request_nothing_else_is_read(tmp_path: Path) -> None:
    _, paths = told(tmp_path / "a", page=5, wanted=1)
    assert len(paths) <= 2
