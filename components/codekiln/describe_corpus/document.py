"""card.json: every figure of the page, for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from codekiln.describe_corpus.card import Card
from codekiln.describe_corpus.lengths import Lengths
from codekiln.describe_corpus.packed_story import Packed

NAME = "card.json"
SCHEMA = 1
Told = dict[str, Any]
"""A card as JSON."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def compose(card: Card) -> Told:
    """Return the document."""
    seen = card.seen
    return {
        "schema": SCHEMA,
        "title": card.title,
        "written": card.written.isoformat(timespec="seconds"),
        "repositories": card.repositories,
        "repositories_with_examples": len(seen.repositories),
        "pull_requests": card.pull_requests,
        "examples_made": card.made,
        "examples": seen.examples,
        "text_bytes": seen.bytes,
        "funnel": [stage.to_json() for stage in card.funnel.stages],
        "faults": card.faults,
        "chain": [asdict(link) for link in card.links],
        "absent": card.absent,
        "licenses": dict(seen.licenses.most_common()),
        "by_repository": _repositories(card),
        "kinds": dict(seen.kinds),
        "intents": _intents(card),
        "steps_a_plan": _sorted(seen.steps),
        "syntax": dict(seen.syntax),
        "tests": dict(seen.tests),
        "years": _sorted(seen.years),
        "examples_a_pull_request": _sorted(seen.pulls.lengths()),
        "characters": {name: lengths_of(told) for name, told in seen.lengths.items()},
        "duplicates": {part.name: part.count for part in card.duplicates},
        "masked": {part.name: part.count for part in card.masked},
        "contaminated": card.contaminated,
        "benchmarks": card.benchmarks,
        "rejects_written": dict(card.rejects.written) if card.rejects else None,
        "contaminated_written": dict(card.rejects.benchmarks) if card.rejects else None,
        "tokens": _tokens(card.packed) if card.packed else None,
        "tokenizer": dict(card.fertility.told) if card.fertility else None,
        "samples": {"seed": card.ask.seed, "ids": [one.id for one in card.samples]},
        "made_from": [origin.to_json() for origin in card.origins.values()],
    }


def _repositories(card: Card) -> list[dict[str, Any]]:
    packed = card.packed
    return [
        {
            "name": name,
            "license": card.seen.licenses_of(name),
            "examples": count,
            "tokens": packed.tokens_of[name] if packed else None,
            "split": packed.side_of.get(name) if packed else None,
        }
        for name, count in card.seen.repositories.most_common()
    ]


def _intents(card: Card) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (intent, target), count in sorted(card.seen.intents.items()):
        found.setdefault(intent, {})[target] = count
    return found


def _sorted(counted: Mapping[int, int]) -> dict[str, int]:
    return {str(value): counted[value] for value in sorted(counted)}


def lengths_of(told: Lengths) -> dict[str, Any]:
    """Return what is told of lengths."""
    shares = {f"p{round(100 * share)}": told.quantile(share) for share in QUANTILES}
    return {"mean": round(told.mean, 1), **shares, "longest": told.longest, "sum": told.sum}


def _tokens(packed: Packed) -> dict[str, Any]:
    info = packed.info
    return {
        "place": packed.place,
        "digest": info.digest,
        "length": info.length,
        "vocab_size": info.vocab_size,
        "tokens": packed.tokens,
        "padding": packed.padding,
        "sections": packed.sections,
        "splits": {name: asdict(split) for name, split in info.splits.items()},
        "lengths": {name: lengths_of(told) for name, told in packed.lengths.items()},
        "repositories_on_both_sides": len(packed.leaks),
        "outlook": asdict(info.outlook),
    }
