"""README.md: the card in the format of the Hugging Face Hub, for whoever publishes the data."""

from collections.abc import Iterator
from typing import Any

import yaml

from codekiln.core.page import words
from codekiln.describe_corpus import licenses, limits
from codekiln.describe_corpus.card import Card
from codekiln.describe_corpus.packed_story import WHOLE

NAME = "README.md"
SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"),
)  # fmt: skip
"""huggingface.co/docs/hub/datasets-cards: the size categories."""
FIELDS = (
    ("id", "the same in every run, from repository, number, path and target"),
    ("repository, repository_id, license", "owner/name, GitHub's node id, SPDX identifier"),
    ("number, commit, merged_at", "of the pull request"),
    ("path, kind", "the file after the change; a whole declaration, or a hunk"),
    ("problem", "title and details: what was wanted"),
    ("context", "path and before: what stood there"),
    ("plan", "steps: intent, evidence, kind and name of the target, description"),
    ("solution", "code, syntax (and its error and Go's version), tests"),
)
SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def render(card: Card) -> str:
    """Return the README."""
    head = yaml.safe_dump(front_matter(card), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n" + "\n".join(_lines(card)) + "\n"


def front_matter(card: Card) -> dict[str, Any]:
    """Return what machines read: license, language, size, task, tags."""
    names = sorted({licenses.hub_name(name) for name in card.seen.licenses})
    return {
        "pretty_name": words.safe(card.title),
        "license": names or [licenses.UNKNOWN],
        "language": ["code", "en"],
        "task_categories": ["text-generation"],
        "size_categories": [size_category(card.seen.examples)],
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
        "tags": ["code", "go", "pull-requests", "program-synthesis", "codekiln"],
    }


def size_category(examples: int) -> str:
    """Return the Hub's word for so many examples."""
    return next((name for most, name in SIZES if examples < most), "n>1T")


def plain(text: object) -> str:
    """Return `text` on one line, nothing of it Markdown."""
    return " ".join(words.safe(text).split()).translate(SPECIAL)


def _lines(card: Card) -> Iterator[str]:
    seen = card.seen
    yield from (f"# {plain(card.title)}", "")
    yield (
        f"{words.count(seen.examples)} examples of "
        f"{words.counted(len(seen.repositories), 'Go repository', 'Go repositories')}, made from "
        f"{words.counted(card.pull_requests, 'merged pull request', 'merged pull requests')}. Each "
        "says what was wanted (problem), what stood there (context), what to do (plan) and what "
        "was written (code)."
    )
    yield from ("", "## Fields", "")
    yield from _table(("field", "what it holds"), FIELDS)
    yield from ("", "## From pull requests to examples", "")
    yield from _funnel(card)
    yield from ("", "## Licenses", "")
    yield from _table(("license", "examples"), seen.licenses.most_common())
    yield from ("", "## What it is about", "")
    yield from _table(
        ("intent", "target", "examples"), [(*pair, n) for pair, n in seen.intents.most_common(20)]
    )
    if card.packed:
        yield from ("", "## Tokens", "")
        yield from _tokens(card)
    yield from ("", "## Cleaning", "")
    yield from _cleaning(card)
    yield from ("", "## Uses and limits", "")
    yield from (f"- {plain(line)}" for line in (*limits.uses(card), *limits.limits(card)))
    yield from (f"- Not known. {plain(line)}" for line in card.absent)
    yield from ("", "## Made from", "")
    yield from _origins(card)


def _table(head: tuple[str, ...], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(' --- ' for _ in head)}|"
    for row in rows:
        cells = (words.count(one) if isinstance(one, int) else plain(one) for one in row)
        yield f"| {' | '.join(cells)} |"


def _funnel(card: Card) -> Iterator[str]:
    for stage in card.funnel.stages:
        yield (
            f"- **{stage.name}**: {words.count(stage.total)} {stage.what} = "
            f"{words.count(stage.kept)} {stage.kept_as} + {words.count(stage.gone)} dropped"
        )
        yield from (f"  - {words.count(one.count)} {plain(one.name)}" for one in stage.dropped)
    yield from (f"- Does not add up: {plain(fault)}" for fault in card.faults)


def _tokens(card: Card) -> Iterator[str]:
    packed = card.packed
    if packed is None:
        return
    head = ("side", "rows", "examples", "repositories", "tokens")
    rows = [
        (name, one.rows, one.documents, one.repositories, one.tokens)
        for name, one in packed.info.splits.items()
    ]
    yield from _table(head, rows)
    whole = packed.lengths[WHOLE]
    yield ""
    yield (
        f"An example has {whole.mean:.0f} tokens on average, {words.count(whole.quantile(0.95))} "
        f"or fewer in 95 of 100. {plain(packed.info.outlook.advice)}."
    )


def _cleaning(card: Card) -> Iterator[str]:
    found = [(part.name, part.count) for part in card.duplicates]
    found += [("held a problem of a benchmark", card.contaminated)]
    found += [(f"{part.name} masked", part.count) for part in card.masked]
    yield from _table(("what was found", "count"), found)


def _origins(card: Card) -> Iterator[str]:
    rows = [
        (
            one.manifest.phase, one.manifest.version, one.manifest.started,
            f"version {one.version}" if one.version is not None else "files",
            one.handed_on[:16], one.manifest.settings_digest[:16],
        )
        for one in card.origins.values()
    ]  # fmt: skip
    yield from _table(("step", "codekiln", "when", "data", "digest", "settings"), rows)
