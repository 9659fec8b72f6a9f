import functools
import threading
import time
from collections.abc import Callable

import pytest

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.training.background import Background


def until(gate: threading.Event) -> Callable[[], None]:
    """Return a job that ends when `gate` opens."""

    def wait() -> None:
        assert gate.wait(30)

    return wait


def test_jobs_are_done_in_order() -> None:
    done: list[int] = []
    work = Background(room=2)
    for number in range(20):
        work.submit(functools.partial(done.append, number), is_large=False)
    work.finish()
    assert done == list(range(20))


def test_a_large_job_waits_for_room_and_small_ones_take_none() -> None:
    gate, work = threading.Event(), Background(room=1)
    work.submit(lambda: None, is_large=False)
    work.wait_for_room()
    work.submit(until(gate), is_large=True)
    waiting = threading.Thread(target=work.wait_for_room)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    gate.set()
    waiting.join(30)
    assert not waiting.is_alive()
    work.finish()


def test_a_job_that_fails_ends_all_and_is_told_each_time() -> None:
    done: list[int] = []
    work = Background(room=1)

    def fail() -> None:
        raise InputError("no space left")

    work.submit(fail, is_large=True)
    work.submit(lambda: done.append(1), is_large=False)
    with pytest.raises(InputError, match="no space left"):
        work.wait_for_room()
    with pytest.raises(InputError, match="no space left"):
        work.finish()
    assert done == []


def test_a_service_that_is_away_is_waited_for() -> None:
    tries: list[int] = []
    work = Background(room=1)

    def comes_back() -> None:
        tries.append(1)
        if len(tries) < 2:
            raise ServiceError("away")

    work.submit(comes_back, is_large=True)
    work.finish()
    assert len(tries) == 2


def test_patience_ends() -> None:
    work = Background(room=1, patience_s=0.5)

    def stays_away() -> None:
        raise ServiceError("away")

    work.submit(stays_away, is_large=True)
    with pytest.raises(ServiceError, match="away"):
        work.finish()


def test_what_is_abandoned_is_not_waited_for() -> None:
    gate, done, work = threading.Event(), [], Background(room=1)
    work.submit(until(gate), is_large=True)
    work.submit(lambda: done.append(1), is_large=True)
    started = time.monotonic()
    work.abandon()
    work.finish()
    assert time.monotonic() - started < 10
    gate.set()
    assert done == []
