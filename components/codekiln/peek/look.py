"""What is shown of each thing that a path can hold."""

import json
import random
import shlex
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.tokens.packed_info import TRAIN
from codekiln.peek import place, records, telling, windows_view
from codekiln.peek.json_lines import JsonLines
from codekiln.peek.place import Corpus, Data, Document, Files, Lines, Packed, Vocabulary, Windows
from codekiln.peek.records import LINES, Listed
from codekiln.peek.shelf import Shelf


def at(told: Namespace) -> None:
    """Find what is at the path that `told` names, and write it."""
    found = place.at(told.path, told.version)
    what, known = FLAGS[type(found)]
    telling.check_flags(told, what, known)
    try:
        LOOKS[type(found)](found, told)
    except RecursionError as error:
        # What was just shallow enough to be read may be too deep to be written.
        raise InputError(f"{told.path} is nested too deeply to be shown; mend it") from error


def _files(found: Files, told: Namespace) -> None:
    _records(records.of_files(found, told.table), told, telling.wanted(told, has_repository=True))


def _data(found: Data, told: Namespace) -> None:
    shown = records.of_data(found, told.table, told.repository or "")
    _records(shown, told, telling.wanted(told))


def _records(found: records.Records, told: Namespace, asked: dict[str, str]) -> None:
    kind = records.kind_of(next(iter(found.parts), None))
    telling.check_sections(told.section, kind.sections)
    shelf = Shelf(found.parts, asked)
    total = None if found.are_many and not told.count else shelf.count()
    table = f"of {found.table} " if kind.many == "rows" else ""
    where = f"found {found.where}" if asked else f"{table}{found.where}"
    telling.tell(told, Listed(kind, shelf, total, where, found.others))


def _lines(found: Lines, told: Namespace) -> None:
    lines = JsonLines(found.store, found.name, telling.wanted(told, has_repository=True))
    total = lines.count() if told.count else None
    telling.tell(told, Listed(LINES, lines, total, f"of {found.name}"))


def _windows(found: Windows, told: Namespace) -> None:
    info = windows_view.info_of(found.store)
    total = len(info.windows)
    numbers = _numbers(told, total, "window")
    if told.json:
        telling.write_json({"path": told.path, **windows_view.document(found.store, numbers)})
        return
    on = telling.screen_of(told)
    on.line(
        (f"{total:,} windows", "bold"),
        f" of {info.window:,} tokens, overlapping by {info.overlap:,}: {info.tokens:,} tokens, "
        f"{info.vocab_size:,} in the vocabulary",
    )
    windows_view.show(on, found.store, numbers, with_ids=told.tokens)
    telling.more(on, told, len(numbers), total, "--number N, --tokens")


def _numbers(told: Namespace, total: int, what: str) -> list[int]:
    """Return which of `total` things that are numbered from 0 are to be shown."""
    if told.number is not None:
        if not told.number.isdecimal() or int(told.number) >= total:
            raise InputError(f"there is no {what} {told.number}: give 0 to {total - 1}")
        return [int(told.number)]
    if told.sample:
        draw = random.Random(told.seed)  # noqa: S311 -- no secret
        return sorted(draw.sample(range(total), min(told.sample, total)))
    return list(range(min(1 if told.limit is None else told.limit, total)))


def _packed(found: Packed, told: Namespace) -> None:
    # Loaded here, as the tokenizer: looking at records does not wait for them.
    from codekiln.peek import packed_view

    tokens = packed_view.Tokens(found.uri)
    split = told.table or TRAIN
    rows = tokens.rows(split)
    total = tokens.info.splits[split].rows
    asked = telling.wanted(told, has_repository=True)
    asked.pop("number", None)
    if asked and (told.sample or told.number is not None):
        flag = "--sample" if told.sample else "--number"
        raise InputError(f"{flag} stands beside a value of tokens: leave out one of them")
    numbers = rows.numbers(asked)[: told.limit or 1] if asked else _numbers(told, total, "row")
    shown = [rows.row(number) for number in numbers]
    if told.json:
        telling.write_json(
            {"path": told.path, "split": split, "rows": [packed_view.document(r) for r in shown]}
        )
        return
    on = telling.screen_of(told)
    packed_view.headline(on, tokens.info)
    for row in shown:
        on.line()
        packed_view.show(on, tokens, row, told.section, with_ids=told.tokens)
    telling.more(on, told, len(shown), total, "--number ROW, --table validation, --id ID, --tokens")


def _vocabulary(found: Vocabulary, told: Namespace) -> None:
    from codekiln.peek import pieces, tokenizer_view

    sentences = pieces.fetched(found.store)
    if told.json:
        document = tokenizer_view.document(sentences, told.text)
        telling.write_json({"path": told.path, **document})
        return
    on = telling.screen_of(told)
    on.line(("a tokenizer", "bold"), f" of {sentences.vocab_size:,} tokens")
    tokenizer_view.show(on, sentences, told.text, with_ids=told.tokens)
    on.line(("another text: --text TEXT; with ids: --tokens", "dim"))


def _corpus(found: Corpus, told: Namespace) -> None:
    if told.json:
        telling.write_json({"path": told.path, "holds": found.what, "parts": list(found.parts)})
        return
    on = telling.screen_of(told)
    on.line((found.what, "bold"), "; look into one of its parts:")
    for name in found.parts:
        on.line(f"  codekiln peek {shlex.quote(f'{found.uri}/{name}')}")


def _document(found: Document, told: Namespace) -> None:
    if told.json:
        telling.write_json({"path": told.path, "document": dict(found.told)})
        return
    on = telling.screen_of(told)
    phase = found.told.get("phase")
    on.line((f"what {phase} left" if phase else "a document", "bold"), f": {found.place}")
    on.code(json.dumps(found.told, indent=2, ensure_ascii=False), language="json")


LOOKS: dict[type, Callable[[Any, Namespace], None]] = {
    Files: _files,
    Data: _data,
    Lines: _lines,
    Windows: _windows,
    Packed: _packed,
    Vocabulary: _vocabulary,
    Corpus: _corpus,
    Document: _document,
}

_RECORDS = ("limit", "sample", "number", "id", "repository", "where", "count", "table", "section")
FLAGS: dict[type, tuple[str, tuple[str, ...]]] = {
    Files: ("records", (*_RECORDS, "tokenizer")),
    Data: ("a data set", (*_RECORDS, "tokenizer")),
    Lines: ("lines of JSON", tuple(name for name in _RECORDS if name != "table")),
    Windows: ("windows of tokens", ("limit", "sample", "number", "tokens")),
    Packed: ("packed tokens", (*(n for n in _RECORDS if n != "count"), "tokens")),
    Vocabulary: ("a tokenizer", ("text", "tokens")),
    Corpus: ("a place of several things", ()),
    Document: ("a document", ()),
}
"""What each thing is called, and which flags it has beside those of how it is shown."""
