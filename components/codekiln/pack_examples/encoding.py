"""From examples to documents: the ids of four sections between their markers, within budgets."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from codekiln.core.corpus.examples import Example
from codekiln.core.tokens.sections import (
    CODE,
    CONTEXT,
    PLAN,
    PROBLEM,
    WRITTEN,
    closing,
    opening,
    texts,
)
from codekiln.core.tokens.sentences import Sentences
from codekiln.pack_examples.budgets import Budgets, shared_out

BATCH = 64
"""Examples whose texts are encoded at once."""

NO_PROBLEM, NO_PLAN, NO_CODE = "no_problem", "no_plan", "no_code"
PROBLEM_TOO_LONG, PLAN_TOO_LONG, CODE_TOO_LONG = (
    "problem_too_long",
    "plan_too_long",
    "code_too_long",
)
PROBLEM_CUT, CONTEXT_CUT, CONTEXT_LOST = "problem_cut", "context_cut", "context_cut_to_nothing"
"""The last: nothing is left of what stood there, at most its path."""

MARKERS = {PROBLEM: 3, CONTEXT: 2, PLAN: 2, CODE: 3}
"""Markers of each section: two, BOS with the problem, EOS with the code."""


@dataclass(frozen=True, slots=True)
class Document:
    """An example as it is packed."""

    ids: list[int]
    sizes: dict[str, int]
    """Tokens of each of WRITTEN, its markers with it; their sum is that of `ids`."""
    texts: dict[str, str]
    """What is left of the text of each."""
    cuts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its ids."""

    text: str
    ids: list[int]


class Encoder:
    """Makes documents with one tokenizer and one set of budgets."""

    def __init__(self, sentences: Sentences, budgets: Budgets) -> None:
        self._sentences, self._budgets = sentences, budgets
        before = {PROBLEM: [sentences.bos]}
        after = {CODE: [sentences.eos]}
        self._before = {
            name: [*before.get(name, ()), sentences.id_of(opening(name))] for name in WRITTEN
        }
        self._after = {
            name: [sentences.id_of(closing(name)), *after.get(name, ())] for name in WRITTEN
        }

    def documents(self, some: Iterable[Example]) -> Iterator[tuple[Example, Document | str]]:
        """Yield each example with its document, or with the reason that it is refused for."""
        for examples in _batches(some):
            told = [texts(example) for example in examples]
            ids = iter(self._sentences.encode([one[name] for one in told for name in WRITTEN]))
            for example, one in zip(examples, told, strict=True):
                encoded = {name: Text(one[name], next(ids)) for name in WRITTEN}
                yield example, self._document(encoded)

    def _document(self, told: dict[str, Text]) -> Document | str:
        needs = {name: len(one.ids) for name, one in told.items()}
        given = shared_out(needs, self._budgets)
        reason = _refused(told, needs, given)
        if reason:
            return reason
        kept = dict(told)
        kept[CONTEXT] = self._cut(told[CONTEXT], given[CONTEXT])
        left = self._budgets.room - sum(len(kept[name].ids) for name in (CONTEXT, PLAN, CODE))
        kept[PROBLEM] = self._cut(told[PROBLEM], left)
        if not kept[PROBLEM].ids:
            return PROBLEM_TOO_LONG
        return self._joined(kept, tuple(_cuts(told, kept)))

    def _cut(self, told: Text, most: int) -> Text:
        """Return the longest run of whole lines, from the first, of at most so many tokens."""
        if len(told.ids) <= most:
            return told
        # The end of what the first ids say may be half a line, even half a letter.
        end = len(self._sentences.decode(told.ids[:most])) + 1
        while (end := told.text.rfind("\n", 0, end)) > 0:
            text = told.text[:end].rstrip("\n")
            [ids] = self._sentences.encode([text])
            # Lines alone may be more tokens than they were before others.
            if len(ids) <= most:
                return Text(text, ids)
        return Text("", [])

    def _joined(self, kept: dict[str, Text], cuts: tuple[str, ...]) -> Document:
        parts = {
            name: [*self._before[name], *kept[name].ids, *self._after[name]] for name in WRITTEN
        }
        return Document(
            ids=[token for name in WRITTEN for token in parts[name]],
            sizes={name: len(part) for name, part in parts.items()},
            texts={name: kept[name].text for name in WRITTEN},
            cuts=cuts,
        )


def _batches(some: Iterable[Example]) -> Iterator[Sequence[Example]]:
    rest = iter(some)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _refused(told: dict[str, Text], needs: dict[str, int], given: dict[str, int]) -> str:
    for name, reason in ((PROBLEM, NO_PROBLEM), (PLAN, NO_PLAN), (CODE, NO_CODE)):
        if not told[name].text.strip():
            return reason
    for name, reason in ((CODE, CODE_TOO_LONG), (PLAN, PLAN_TOO_LONG)):
        if given[name] < needs[name]:
            return reason
    return ""


def _cuts(told: dict[str, Text], kept: dict[str, Text]) -> Iterator[str]:
    if kept[PROBLEM] is not told[PROBLEM]:
        yield PROBLEM_CUT
    if kept[CONTEXT] is not told[CONTEXT]:
        yield CONTEXT_CUT
        if "\n" not in kept[CONTEXT].text:
            yield CONTEXT_LOST
