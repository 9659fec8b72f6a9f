"""card.html: the card for people, one file that asks for nothing from outside."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codekiln.core.corpus.examples import INTENTS, TARGET_KINDS, Example
from codekiln.core.page import words
from codekiln.core.page.sheet import Fact, environment
from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM, WRITTEN
from codekiln.describe_corpus import document, highlighting, histogram, limits
from codekiln.describe_corpus.card import CLEANED, DUPLICATES, TOKENS, Card, validation_rows
from codekiln.describe_corpus.draws import CONTAMINATED, Reject
from codekiln.describe_corpus.funnel import Part
from codekiln.describe_corpus.histogram import Histogram
from codekiln.describe_corpus.packed_story import WHOLE, Packed

NAME = "card.html"
FIRST_REASONS = 6
"""Reasons that a stage tells at once; the others can be unfolded."""
FIRST_REPOSITORIES, MOST_REPOSITORIES = 12, 100
MOST_BARS = 12
WITHHELD = ("license", "opted out", CONTAMINATED)
"""Beginnings of reasons for which the text itself is not shown: it is not ours to show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """How many examples have an intent and a kind of target; `heat` is 0 to 1."""

    count: int
    heat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A section of an example as it is shown: pieces of text with their classes."""

    name: str
    pieces: list[tuple[str, str]]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An example on the page; `reason` and `detail` of one that went."""

    head: str
    note: str
    blocks: list[Block]
    reason: str = ""
    detail: str = ""


def render(card: Card) -> str:
    """Return the page."""
    seen = card.seen
    return (
        environment("codekiln.describe_corpus")
        .get_template("card.html")
        .render(
            card=card,
            flow=list(flow(card)),
            facts=list(facts(card)),
            stages=[(stage, *told_apart(stage.dropped)) for stage in card.funnel.stages],
            shares=token_shares(card.packed) if card.packed else [],
            licenses=bars(seen.licenses, "none"),
            kinds=bars(seen.kinds),
            tests=bars(seen.tests),
            years=bars(
                {str(year): count for year, count in sorted(seen.years.items())}, sort=False
            ),
            targets=[kind for kind in TARGET_KINDS if any(k == kind for _, k in seen.intents)],
            intents=intents(seen.intents),
            lengths=lengths(card),
            pulls=histogram.of_counts(
                "Examples of one pull request", seen.pulls.lengths(), "examples"
            ),
            steps=histogram.of_counts("Steps of one plan", seen.steps, "steps"),
            repositories=document.compose(card)["by_repository"],
            first_repositories=FIRST_REPOSITORIES,
            most_repositories=MOST_REPOSITORIES,
            samples=[shown(one, card.ask.sample_chars) for one in card.samples],
            rejects=[rejected(one, card.ask.sample_chars) for one in _shown_rejects(card)],
            validation=bool(card.packed and validation_rows(card.packed)),
            uses=limits.uses(card),
            limits=limits.limits(card),
            duplicates=[part for part in card.duplicates if part.count],
            by_benchmark=bars(card.rejects.benchmarks) if card.rejects else [],
            commands=list(commands(card)),
            written=card.written.strftime("%Y-%m-%d %H:%M UTC"),
        )
    )


def facts(card: Card) -> Iterator[Fact]:
    """Yield the tiles at the top."""
    seen, packed = card.seen, card.packed
    yield Fact(
        name="repositories",
        value=words.count(card.repositories),
        note=f"{words.count(len(seen.repositories))} with examples",
    )
    yield Fact(name="pull requests", value=words.short(card.pull_requests), note="looked at")
    yield Fact(name="examples made", value=words.short(card.made), note="before cleaning")
    kept = words.percent(seen.examples, card.made)
    yield Fact(name="examples kept", value=words.short(seen.examples), note=f"{kept} of them")
    if packed is None:
        yield Fact(name="text", value=words.size(seen.bytes), note="of all sections, in UTF-8")
        return
    full = words.percent(packed.tokens, packed.slots)
    rows = sum(split.rows for split in packed.info.splits.values())
    outlook = packed.info.outlook
    yield Fact(
        name="tokens",
        value=words.short(packed.tokens),
        note=f"{words.short(outlook.tokens)} to train on",
    )
    yield Fact(
        name="rows",
        value=words.short(rows),
        note=f"of {words.count(packed.info.length)}, {full} full",
    )
    yield Fact(
        name="to be trained",
        value=words.short(outlook.trained),
        note=f"in {outlook.epochs} epochs, {100 * outlook.share:.1f} % of the target",
    )
    held = packed.info.splits.get("validation")
    share = words.percent(held.tokens, packed.tokens) if held else "none"
    many = words.counted(held.repositories if held else 0, "repository", "repositories")
    yield Fact(name="held out", value=share, note=many)


def flow(card: Card) -> Iterator[Part]:
    """Yield what there is after each step, in order."""
    for stage in card.funnel.stages[:1]:
        yield Part(name="pull requests", count=stage.total)
    names = {"Pull requests": "with examples", "Files": "files of Go", "Candidates": "examples"}
    names |= {"Cleaning": "clean", "Packing": "packed"}
    for stage in card.funnel.stages:
        yield Part(name=names[stage.name], count=stage.kept)
    if card.packed:
        yield Part(name="tokens", count=card.packed.tokens)


def told_apart(found: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that are told at once, and those that can be unfolded; one is no rest."""
    many = len(found) if len(found) <= FIRST_REASONS + 1 else FIRST_REASONS
    return list(found[:many]), list(found[many:])


def bars(counted: Mapping[str, int], nameless: str = "none", *, sort: bool = True) -> list[Part]:
    """Return the bars of `counted`, the largest first; small ones beyond MOST_BARS together."""
    pairs = (
        sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])) if sort else counted.items()
    )
    found = [Part(name=name or nameless, count=count) for name, count in pairs]
    if len(found) <= MOST_BARS + 1:
        return found
    rest = found[MOST_BARS:]
    others = Part(name=f"{len(rest)} others", count=sum(part.count for part in rest))
    return [*found[:MOST_BARS], others]


def intents(counted: Mapping[tuple[str, str], int]) -> list[tuple[str, list[Cell], int]]:
    """Return a row for each intent: its name, a cell for each kind of target, its sum."""
    targets = [kind for kind in TARGET_KINDS if any(k == kind for _, k in counted)]
    most = max(counted.values(), default=1)
    rows = []
    for intent in (*INTENTS, *sorted({i for i, _ in counted} - {*INTENTS})):
        counts = [counted.get((intent, target), 0) for target in targets]
        cells = [Cell(count=count, heat=round(count / most, 3)) for count in counts]
        rows.append((intent, cells, sum(n for (i, _), n in counted.items() if i == intent)))
    return rows


def lengths(card: Card) -> list[Histogram]:
    """Return the drawings of lengths: in tokens where there are any, else in characters."""
    if card.packed:
        told, unit = card.packed.lengths, "tokens"
        return [histogram.of_lengths(name, told[name], unit) for name in (WHOLE, *WRITTEN)]
    told, unit = card.seen.lengths, "characters"
    return [histogram.of_lengths(name, told[name], unit) for name in WRITTEN]


def token_shares(packed: Packed) -> list[Part]:
    """Cut all that the rows have room for into sections and padding."""
    found = [Part(name=name, count=count) for name, count in packed.sections.items()]
    return [*found, Part(name="padding", count=packed.padding)]


def shown(example: Example, most: int) -> Shown:
    """Return an example as the page shows it, long texts cut."""
    solution = example.solution
    title = example.problem.title
    plan = "\n".join(
        f"{step.intent} {step.target_kind} {step.target_name}"
        + (f": {step.description}" if step.description else "")
        for step in example.plan
    )
    blocks = [
        _block(PROBLEM, "\n\n".join(filter(None, (title, example.problem.details))), most),
        _block(PLAN, plan, most),
        _block(
            CONTEXT, example.context.before, most, "" if example.context.before else "a new file"
        ),
        _block(CODE, solution.code, most, f"syntax {solution.syntax}, tests {solution.tests}"),
    ]
    return Shown(
        head=f"{example.repository} #{example.number}",
        note=f"{example.path}, {example.license or 'no license'}, {example.merged_at:%Y-%m-%d}",
        blocks=blocks,
    )


def _block(name: str, text: str, most: int, note: str = "") -> Block:
    cut = words.safe(text[:most]).strip("\n")
    left = len(text) - most
    if left > 0:
        cut = f"{cut}\n… {words.count(left)} more characters"
    is_code = name in (CONTEXT, CODE)
    pieces = list(highlighting.pieces(cut)) if cut and is_code else [("", cut)]
    return Block(name=name, pieces=pieces, note=note)


def rejected(reject: Reject, most: int) -> Shown:
    """Return a reject as the page shows it; its text only where it may be shown."""
    told = shown(reject.example, most // 2)
    hidden = reject.reason.startswith(WITHHELD)
    detail = f"of {reject.detail}" if reject.reason in DUPLICATES else reject.detail
    return replace(told, blocks=[] if hidden else told.blocks, reason=reject.reason, detail=detail)


def _shown_rejects(card: Card) -> Sequence[Reject]:
    return card.rejects.shown if card.rejects else ()


def commands(card: Card) -> Iterator[tuple[str, str]]:
    """Yield what a person may want to see more of: in words, and as a command."""
    origin = card.origins[CLEANED]
    place = shlex.quote(origin.data or origin.manifest.settings.get("cleaned", "CLEANED"))
    version = f" --version {origin.version}" if origin.version is not None else ""
    yield "more examples", f"codekiln peek {place}{version} --sample 5"
    if card.packed:
        told = card.origins[TOKENS].manifest.settings.get("tokens", card.packed.place)
        tokens = shlex.quote(card.packed.place or told)
        yield "rows of tokens, and what of them is learned", f"codekiln peek {tokens}"
    if origin.data:
        yield "all of them as JSON lines", f"codekiln data export {place}{version} --table examples"
