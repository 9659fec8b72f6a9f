"""Git as a source of a run: what it gives, what it cannot, and how it is stopped."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from collecting import EVERYTHING, ROUTER, bed_of
from listed_pulls import listed

from codekiln.collect_pulls.git_source import GitSource
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.errors import InputError
from codekiln.core.github.auth import Tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.credential import Anonymous
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github.specs import RepositorySpec


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


class Renewed(Anonymous):
    """A credential whose token is another at each asking, as an App's is after an hour."""

    asked = 0

    async def token(self) -> str:
        Renewed.asked += 1
        return f"ghs_{Renewed.asked}"


def test_each_batch_signs_in_with_the_token_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = list[str]()

    def note(_mirror: Mirror, variables: Mapping[str, str]) -> None:
        signed.append(variables["GIT_CONFIG_VALUE_0"])

    async def work() -> None:
        server, who = Endpoint(server_url=f"file://{tmp_path}"), Tokens((Renewed(),))
        async with (
            GitHub(server, who) as github,
            GitSource(github, tmp_path, 1, Limits()).opened(ROUTER) as mirror,
        ):
            assert await mirror.changes([]) == {}
            assert await mirror.changes([]) == {}

    monkeypatch.setattr(Mirror, "sign_in", note)
    asyncio.run(work())
    assert len(set(signed)) == 2


def test_a_batch_that_is_canceled_ends_before_its_mirror_goes(tmp_path: Path) -> None:
    async def work() -> None:
        async with GitHub(Endpoint(server_url="http://127.0.0.1:1"), Tokens()) as github:
            source = GitSource(github, tmp_path, 1, Limits())
            with pytest.raises(TimeoutError):
                async with source.opened(ROUTER) as mirror, asyncio.timeout(1):
                    await mirror.changes([listed(1)])

    asyncio.run(work())
    assert list(tmp_path.iterdir()) == []
