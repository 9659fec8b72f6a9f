"""By which of two ways review comments are read, and that both tell the same."""

from pathlib import Path

from collecting import bed_of

from codekiln.collect_pulls import pages
from codekiln.collect_pulls.comments import Comments
from codekiln.collect_pulls.listing import parsed
from codekiln.collect_pulls.spool import opened
from codekiln.core.corpus.pulls import ReviewComment
from codekiln.core.github.auth import tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github import clock
from codekiln.fake_github.specs import RepositorySpec

Told = dict[int, tuple[ReviewComment, ...] | None]
ROUTER = "acme/router"


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


def test_for_one_pull_request_nothing_else_is_read(tmp_path: Path) -> None:
    _, paths = told(tmp_path / "a", page=5, wanted=1)
    assert len(paths) <= 2
