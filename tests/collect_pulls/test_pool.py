import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from codekiln.collect_pulls.pool import OLD_S, Pool
from codekiln.core.errors import ServiceError
from codekiln.fake_github import clock


class Asked:
    """Answers each key with itself, and remembers the batches and when they came."""

    def __init__(self, error: Exception | None = None) -> None:
        self.batches: list[list[str]] = []
        self.times: list[float] = []
        self.error = error

    async def __call__(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, str]]:
        self.batches.append(list(keys))
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(1)
        for key in keys:
            if self.error:
                raise self.error
            yield key, key.upper()


def run(work: Coroutine[Any, Any, None]) -> None:
    clock.run(work)


def pool_of(asked: Asked, size: int = 4) -> Pool[str]:
    return Pool(lambda keys: aiter(asked(keys)), lambda: size)


def test_what_several_want_is_asked_for_together() -> None:
    asked = Asked()

    async def work() -> None:
        pool = pool_of(asked)
        with pool.member(), pool.member(), pool.member():
            one, two = await asyncio.gather(pool.get(["a", "b"]), pool.get(["c", "d", "e"]))
        assert one | two == {key: key.upper() for key in "abcde"}
        assert asked.batches == [["a", "b", "c", "d"], ["e"]]

    run(work())


def test_nobody_waits_for_members_who_wait_themselves() -> None:
    asked = Asked()

    async def work() -> None:
        pool = pool_of(asked)
        with pool.member():
            assert await pool.get(["a"]) == {"a": "A"}
        assert asked.times == [0]

    run(work())


def test_a_batch_that_others_do_not_fill_goes_out_when_it_is_old() -> None:
    asked = Asked()

    async def work() -> None:
        pool = pool_of(asked)
        with pool.member(), pool.member():
            assert await pool.get(["a"]) == {"a": "A"}
        assert asked.times == [OLD_S]

    run(work())


def test_a_member_who_leaves_is_waited_for_no_longer() -> None:
    asked = Asked()

    async def leave(pool: Pool[str]) -> None:
        with pool.member():
            await asyncio.sleep(2)

    async def work() -> None:
        pool = pool_of(asked)
        with pool.member():
            await asyncio.gather(leave(pool), pool.get(["a"]))
        assert asked.times == [2]

    run(work())


def test_an_error_reaches_all_who_wait_for_the_batch() -> None:
    async def work() -> None:
        pool = pool_of(Asked(ServiceError("down")))
        with pool.member(), pool.member():
            told = await asyncio.gather(pool.get(["a"]), pool.get(["b"]), return_exceptions=True)
        assert [str(one) for one in told] == ["down", "down"]

    run(work())


def test_what_nobody_waits_for_any_more_is_not_asked_for() -> None:
    asked = Asked()

    async def work() -> None:
        pool = pool_of(asked)
        with pool.member(), pool.member():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await pool.get(["a"])
            assert await pool.get(["b"]) == {"b": "B"}
        assert asked.batches == [["b"]]

    run(work())


def test_closing_ends_what_is_under_way() -> None:
    async def work() -> None:
        async with aclosing(pool_of(Asked())) as pool:
            with pool.member():
                task = asyncio.ensure_future(pool.get(["a"]))
                await asyncio.sleep(0.5)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work())
