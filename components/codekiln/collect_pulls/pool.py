"""Asking together for what many tasks want one by one: full batches, and nobody waits for long.

A batch goes out when it is full, when all who could still add to it are waiting for it, or when it
is old. One answer of a hundred things takes GitHub much less time than ten answers of ten.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

Found = TypeVar("Found")

OLD_S = 5.0


class Pool(Generic[Found]):
    """What its members want, by key; all of it on one event loop."""

    def __init__(
        self,
        ask: Callable[[Sequence[str]], AsyncIterator[tuple[str, Found]]],
        size: Callable[[], int],
    ) -> None:
        """Ask for at most `size()` keys together; `ask` yields what was found under each."""
        self._ask, self._size = ask, size
        self._members = self._callers = 0
        self._waiting: dict[str, asyncio.Future[Found]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._batches: set[asyncio.Task[None]] = set()

    @contextlib.contextmanager
    def member(self) -> Iterator[None]:
        """Be one of those whose wishes a batch waits for."""
        self._members += 1
        try:
            yield
        finally:
            self._members -= 1
            self._send_if_due()

    async def get(self, keys: Sequence[str]) -> dict[str, Found]:
        """Return what was found under each of `keys`; raises what asking for them raised."""
        if not keys:
            return {}
        loop = asyncio.get_running_loop()
        wanted = {key: loop.create_future() for key in keys}
        self._waiting |= wanted
        self._callers += 1
        try:
            self._send_if_due()
            await asyncio.wait(wanted.values())
        finally:
            self._callers -= 1
            self._forget(wanted)
        # each is asked for its error, or Python complains of those that nobody saw
        errors = [error for future in wanted.values() if (error := future.exception())]
        if errors:
            raise errors[0]
        return {key: future.result() for key, future in wanted.items()}

    async def aclose(self) -> None:
        """End what is under way."""
        if self._timer:
            self._timer.cancel()
        for batch in self._batches:
            batch.cancel()
        await asyncio.gather(*self._batches, return_exceptions=True)

    def _send_if_due(self) -> None:
        while len(self._waiting) >= self._size():
            self._send()
        if self._waiting and self._callers >= self._members:
            self._send()
        if self._waiting and not self._timer:
            self._timer = asyncio.get_running_loop().call_later(OLD_S, self._send)

    def _send(self) -> None:
        """Ask for the first that wait; the timer begins anew for the rest."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        keys = list(self._waiting)[: self._size()]
        part = {key: self._waiting.pop(key) for key in keys}
        batch = asyncio.get_running_loop().create_task(self._answer(part))
        self._batches.add(batch)
        batch.add_done_callback(self._batches.discard)

    def _forget(self, wanted: Mapping[str, "asyncio.Future[Found]"]) -> None:
        """Ask no more for what nobody waits for any longer."""
        for key, future in wanted.items():
            if not future.done():
                future.cancel()
                self._waiting.pop(key, None)

    async def _answer(self, part: Mapping[str, "asyncio.Future[Found]"]) -> None:
        try:
            async for key, found in self._ask(list(part)):
                if not part[key].done():
                    part[key].set_result(found)
        except Exception as error:  # noqa: BLE001 -- it is raised by those who wait
            for future in part.values():
                if not future.done():
                    future.set_exception(error)
        finally:
            for future in part.values():
                future.cancel()
