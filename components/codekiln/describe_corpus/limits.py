"""What the data may be used for, what not, and what nobody should take it for."""

from collections.abc import Iterator

from codekiln.core.page import words
from codekiln.describe_corpus.card import Card

FEW_REPOSITORIES = 50
LARGE_SHARE = 0.2
"""Of the examples in one repository: from here the data is that repository's rather than Go's."""


def uses(card: Card) -> list[str]:
    """Say what the data is made for."""
    told = "training and measuring models that plan and write changes of Go code"
    measured = ", ".join(sorted(name.split(".jsonl")[0] for name in card.benchmarks))
    held = f"; examples that hold problems of {measured} were taken out" if measured else ""
    return [f"Made for {told}, one declaration or hunk at a time{held}."]


def limits(card: Card) -> list[str]:
    """Say what it must not be used for, and what is not known of it."""
    return list(_limits(card))


def _limits(card: Card) -> Iterator[str]:
    yield (
        "Not for finding, rating or profiling people: names, addresses and keys were masked by "
        "patterns, which find what looks like one, not everything that is one."
    )
    yield (
        "Not for passing code on as your own: every example keeps its repository and license; the "
        "notices that those ask for stay due."
    )
    yield (
        "A merged change is what people agreed on, not what is right: nothing here was run, and no "
        "example is proof that code is correct or safe."
    )
    yield from _of_figures(card)
    yield (
        "Who does not want to be in it: codekiln forget OWNER/NAME takes a repository out of all "
        "data sets, keeps it out, and lists what was trained on it."
    )


def _of_figures(card: Card) -> Iterator[str]:
    seen = card.seen
    many = len(seen.repositories)
    if 0 < many < FEW_REPOSITORIES:
        from_ = words.counted(many, "repository", "repositories")
        yield f"Of {from_} only: a model learns their habits rather than Go's."
    for name, count in seen.repositories.most_common(1):
        if many > 1 and count > LARGE_SHARE * seen.examples:
            yield f"{words.percent(count, seen.examples)} of it is {name}: hear it in the answers."
    unknown = seen.tests.get("unknown", 0)
    if unknown:
        share = words.percent(unknown, seen.examples)
        yield f"Whether tests passed is unknown of {share} of the examples."
    broken = seen.syntax.get("invalid", 0) + seen.syntax.get("unknown", 0)
    if broken:
        share = words.percent(broken, seen.examples)
        yield f"Of {share} the code does not parse as Go, or nobody tried."
    if not card.benchmarks:
        yield "Not to be measured by public benchmarks: none was held against it."
