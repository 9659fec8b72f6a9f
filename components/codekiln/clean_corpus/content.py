"""Which examples hold what no coder should learn from: each rule names its reason, or None."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codekiln.clean_corpus.automaton import compiled
from codekiln.core.corpus.examples import HUNK, Example
from codekiln.core.golang import files

GENERATED = compiled(
    r"(?m)^\s*(?://|/\*|#|\*)\s*(?:Code generated .{0,200}DO NOT EDIT|"
    r"(?i:@generated\b|auto-?generated (?:by|file|code)|"
    r"this (?:file|code) (?:is|was) (?:auto-?|automatically )?generated|"
    r"generated (?:by|from) .{1,100}(?:do not edit|don't edit)|"
    r"do not (?:edit|modify) this file))"
)
"""Go's own mark (https://go.dev/s/generatedcode), and what older generators write."""
GENERATED_PATHS = compiled(
    r"(?:^|/)(?:zz_generated[^/]*|bindata[^/]*|[^/]*_bindata|wire_gen|"
    r"[^/]*\.(?:pb|pb\.gw|gen|generated)|"
    r"[^/]*_(?:generated|ffjson|easyjson|msgpack_gen|ragel|cgo_gen))\.go$|"
    r"(?:^|/)mocks?/[^/]*_mock\.go$"
)
VENDORED = compiled(
    r"(?i)(?:^|/)(?:vendor|_?vendored|third[_-]?party|node_modules|godeps|"
    r"bower_components|\.yarn)/"
)
SPDX = compiled(files.SPDX.pattern)

HEAD_BYTES = 4096
"""Where a file says what it is."""
LONGEST_LINE = 1000
MEAN_LINE = 300
"""Bytes; gofmt'ed Go of people has a mean of 25 to 35, a few lines of a table one of 200."""
DEEPEST = 64
"""Open brackets at one place: people write 15, compilers refuse some hundreds."""
DATA_BYTES, DATA_SHARE = 1024, 0.6

ENCODED = compiled(r"[A-Za-z0-9+/]{64,}")
ENCODED_LENGTHS = (64, 70, 76)
"""Letters in a full line of PEM: RFC 7468 and OpenSSL, OpenSSH, MIME."""
ENCODED_LETTERS = 23
"""Different ones in a line, at the least: hexadecimal digits are 22, base64 has about 40."""
ENCODED_LINES = 3
KEY_FRAME = compiled(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY")

_STEPS = np.zeros(256, np.int32)
_STEPS[list(b"([{")] = 1
_STEPS[list(b")]}")] = -1
_DATA = np.zeros(256, np.bool_)
_DATA[list(b"0123456789abcdefABCDEFxX,.-+\"' \t\n{}\\")] = True
_LETTERS = np.zeros(256, np.bool_)
_LETTERS[list(b"ghijklmnopqrstuvwyzGHIJKLMNOPQRSTUVWYZ")] = True


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest texts, in bytes."""

    code: int
    context: int
    details: int


@dataclass(frozen=True, slots=True)
class Parts:
    """An example as the rules see it: its texts are bytes of UTF-8."""

    example: Example
    title: bytes
    details: bytes
    before: bytes
    code: bytes
    plan: bytes
    """The descriptions of its steps, one a line."""


Rule = Callable[[Parts], str | None]


def parts_of(example: Example) -> Parts:
    """Return the texts of `example` as bytes."""
    return Parts(
        example,
        example.problem.title.encode(),
        example.problem.details.encode(),
        example.context.before.encode(),
        example.solution.code.encode(),
        "\n".join(step.description for step in example.plan).encode(),
    )


def too_long(limits: Limits) -> Rule:
    """Return the rule that texts have limits."""

    def rule(parts: Parts) -> str | None:
        if len(parts.code) > limits.code:
            return "code too long"
        if len(parts.before) > limits.context:
            return "context too long"
        plan = sum(len(step.description) for step in parts.example.plan)
        told = max(len(parts.details), len(parts.title), plan)
        return "details too long" if told > limits.details else None

    return rule


def empty(parts: Parts) -> str | None:
    """Refuse examples without code."""
    return None if parts.code.strip() else "no code"


def not_text(parts: Parts) -> str | None:
    """Refuse binary contents."""
    texts = (parts.code, parts.before, parts.title, parts.details, parts.plan)
    return (
        "not text"
        if any(b"\0" in text or "\ufffd".encode() * 4 in text for text in texts)
        else None
    )


def vendored(parts: Parts) -> str | None:
    """Refuse copies of other projects."""
    return "vendored" if VENDORED.search(parts.example.path.encode()) else None


def generated(parts: Parts) -> str | None:
    """Refuse what a program wrote."""
    if GENERATED_PATHS.search(parts.example.path.encode()):
        return "generated"
    heads = (parts.before[:HEAD_BYTES], parts.code[:HEAD_BYTES])
    return "generated" if any(GENERATED.search(head) for head in heads) else None


def minified(parts: Parts) -> str | None:
    """Refuse lines that no person reads."""
    lines = parts.code.split(b"\n")
    if max(map(len, lines)) > LONGEST_LINE or len(parts.code) > MEAN_LINE * len(lines):
        return "minified"
    return None


def nested(parts: Parts) -> str | None:
    """Refuse brackets in brackets in brackets."""
    code = parts.code
    if code.count(b"(") + code.count(b"[") + code.count(b"{") <= DEEPEST:
        return None
    depth = np.cumsum(_STEPS[np.frombuffer(code, np.uint8)])
    return "nested too deeply" if depth.max() > DEEPEST else None


def data(parts: Parts) -> str | None:
    """Refuse long tables of numbers."""
    if len(parts.code) < DATA_BYTES:
        return None
    read = np.frombuffer(parts.code, np.uint8)
    letters = _LETTERS[read].mean()
    digits = ((read >= 48) & (read <= 57)).mean()
    return "data" if digits > 0.3 and _DATA[read].mean() > DATA_SHARE and letters < 0.15 else None


def encoded(parts: Parts) -> str | None:
    """Refuse what may be pieces of a private key, for nothing tells so where its frame is cut off.

    That is base64 in lines as PEM has them, a certificate's too, whatever stands around each, and a
    hunk in which a key only ends.
    """
    texts = (parts.before, parts.code)
    is_cut = parts.example.kind == HUNK and any(map(_begins_in_key, texts))
    return "encoded" if is_cut or any(map(_has_encoded_lines, texts)) else None


def _has_encoded_lines(text: bytes) -> bool:
    lines = (match.span() for match in ENCODED.finditer(text))
    return sum(_is_encoded_line(text, *span) for span in lines) >= ENCODED_LINES


def _is_encoded_line(text: bytes, start: int, stop: int) -> bool:
    # The n of a line feed that is written \n is none of the letters.
    start += text[start - 1 : start] == b"\\"
    is_full = stop - start in ENCODED_LENGTHS
    return is_full and len(set(text[start:stop])) >= ENCODED_LETTERS


def _begins_in_key(text: bytes) -> bool:
    """Say whether the first frame of a key in `text` is its end."""
    frame = KEY_FRAME.search(text)
    return frame is not None and frame.group(1) == b"END"


CONTENT: tuple[Rule, ...] = (
    empty,
    not_text,
    vendored,
    generated,
    minified,
    nested,
    data,
    encoded,
)
