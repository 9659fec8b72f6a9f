"""Which texts hold a benchmark's problem, or much of one.

A problem is three parts (statement, solution, tests), and all of them together. Of each part and
view (see `lexing`) the runs of so many tokens are kept, without those that many problems of one
benchmark share: they are its form, not its problems. A text is contaminated by a part if it holds
at least `share` of the part's runs, and at least `fewest` of them; the table below says which.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codekiln.clean_corpus.benchmarks import Problem
from codekiln.clean_corpus.lexing import NUMBERS, SHAPE, VIEWS, WORDS, Tokens, grams, views
from codekiln.clean_corpus.text_hashes import Hashes, Places, batches, mixed

FORM = 8
"""A run in more problems of one benchmark than this is its form."""
FILTER_BITS = 24
NONE = np.zeros(0, np.int64)
PAIR = 1 << 32
"""Two numbers below it are one, so that numpy sorts pairs as it sorts numbers."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """How runs of one view are counted."""

    run: int
    """Tokens in a run."""
    share: float
    fewest: int
    """Runs that must be met, or all of a part that has fewer."""
    least: int
    """Runs that a part must have to be looked for."""
    kinds: int
    """Different tokens that a run needs: 0 0 0 0 is in every table."""


THRESHOLDS: Mapping[str, Threshold] = {
    WORDS: Threshold(run=8, share=0.35, fewest=6, least=3, kinds=4),
    SHAPE: Threshold(run=16, share=0.55, fewest=16, least=16, kinds=5),
    NUMBERS: Threshold(run=8, share=0.5, fewest=6, least=6, kinds=4),
}


_SALTS = {
    view: np.uint64(0xD1B54A32D192ED03 * number % (1 << 64)) for number, view in enumerate(VIEWS, 1)
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a problem in one view; a text that holds so many of its runs is contaminated."""

    problem: Problem
    name: str
    view: str
    runs: int
    needed: int


@dataclass(frozen=True, slots=True)
class Contamination:
    """The worst that was found in a text."""

    part: Part
    share: float

    def __str__(self) -> str:
        """Name the problem and what of it was found."""
        told = self.part
        where = f"{told.problem.benchmark} {told.problem.name}"
        return f"{where}: {self.share:.0%} of its {told.name} ({told.view})"


class Detector:
    """Looks for problems in texts."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.parts: list[Part] = []
        runs: list[Hashes] = []
        for part, found in _parts(problems):
            runs.append(found)
            self.parts.append(part)
        sizes = [len(one) for one in runs]
        every = np.concatenate([np.zeros(0, np.uint64), *runs])
        order = np.argsort(every, kind="stable")
        self._runs = every[order]
        self._owners = np.repeat(np.arange(len(runs)), sizes)[order]
        self._needed = np.array([part.needed for part in self.parts], np.int64)
        self._filter = np.zeros(1 << FILTER_BITS, np.bool_)
        self._filter[_slots(self._runs)] = True

    def find(self, texts: Sequence[bytes]) -> Mapping[int, Contamination]:
        """Return what the contaminated ones of `texts` hold, by their places."""
        found: dict[int, Contamination] = {}
        for start, stop in batches(texts):
            for place, one in self._found(texts[start:stop]):
                found[start + place] = one
        return found

    def _found(self, texts: Sequence[bytes]) -> Iterator[tuple[int, Contamination]]:
        met = [self._met(_runs(tokens, view)) for view, tokens in views(texts).items()]
        pairs, counts = np.unique(np.concatenate(met), return_counts=True)
        guilty = counts >= self._needed[pairs % PAIR]
        worst: dict[int, Contamination] = {}
        for pair, count in zip(pairs[guilty].tolist(), counts[guilty].tolist(), strict=True):
            text, part = pair // PAIR, self.parts[pair % PAIR]
            one = Contamination(part, count / part.runs)
            if text not in worst or one.share > worst[text].share:
                worst[text] = one
        yield from worst.items()

    def _met(self, tokens: Tokens) -> Places:
        """Return text * PAIR + part for each run of a part that a text holds."""
        near = np.flatnonzero(self._filter[_slots(tokens.hashes)])
        hashes, owners = tokens.hashes[near], tokens.owners[near]
        first = np.searchsorted(self._runs, hashes, side="left")
        real = np.searchsorted(self._runs, hashes, side="right") > first
        # A run counts once, however often a text holds it.
        owners, first = np.divmod(np.unique(owners[real] * PAIR + first[real]), PAIR)
        counts = np.searchsorted(self._runs, self._runs[first], side="right") - first
        inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        parts = self._owners[np.repeat(first, counts) + inside]
        return np.asarray(np.repeat(owners, counts) * PAIR + parts, np.int64)


def _runs(tokens: Tokens, view: str) -> Tokens:
    """Return the runs of a view, told apart from those of the others."""
    made = grams(tokens, THRESHOLDS[view].run)
    return Tokens((made.hashes ^ _SALTS[view]) * np.uint64(0x9E3779B97F4A7C15), made.owners)


def _slots(hashes: Hashes) -> Places:
    return (hashes >> np.uint64(64 - FILTER_BITS)).astype(np.int64)


def _parts(problems: Sequence[Problem]) -> Iterator[tuple[Part, Hashes]]:
    """Yield each part that can be told from others, with its runs."""
    named = [(one, name, text) for one in problems for name, text in one.parts.items()]
    for view, made in _read([text.encode() for _, _, text in named]).items():
        made = _distinct(made.where(~np.isin(made.hashes, _form(made, named))))
        ends = np.searchsorted(made.owners, np.arange(len(named) + 1))
        wanted = THRESHOLDS[view]
        for place in np.flatnonzero(np.diff(ends) >= wanted.least).tolist():
            runs = made.hashes[ends[place] : ends[place + 1]]
            problem, name, text = named[place]
            if view != SHAPE or _is_go(name, text):
                share = max(wanted.fewest, int(np.ceil(wanted.share * len(runs))))
                yield Part(problem, name, view, len(runs), min(share, len(runs))), runs


def _is_go(name: str, text: str) -> bool:
    """Say whether a part has a shape to compare: a solution in Go. Tests all have the same."""
    return name == "solution" and "func " in text


def _read(texts: Sequence[bytes]) -> Mapping[str, Tokens]:
    """Return the runs of each view that have enough different tokens."""
    made: dict[str, list[Tokens]] = {view: [Tokens(np.zeros(0, np.uint64), NONE)] for view in VIEWS}
    for start, stop in batches(texts):
        for view, tokens in views(texts[start:stop]).items():
            runs = _telling(tokens, view)
            made[view].append(Tokens(runs.hashes, runs.owners + start))
    return {
        view: Tokens(
            np.concatenate([one.hashes for one in parts]),
            np.concatenate([one.owners for one in parts]),
        )
        for view, parts in made.items()
    }


def _telling(tokens: Tokens, view: str) -> Tokens:
    wanted = THRESHOLDS[view]
    made = _runs(tokens, view)
    count = len(tokens.hashes) - wanted.run + 1
    if count <= 0:
        return made
    whole = tokens.owners[:count] == tokens.owners[wanted.run - 1 :]
    windows = np.lib.stride_tricks.sliding_window_view(tokens.hashes, wanted.run)[whole]
    ordered = np.sort(windows, axis=1)
    kinds = 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
    return made.where(kinds >= wanted.kinds)


def _distinct(made: Tokens) -> Tokens:
    """Return each run of a text once, sorted within its text."""
    order = np.lexsort((made.hashes, made.owners))
    hashes, owners = made.hashes[order], made.owners[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    return Tokens(hashes[new], owners[new])


def _form(made: Tokens, named: Sequence[tuple[Problem, str, str]]) -> Hashes:
    """Return the runs that too many problems of one benchmark share."""
    parts = len(named[0][0].parts) if named else 1
    names = {problem.benchmark: number for number, (problem, _, _) in enumerate(named)}
    benchmarks = np.array([names[problem.benchmark] for problem, _, _ in named], np.uint64)
    of_problem = mixed(made.hashes ^ mixed((made.owners // parts).astype(np.uint64)))
    once = np.unique(of_problem, return_index=True)[1]
    runs, owners = made.hashes[once], made.owners[once]
    _, first, counts = np.unique(
        mixed(runs ^ mixed(benchmarks[owners])), return_index=True, return_counts=True
    )
    return np.unique(runs[first[counts > FORM]])
