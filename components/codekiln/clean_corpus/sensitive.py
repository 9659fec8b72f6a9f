"""Where secrets and personal data stand in texts."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from codekiln.clean_corpus import lookalikes
from codekiln.clean_corpus.automaton import Expression, compiled
from codekiln.clean_corpus.secret_patterns import PATTERNS, PRIVATE_KEY
from codekiln.clean_corpus.text_hashes import batches

BATCH_BYTES = 4 << 20
LONGEST_KEY = 32 << 10
"""Bytes of the longest private key; a block without an end is masked so far."""
FRAME, KEY_END = b"-----", b"-----END"
SHORTEST_BODY = 40
SHORTEST_REST = 16

KEY_HEAD = compiled(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nrt])*")
KEY_EDGE = compiled(r"(?:[\s\"'`+,]|\\[nrt])*\z")
KEY_REST = compiled(
    r"(?:EDGE)*((?:[A-Za-z0-9+/]{40,}(?:EDGE)+)*(?:[A-Za-z0-9+/]+(?:EDGE)+)?"
    r"(?:[A-Za-z0-9+/]+={0,2}|=[A-Za-z0-9+/]{4}))(?:EDGE)*\z".replace(
        "EDGE", r"[\s\"'`+,>#*]|\\[nrt]|//[ \t]"
    )
)
"""Full lines, a shorter one, and PGP's checksum, with what code and comments put around lines."""
KEY_BODY = compiled(r"(?:[A-Za-z0-9+/=:,.\s\"'`-]|\\[nrt])*")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A secret of a text: the bytes from `start` up to `stop`; `rank` is its pattern's place."""

    start: int
    stop: int
    rank: int
    kind: str


def find(texts: Sequence[bytes]) -> Mapping[int, list[Finding]]:
    """Return what is found, by the place of its text, in order; findings do not overlap."""
    found: dict[int, list[Finding]] = {}
    for start, stop in batches(texts, BATCH_BYTES):
        for place, hits in _hits(texts[start:stop]).items():
            text = texts[start + place]
            if findings := _apart(one for hit in hits for one in _tried(text, *hit)):
                found[start + place] = findings
    return found


def _hits(texts: Sequence[bytes]) -> Mapping[int, list[tuple[int, int]]]:
    """Return the anchors in each text: from where, to where."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    hits: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for match in _anchors().finditer(b"\n".join(texts)):
        place = bisect_right(ends, match.start())
        base = ends[place] - len(texts[place]) - 1
        hits[place].append((match.start() - base, match.end() - base))
    return hits


@cache
def _anchors() -> Expression:
    """Return all anchors as one expression; without groups, for those cost a second pass."""
    return compiled("|".join(f"(?:{one})" for one in _patterns_by_anchor()))


@cache
def _patterns_by_anchor() -> Mapping[str, Sequence[int]]:
    ranks: dict[str, list[int]] = defaultdict(list)
    for rank, pattern in enumerate(PATTERNS):
        ranks[pattern.anchor].append(rank)
    return ranks


@cache
def _tests() -> Sequence[tuple[Expression, Sequence[int]]]:
    """Return each anchor alone with the places of its patterns, the frequent ones first."""
    ranks = _patterns_by_anchor()
    return [(compiled(anchor), ranks[anchor]) for anchor in reversed(list(ranks))]


@lru_cache(maxsize=1 << 14)
def _ranks(anchor: bytes) -> Sequence[int]:
    """Return the places of the patterns of an anchor that was found; most are found often."""
    return next(ranks for test, ranks in _tests() if test.fullmatch(anchor))


@cache
def _whole(rank: int) -> Expression:
    return compiled(PATTERNS[rank].whole)


def _tried(text: bytes, start: int, stop: int) -> Iterator[Finding]:
    """Yield what the patterns of the anchor between `start` and `stop` find around it."""
    for rank in _ranks(text[start:stop]):
        yield from _matched(text, start, stop, rank)


def _matched(text: bytes, start: int, stop: int, rank: int) -> Iterator[Finding]:
    pattern = PATTERNS[rank]
    if pattern.kind == PRIVATE_KEY:
        is_end = text.startswith(KEY_END, start)
        yield from (key_before if is_end else private_key)(text, start, rank)
        return
    base = max(0, start - pattern.before)
    for match in _whole(rank).finditer(text[base : stop + pattern.after]):
        first, last = match.span(1)
        touches = base + match.start() < stop and base + match.end() > start
        if touches and pattern.check(match.group(1)):
            yield Finding(base + first, base + last, rank, pattern.kind)


def private_key(text: bytes, start: int, rank: int) -> Iterator[Finding]:
    """Yield the body of the key block that starts at `start`, its frame and line ends left."""
    head = KEY_HEAD.match(text[start : start + 200])
    if not head:
        return
    first = start + head.end()
    end = text.find(KEY_END, first, first + LONGEST_KEY)
    if end < 0:
        body = KEY_BODY.match(text[first : first + LONGEST_KEY])
        end = first + (body.end() if body else 0)
    edge = KEY_EDGE.search(text[first:end])
    last = first + (edge.start() if edge else 0)
    if last - first >= SHORTEST_BODY:
        yield Finding(first, last, rank, PRIVATE_KEY)


def key_before(text: bytes, stop: int, rank: int) -> Iterator[Finding]:
    """Yield what is left of a key block that ends at `stop`, if its beginning was cut off.

    Each byte lies before one frame only, so many of them take no longer than their text.
    """
    base = max(0, stop - LONGEST_KEY)
    frame = text.rfind(FRAME, base, stop)
    base = base if frame < 0 else frame + len(FRAME)
    rest = KEY_REST.search(text[base:stop])
    if rest is not None and _is_key(rest.group(1)):
        first, last = rest.span(1)
        yield Finding(base + first, base + last, rank, PRIVATE_KEY)


def _is_key(rest: bytes) -> bool:
    has_digits = any(48 <= byte <= 57 for byte in rest)
    is_mixed = has_digits and rest not in (rest.lower(), rest.upper())
    return is_mixed and len(rest) >= SHORTEST_REST and lookalikes.entropy(rest) >= 3.2


def _apart(findings: Iterator[Finding]) -> list[Finding]:
    """Return findings that do not overlap: of those that do, the one whose pattern comes first."""
    apart: list[Finding] = []
    for one in sorted(set(findings)):
        if not apart or one.start >= apart[-1].stop:
            apart.append(one)
        elif one.rank < apart[-1].rank:
            apart[-1] = one
    return apart
