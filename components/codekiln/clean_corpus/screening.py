"""What is decided about one example by itself: rules, prose, benchmarks, masks."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codekiln.clean_corpus import prose
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.content import Parts, Rule, parts_of
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.reading import Read
from codekiln.core.corpus.examples import Example

ROBOT, NO_PROSE, CONTAMINATED = "robot", "no problem text", "contaminated"
NO_SLASH = "\0"
"""Between the parts of a path that is looked into: behind a slash an address is one of a URL."""


@dataclass(frozen=True, slots=True)
class Screened:
    """An example, cleaned, and why it goes: "" if it stays; `detail` says more."""

    example: Example
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Screen:
    """Everything that examples are held against."""

    rules: Sequence[Rule]
    detector: Detector | None
    masker: Masker

    def screened(self, read: Sequence[Read]) -> list[Screened]:
        """Return what becomes of each example; those that go are masked too, for people look."""
        verdicts = [self._ruled(example, reason) for example, reason in read]
        verdicts = list(self._decontaminated(verdicts))
        masked = self._masked([one.example for one in verdicts])
        return [
            dataclasses.replace(one, example=example)
            for one, example in zip(verdicts, masked, strict=True)
        ]

    def _ruled(self, example: Example, reason: str | None) -> Screened:
        if reason:
            return Screened(example, reason)
        parts = parts_of(example)
        for rule in self.rules:
            if found := rule(parts):
                return Screened(example, found)
        if prose.is_robot(parts.title, parts.details):
            return Screened(example, ROBOT)
        return _with_prose(example, parts)

    def _decontaminated(self, verdicts: Sequence[Screened]) -> Iterator[Screened]:
        staying = [place for place, one in enumerate(verdicts) if not one.reason]
        texts = [_all_texts(verdicts[place].example) for place in staying]
        found = self.detector.find(texts) if self.detector else {}
        guilty = {staying[place]: str(one) for place, one in found.items()}
        for place, one in enumerate(verdicts):
            detail = guilty.get(place)
            yield Screened(one.example, CONTAMINATED, detail) if detail else one

    def _masked(self, examples: Sequence[Example]) -> Iterator[Example]:
        """Yield `examples` without secrets in any of their texts."""
        texts = [_texts(example) for example in examples]
        owners = [e.repository_id for e, own in zip(examples, texts, strict=True) for _ in own]
        masked = iter(self.masker.masked([one for own in texts for one in own], owners))
        for example, own in zip(examples, texts, strict=True):
            new = [next(masked) for _ in own]
            yield example if new == own else _with_texts(example, new)


def _with_prose(example: Example, parts: Parts) -> Screened:
    """Return the example with what people wrote of its problem."""
    title, details = prose.cleaned_title(parts.title), prose.cleaned(parts.details)
    problem = dataclasses.replace(example.problem, title=title.decode(), details=details.decode())
    reason = "" if title or details else NO_PROSE
    return Screened(dataclasses.replace(example, problem=problem), reason)


def _all_texts(example: Example) -> bytes:
    """Return everything of `example` that a problem could stand in."""
    problem = example.problem
    parts = [problem.title, problem.details, example.context.before, example.solution.code]
    parts += [step.description for step in example.plan]
    return "\n".join(parts).encode()


def _texts(example: Example) -> list[bytes]:
    """Return the texts of `example` that can hold a secret."""
    problem, context, solution = example.problem, example.context, example.solution
    texts = [problem.title, problem.details, context.before, solution.code, solution.syntax_error]
    texts += [step.description for step in example.plan]
    places = [context.path, *(step.target_name for step in example.plan)]
    texts += [place.replace("/", NO_SLASH) for place in places]
    return [text.encode() for text in texts]


def _with_texts(example: Example, texts: Sequence[bytes]) -> Example:
    """Return `example` with other texts, in the order of `_texts`."""
    title, details, before, code, error, *rest = (text.decode() for text in texts)
    count = len(example.plan)
    path, *names = (place.replace(NO_SLASH, "/") for place in rest[count:])
    plan = tuple(
        dataclasses.replace(step, target_name=name, description=text)
        for step, name, text in zip(example.plan, names, rest[:count], strict=True)
    )
    return dataclasses.replace(
        example,
        problem=dataclasses.replace(example.problem, title=title, details=details),
        context=dataclasses.replace(example.context, path=path, before=before),
        solution=dataclasses.replace(example.solution, code=code, syntax_error=error),
        plan=plan,
    )
