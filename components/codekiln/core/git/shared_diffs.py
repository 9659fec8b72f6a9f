"""Diffs of many commits, where each pair of blobs is diffed once, however many commits hold it.

The diff of a merge repeats those of the commits that it merges, a squashed branch repeats its last
commit: of the files of real histories a third to a half are repeats. So git says first what each
commit changed, which is cheap, and then gives the patch of each pair that was not seen lately.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice, repeat, zip_longest
from typing import Generic

from codekiln.core.errors import InputError
from codekiln.core.git import changed, diffs, objects, pairs
from codekiln.core.git.buffer import Ended
from codekiln.core.git.caps import Caps
from codekiln.core.git.changed import Changed
from codekiln.core.git.command import Git
from codekiln.core.git.pairs import Patch
from codekiln.core.git.patches import CommitDiff, FileDiff, FileT, Make

BLOCK_FILES = 500
"""git is asked for so many patches at once; what is held of each may be as long as a file's cap.

With the usual caps that makes 16 MB for each worker.
"""

MOST_ASKED = 100_000
"""git keeps each tree that it was shown, 34 bytes a pair and side: then it is begun anew."""

REMEMBERED_BYTES = 4 << 20
REMEMBERED_PATCHES = 10_000

Asked = tuple[str, Changed[FileT] | None]
"""A line that was asked for, and what it changed (None: git cannot tell)."""

Row = tuple["Filling[FileT]", FileT | None, str]
"""What fills in a file, what is kept of it, and its pair."""


def read(
    git: Git, lines: Sequence[str], caps: Caps, make: Make[FileT], options: Sequence[str] = ()
) -> Iterator[CommitDiff[FileT] | None]:
    """Yield the diff of each of `lines`, as `diffs.read` does and just the same, but for two files.

    One that only moved needs no blob to be readable; one that is too large to be diffed is binary
    even where git has read it to find renames.
    """
    asked = zip(lines, changed.read(git, lines, caps.files, make, options), strict=True)
    alone = partial(diffs.read, git, caps=caps, make=make, options=options)
    with Memory(git, caps) as memory:
        for block in blocks(asked):
            yield from filled(memory, block, alone)


def blocks(asked: Iterable[Asked[FileT]]) -> Iterator[list[Asked[FileT]]]:
    """Cut commits into blocks of at most BLOCK_FILES files, or of one commit that has more."""
    block: list[Asked[FileT]] = []
    files = 0
    for one in asked:
        more = len(one[1].pairs) if one[1] else 0
        if block and files + more > BLOCK_FILES:
            yield block
            block, files = [], 0
        block.append(one)
        files += more
    if block:
        yield block


def filled(
    memory: "Memory",
    block: Sequence[Asked[FileT]],
    alone: Callable[[Sequence[str]], Iterator[CommitDiff[FileT] | None]],
) -> Iterator[CommitDiff[FileT] | None]:
    """Yield the diffs of `block`; what cannot be read though it is there is read `alone`."""
    changes = [found for _, found in block if found]
    if memory.fills(changes):
        yield from (found.handed_over() if found else None for _, found in block)
        return
    sound = set(memory.sound(changes))
    if memory.fills([one for one in changes if one in sound]):
        yield from (found.handed_over() if found and found in sound else None for _, found in block)
        return
    yield from alone([line for line, _ in block])


class Memory:
    """The patches that were read lately, and the git that reads them; a context.

    `bytes` are those of all texts.
    """

    def __init__(self, git: Git, caps: Caps) -> None:
        self.git = git
        self.caps = caps
        self.patches: dict[str, Patch] = {}
        self.bytes = 0
        self.stack = ExitStack()

    def __enter__(self) -> "Memory":
        """Start git."""
        self.restart()
        return self

    def __exit__(self, *_: object) -> None:
        """End git."""
        self.stack.close()

    def restart(self) -> None:
        """Start git, anew if it has died or grown."""
        self.stack.close()
        most_bytes = min(self.caps.file_bytes, self.caps.commit_bytes)
        self.reader = self.stack.enter_context(pairs.reading(self.git, most_bytes))

    def fills(self, changes: Sequence[Changed[FileT]]) -> bool:
        """Fill in the diffs of `changes`; tell whether git could read them all."""
        try:
            self.fill(changes)
        except Ended:
            self.restart()
            return False
        return True

    def fill(self, changes: Sequence[Changed[FileT]]) -> None:
        """Fill in the diffs of `changes`, from the beginning; raise Ended if git dies."""
        known = self.patches
        entries = chain.from_iterable(rows(one, self.caps) for one in changes)
        while some := list(islice(entries, BLOCK_FILES)):
            self.learn({pair: path(row) for _, row, pair in some if pair not in known})
            kept = [filling.allot(row, known[pair]) for filling, row, pair in some]
            told = list(zip(some, kept, strict=True))
            short = (entry for entry, size in told if size > len(known[entry[2]].text))
            self.learn({pair: path(row) for _, row, pair in short})
            for (filling, row, pair), size in told:
                filling.add(row, known[pair], size)
            self.forget(known[pair] for _, _, pair in some)

    def learn(self, new: Mapping[str, str]) -> None:
        """Read the patches of `new`, by path: git has a version at hand when it makes the next."""
        told = sorted(filter(is_shown, new), key=new.__getitem__)
        if self.reader.asked > MOST_ASKED:
            self.restart()
        read = self.reader.read(told)
        self.bytes -= sum(len(self.patches[pair].text) for pair in new if pair in self.patches)
        self.bytes += sum(len(patch.text) for patch in read)
        self.patches |= {pair: Patch() for pair in new}
        self.patches |= zip(told, read, strict=True)

    def forget(self, read: Iterable[Patch]) -> None:
        """Forget of `read` the text that nobody wanted, and what was read first if it is much."""
        for patch in read:
            self.bytes -= len(patch.text) - patch.wanted
            patch.text = patch.text[: patch.wanted]
        while self.bytes > REMEMBERED_BYTES or len(self.patches) > REMEMBERED_PATCHES:
            self.bytes -= len(self.patches.pop(next(iter(self.patches))).text)

    def sound(self, changes: Sequence[Changed[FileT]]) -> list[Changed[FileT]]:
        """Return those of `changes` whose blobs are all there, all if git cannot even tell."""
        shown = {one: list(filter(is_shown, one.pairs)) for one in changes}
        wanted = {one: [b for p in told for b in pairs.blobs(p)] for one, told in shown.items()}
        try:
            there = objects.sizes(self.git, list(set(chain.from_iterable(wanted.values()))))
        except InputError:
            return list(changes)  # git died of a spoiled blob, and will again
        return [one for one, blobs in wanted.items() if there.keys() >= set(blobs)]


class Filling(Generic[FileT]):
    """Fills in the diff of one commit, row by row, while its caps leave room for texts."""

    def __init__(self, changed: Changed[FileT], caps: Caps) -> None:
        self.diff = diff = changed.diff
        # It may have been begun by a git that died.
        diff.insertions = diff.deletions = diff.size = diff.binary = 0
        self.texts = changed.texts = list[bytes]()
        self.file_bytes, self.room = caps.file_bytes, caps.commit_bytes

    def allot(self, row: FileT | None, patch: Patch) -> int:
        """Return how many bytes of text the next row (None: it is not kept) may have of `patch`."""
        size = 0 if row is None else min(patch.size, self.file_bytes, self.room)
        self.room -= size
        return size

    def add(self, row: FileT | None, patch: Patch, size: int) -> None:
        """Fill in the next row, with so many bytes of text."""
        diff = self.diff
        diff.insertions += patch.insertions
        diff.deletions += patch.deletions
        diff.size += patch.size
        diff.binary += patch.binaries
        patch.wanted = max(patch.wanted, size)
        if row is None:
            return
        row.insertions = patch.insertions
        row.deletions = patch.deletions
        row.hunks = patch.hunks
        row.is_binary = patch.binaries > 0
        if size < patch.size:
            row.diff_truncated = diff.is_capped = True
        self.texts.append(patch.text[:size])


def rows(one: Changed[FileT], caps: Caps) -> Iterator[Row[FileT]]:
    """Yield for each file of `one` what fills it in, its row (None: not kept) and its pair."""
    filling = Filling(one, caps)
    return zip_longest(repeat(filling, len(one.pairs)), one.diff.files, one.pairs)


def path(row: FileDiff | None) -> str:
    """Return where the file of `row` lies, "" if it is not kept."""
    return "" if row is None else row.path


def is_shown(pair: str) -> bool:
    """Tell whether git shows a patch of `pair`: the blobs differ, or what they are."""
    old_mode, new_mode, old, new = pair.split(" ")
    return old != new or old_mode[1:4] != new_mode[:3]
