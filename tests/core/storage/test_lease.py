import dataclasses
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage import lease
from codekiln.core.storage.lease import Lease, Owner, Pace
from codekiln.core.storage.objects import Objects, open_store

PACE = Pace(beat_s=0.05, expiry_s=0.6, patience_s=1.2)
PATIENT = Pace(beat_s=0.05, expiry_s=3600, patience_s=3600)
# A busy machine may not beat for a second: nobody expires where one of many is to be told.
IMPATIENT = Pace(beat_s=0.05, expiry_s=3600, patience_s=1.2)


def take(store: Objects) -> Lease:
    return Lease(store, PACE)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Owner:
    """Let this process look as if it ran on another machine."""
    other = dataclasses.replace(lease.this_process(), host="another")
    monkeypatch.setattr(lease, "this_process", lambda: other)
    return other


@pytest.fixture
def holder(store: Objects) -> Iterator[Lease]:
    held = take(store)
    yield held
    held.release()


def test_a_lease_that_was_given_back_is_taken_at_once(store: Objects) -> None:
    first = take(store)
    first.release()
    started = time.monotonic()
    second = take(store)
    assert time.monotonic() - started < PACE.expiry_s
    assert second.number == first.number + 1
    second.release()


def test_a_holder_that_lives_is_not_disturbed(opened: Callable[[], Objects], holder: Lease) -> None:
    with pytest.raises(ServiceError, match="another run"):
        take(opened())
    holder.check()


def test_a_holder_that_ends_soon_is_waited_for(
    opened: Callable[[], Objects], holder: Lease
) -> None:
    ending = threading.Timer(0.3, holder.release)
    ending.start()
    second = Lease(opened(), PATIENT)
    assert second.number == holder.number + 1
    second.release()
    ending.join()


def test_a_holder_without_a_sign_of_life_is_replaced_and_finds_out(
    opened: Callable[[], Objects], elsewhere: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = take(opened())
    # What happens to it on a machine that sleeps.
    asleep._ended.set()
    asleep._thread.join()
    asleep._ended.clear()
    here = dataclasses.replace(elsewhere, host="here")
    monkeypatch.setattr(lease, "this_process", lambda: here)
    started = time.monotonic()
    second = take(opened())
    assert time.monotonic() - started >= PACE.expiry_s
    with pytest.raises(InputError, match="another run has taken over"):
        asleep.check()
    asleep.release()
    second.check()
    second.release()


def test_a_dead_process_of_this_machine_is_replaced_at_once(tmp_path: Path) -> None:
    program = (
        "from codekiln.core.storage import lease, objects;"
        f"lease.Lease(objects.open_store({str(tmp_path)!r}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    second = Lease(open_store(str(tmp_path)), PATIENT)
    assert second.number == 2
    second.release()


def test_one_of_many_gets_it(opened: Callable[[], Objects]) -> None:
    def attempt(_: int) -> Lease | None:
        try:
            return Lease(opened(), IMPATIENT)
        except ServiceError:
            return None

    with ThreadPoolExecutor(8) as pool:
        held = [one for one in pool.map(attempt, range(8)) if one]
    assert len(held) == 1
    held[0].release()


def test_the_block_gives_it_back_though_it_fails(store: Objects) -> None:
    def fail() -> None:
        with lease.held(store, PACE):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with lease.held(store, PATIENT) as again:
        assert again.number == 2


def test_a_lease_that_was_given_back_is_held_no_more(store: Objects) -> None:
    first = take(store)
    first.release()
    with pytest.raises(InputError):
        first.check()


def test_a_process_is_gone_when_its_number_is_anothers() -> None:
    here = lease.this_process()
    assert not lease.is_gone(here)
    assert lease.is_gone(dataclasses.replace(here, born="1"))
    assert lease.is_gone(dataclasses.replace(here, pid=2**22 + 1))
    assert not lease.is_gone(dataclasses.replace(here, pid=2**22 + 1, host="another"))
    assert not lease.is_gone(dataclasses.replace(here, pid=2**22 + 1, space=""))
