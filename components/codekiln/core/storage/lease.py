"""One writer at a time under a prefix of a store, though its process may die without a word.

lease/00000003.json   {"owner": ..., "beat": 17, "released": false}

Who holds the highest number holds the lease. To take it over is to create the next number, which
one alone can do; numbers never go back, so a holder that lost it finds out, however long it slept.
No clock is compared: a holder beats every few seconds, and one whose beat stands still for as long
as `EXPIRY_S` has lost the lease. A process of this very machine that is gone has lost it at once.
"""

import contextlib
import dataclasses
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from codekiln.core.errors import CodekilnError, InputError, ServiceError
from codekiln.core.storage import probe
from codekiln.core.storage.objects import ConflictError, MissingError, Objects

logger = logging.getLogger(__name__)

FOLDER = "lease"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often a holder gives a sign of life, and how long others wait, in seconds."""

    beat_s: float = 3.0
    expiry_s: float = 15.0
    """What a pod that replaces a killed one waits at most."""
    patience_s: float = 40.0
    """For a holder that lives: a pod that is told to stop has 30 s to upload what it has."""


PACE = Pace()


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """A process, so that another of the same machine can tell whether it is still there."""

    host: str
    space: str
    """What makes `pid` unique: the boot of the machine and the container's own numbering."""
    pid: int
    born: str
    """When the process began: numbers are given out again."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What the object of a lease says."""

    owner: Owner
    beat: int
    released: bool

    def to_json(self) -> bytes:
        """Return the record as JSON."""
        return json.dumps(dataclasses.asdict(self)).encode()


def _from_json(data: bytes) -> Record:
    told = json.loads(data)
    return Record(owner=Owner(**told["owner"]), beat=told["beat"], released=told["released"])


class Lease:
    """Held from the moment it is made."""

    def __init__(self, store: Objects, pace: Pace = PACE) -> None:
        """Take the lease; waits for whoever holds it, ServiceError if that one goes on."""
        probe.refuse_racy(store)
        self._store, self._pace = store, pace
        self._owner = this_process()
        self.number = self._take()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise InputError if the lease was given back, or another process has taken it over."""
        if self._ended.is_set() or self._newest() != self.number:
            raise InputError(
                f"another run has taken over {self._store.uri}, for this one gave no sign of life; "
                "let that one go on, or stop it and run this again"
            )

    def fall_silent(self) -> None:
        """Give no more signs of life: what is left to do takes less than `expiry_s`."""
        self._ended.set()
        # A last beat that comes later does no harm: none follows it.
        self._thread.join(timeout=self._pace.beat_s)

    def release(self) -> None:
        """Give the lease back: the next run need not wait."""
        self.fall_silent()
        try:
            if self._newest() == self.number:
                self._write(self._record(0, released=True))
        except (CodekilnError, OSError) as error:
            logger.warning("the next run will wait %g s: %s", self._pace.expiry_s, error)

    # --- taking ---

    def _take(self) -> int:
        while True:
            newest = self._newest()
            if newest and not self._is_free(newest):
                continue
            try:
                name, data = _name(newest + 1), self._record(0).to_json()
                self._store.write(name, data, create=True)
            except ConflictError:
                # Another was quicker: see whether it lives.
                continue
            for number in range(1, newest + 1):
                self._store.delete(_name(number))
            return newest + 1

    def _is_free(self, number: int) -> bool:
        """Wait until its holder is gone (True) or replaced; ServiceError if it goes on."""
        seen = self._read(number)
        started = changed = time.monotonic()
        waiting = False
        while seen and not seen.released and not is_gone(seen.owner):
            if not waiting:
                waiting = True
                logger.info("%s is held by %s; waiting", self._store.uri, seen.owner.host)
            time.sleep(self._pace.beat_s / 2)
            before, seen = seen, self._read(number)
            now = time.monotonic()
            if seen and seen.beat != before.beat:
                changed = now
            elif now - changed >= self._pace.expiry_s:
                break
            if now - started >= self._pace.patience_s:
                self._refuse(before.owner)
        return self._newest() == number

    def _refuse(self, owner: Owner) -> NoReturn:
        raise ServiceError(
            f"another run (process {owner.pid} on {owner.host}) is writing into "
            f"{self._store.uri}; wait for it or stop it, then run this again"
        )

    def _newest(self) -> int:
        """Return the highest number, 0 if there is none."""
        names = (name.removeprefix(f"{FOLDER}/") for name in self._store.names(f"{FOLDER}/"))
        return max((int(name.removesuffix(".json")) for name in names), default=0)

    def _read(self, number: int) -> Record | None:
        try:
            return _from_json(self._store.read(_name(number)))
        except MissingError:
            return None

    # --- holding ---

    def _beat(self) -> None:
        beat = 0
        while not self._ended.wait(self._pace.beat_s):
            beat += 1
            try:
                self._write(self._record(beat))
            except (CodekilnError, OSError) as error:
                # Nobody can take the lease over while the store is away; work tells of it if it
                # stays away.
                logger.debug("no sign of life could be left: %s", error)

    def _record(self, beat: int, *, released: bool = False) -> Record:
        return Record(owner=self._owner, beat=beat, released=released)

    def _write(self, record: Record) -> None:
        self._store.write(_name(self.number), record.to_json())


@contextlib.contextmanager
def held(store: Objects, pace: Pace = PACE) -> Iterator[Lease]:
    """Hold the lease of `store` for a block; errors as in Lease."""
    lease = Lease(store, pace)
    try:
        yield lease
    finally:
        lease.release()


def _name(number: int) -> str:
    return f"{FOLDER}/{number:08d}.json"


def this_process() -> Owner:
    """Describe the calling process."""
    pid = os.getpid()
    return Owner(host=socket.gethostname(), space=_space(), pid=pid, born=_born(pid))


def is_gone(owner: Owner) -> bool:
    """Say whether `owner` was a process of this machine, and is no more."""
    here = this_process()
    if not owner.space or (owner.host, owner.space) != (here.host, here.space):
        return False
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _born(owner.pid) != owner.born


def _space() -> str:
    """Name the boot and the process numbering that a pid belongs to; empty where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> str:
    """Return when `pid` began, in ticks since the boot; empty if it is gone or unknown."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name, in parentheses, and may hold spaces.
    fields = told.rpartition(")")[2].split()
    # A zombie holds its number, and does nothing any more.
    return "" if fields[0] == "Z" else fields[19]
