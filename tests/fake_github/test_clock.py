import asyncio
import time

import pytest

from codekiln.fake_github import clock


def test_a_day_of_sleep_takes_no_time() -> None:
    async def day() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert clock.run(day()) == 86_400
    assert time.monotonic() - began < 5


def test_timers_fire_in_their_order() -> None:
    fired: list[int] = []

    async def fire(after: int) -> None:
        await asyncio.sleep(after)
        fired.append(after)

    async def all_of_them() -> None:
        await asyncio.gather(*(fire(after) for after in (30, 10, 20)))

    clock.run(all_of_them())
    assert fired == [10, 20, 30]


def test_time_stands_still_while_a_thread_works() -> None:
    async def work() -> tuple[float, bool]:
        loop = asyncio.get_running_loop()
        timer = asyncio.ensure_future(asyncio.sleep(1))
        await asyncio.to_thread(time.sleep, 0.05)
        return loop.time(), timer.done()

    assert clock.run(work()) == (0.0, False)


def test_what_waits_for_a_thread_goes_on_in_virtual_time() -> None:
    async def work() -> float:
        for _ in range(3):
            await asyncio.to_thread(time.sleep, 0.001)
            await asyncio.sleep(100)
        return asyncio.get_running_loop().time()

    assert clock.run(work()) == 300


def test_a_timeout_strikes_in_virtual_time() -> None:
    async def wait() -> None:
        async with asyncio.timeout(10):
            await asyncio.sleep(1_000)

    with pytest.raises(TimeoutError):
        clock.run(wait())


def test_time_begins_where_it_is_told_to() -> None:
    async def look() -> float:
        return asyncio.get_running_loop().time()

    assert clock.run(look(), start=1_000.0) == 1_000.0
