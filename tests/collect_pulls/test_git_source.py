"""Git as a source of a run: what it gives, what it cannot, and how it is stopped."""

import asyncio
from pathlib import Path

import pytest
from collecting import EVERYTHING, bed_of
from listed_pulls import listed

from codekiln.collect_pulls.git_source import GitSource
from codekiln.collect_pulls.limits import Limits
from codekiln.core.errors import InputError
from codekiln.core.github.auth import Tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github.specs import RepositorySpec

ROUTER = "acme/router"


def test_records_hold_what_real_git_tells(tmp_path: Path) -> None:
    spec = RepositorySpec(ROUTER, pulls=20, git=True)
    bed = bed_of(tmp_path, spec, git=None, rules=EVERYTHING)
    assert bed.run().sums.collected == 20
    for pull in bed.pulls(ROUTER):
        # Of files that are not kept git is asked for the path and the status alone.
        kept = [file for file in pull.files if file.patch]
        assert len(pull.files) == pull.changed_files
        assert sum(file.additions for file in kept) <= pull.additions
        assert pull.commits[-1].sha == pull.head_sha
    assert not list((tmp_path / "scratch").iterdir())


def test_where_git_finds_no_repository_that_github_lists_the_run_says_what_to_check(
    tmp_path: Path,
) -> None:
    bed = bed_of(tmp_path, RepositorySpec(ROUTER, pulls=20), git=None)
    with pytest.raises(InputError, match="token may read contents"):
        bed.run()


def test_a_batch_that_is_canceled_ends_before_its_mirror_goes(tmp_path: Path) -> None:
    async def work() -> None:
        async with GitHub(Endpoint(server_url="http://127.0.0.1:1"), Tokens()) as github:
            source = GitSource(github, tmp_path, 1, Limits())
            with pytest.raises(TimeoutError):
                async with source.opened(ROUTER) as mirror, asyncio.timeout(1):
                    await mirror.changes([listed(1)])

    asyncio.run(work())
    assert list(tmp_path.iterdir()) == []
