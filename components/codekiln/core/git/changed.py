"""Which files commits changed, from git's raw rows: no file is read, but to find renames.

Each row tells both modes and both blobs of a file. The row without its letter is the *pair*: what
the patch of that file depends on, whatever its path and whichever commit it is of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import RawIOBase
from typing import Generic

from codekiln.core.git.buffer import CHUNK
from codekiln.core.git.command import Git
from codekiln.core.git.decoding import decoded
from codekiln.core.git.diffs import COMMON, confirmed, persistently
from codekiln.core.git.patches import CommitDiff, FileT, Make, cut_text

RAW = (*COMMON, "-M", "--root", "--raw")


@dataclass(eq=False, slots=True)
class Changed(Generic[FileT]):
    """What one commit changed: a diff whose patches are yet to be read, and the pair of each row.

    `diff.files` holds at most so many files as were asked for, `pairs` all of them. `texts` are
    the hunks of `diff.files` as far as there was room for them, once somebody has read them.
    """

    diff: CommitDiff[FileT]
    pairs: Sequence[str]
    texts: list[bytes] = field(default_factory=list)

    def handed_over(self) -> CommitDiff[FileT]:
        """Return the diff with its texts, which is then no longer held here.

        Not before anybody wants it: one rare character makes a text four times as large.
        """
        diff, self.diff = self.diff, CommitDiff()
        texts, self.texts = self.texts, []
        for file, text in zip(diff.files, texts, strict=True):
            whole = cut_text(text) if file.diff_truncated else text
            file.diff_text = decoded(whole[1:] + b"\n") if whole else ""
        return diff


def read(
    git: Git, lines: Sequence[str], most: int, make: Make[FileT], options: Sequence[str] = ()
) -> Iterator[Changed[FileT] | None]:
    """Yield what each of `lines` changed, in order, None for one that git cannot read.

    Lines and `options` are those of `diffs.read`; of one commit `most` files are kept.
    """
    told = partial(parsed, most=most, make=make)
    return persistently(lines, lambda some: confirmed(git, (*RAW, *options), some, told))


def words(pipe: RawIOBase) -> Iterator[str]:
    r"""Yield what ends with NUL; bytes that are not UTF-8 become `\xe9`: two paths stay two."""
    rest = b""
    while chunk := pipe.read(CHUNK):
        whole, ended, rest = (rest + chunk).rpartition(b"\0")
        if ended:
            yield from whole.decode("utf-8", "backslashreplace").split("\0")


def parsed(
    pipe: RawIOBase, shas: Sequence[str], most: int, make: Make[FileT]
) -> Iterator[Changed[FileT]]:
    """Yield what each of `shas` changed, once the next hash, or the end, has been seen."""
    given = words(pipe)
    word = next(given, None)
    for sha, following in zip(shas, [*shas[1:], None], strict=True):
        if word != sha:
            return
        files: list[FileT] = []
        pairs, kinds = list[str](), list[str]()
        while (word := next(given, None)) is not None and word[:1] == ":":
            pair, _, kind = word.rpartition(" ")
            first = next(given, "")
            moved = kind[0] in "RC"
            path = next(given, "") if moved else first
            if len(pairs) < most:
                files.append(make(word, path, first if moved else None))
            pairs.append(pair)
            kinds.append(kind[0])
        if word != following:
            return
        yield Changed(CommitDiff(files, "".join(kinds), is_capped=len(pairs) > most), pairs)
