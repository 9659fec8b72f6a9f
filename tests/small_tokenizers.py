"""A small tokenizer that was trained on some of Go's own sources, and sources it never saw."""

import functools
import random
from collections.abc import Iterable, Sequence

from go_sources import SOURCES

from codekiln.core.tokens.sentences import Sentences
from codekiln.train_tokenizer import sample
from codekiln.train_tokenizer.training import LETTERS, Rules, train

SEEN = ("bytes", "strconv", "text/template", "net/url", "sort")


def package(name: str) -> list[str]:
    """Return the files of a package of Go's own."""
    return [path.read_bytes().decode() for path in sorted((SOURCES / name).glob("*.go"))]


@functools.cache
def go_files(many: int, longest: int = 10_000) -> tuple[str, ...]:
    """Return whole files of Go's distribution of any package, those in UTF-8, of so many bytes."""
    paths = sorted(path for path in SOURCES.rglob("*.go") if path.is_file())
    chosen = random.Random(many).sample(paths, many)  # noqa: S311 -- nothing is kept secret
    read = (path.read_bytes() for path in chosen)
    return tuple(filter(None, (text_of(data) for data in read if len(data) <= longest)))


def text_of(data: bytes) -> str:
    """Return the text of a file; "" if it is not in UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def trained(texts: Iterable[str], vocab_size: int = 2000) -> bytes:
    """Train a tokenizer on `texts`; all letters of theirs are learned."""
    chunks: Sequence[str] = [chunk for text in texts for chunk in sample.chunks(text)]
    letters = LETTERS.union(*chunks)
    return train(chunks, Rules(vocab_size, frozenset(letters), split_digits=True))


@functools.cache
def model() -> bytes:
    """Return a model that knows Go."""
    return trained(text for name in SEEN for text in package(name))


@functools.cache
def sentences() -> Sentences:
    """Return that model, loaded."""
    return Sentences(model())
