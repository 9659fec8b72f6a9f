"""Container entry: `python -m codekiln.describe_corpus --collected DIR --examples DIR ...`."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from codekiln.core import manifest, program
from codekiln.core.program import Done
from codekiln.describe_corpus import card, document, page, readme
from codekiln.describe_corpus.card import Ask, Card, Folders
from codekiln.describe_corpus.settings import Settings

logger = logging.getLogger(__name__)


def describe_corpus(settings: Settings) -> Done:
    """Read what the steps left; write the page, the document and the README."""
    told = card.gather(folders_of(settings), ask_of(settings), datetime.now(UTC))
    write(settings, told)
    for fault in told.faults:
        logger.warning("does not add up: %s", fault)
    for line in told.absent:
        logger.info("not told: %s", line)
    return Done(counts=counts(told), metrics=metrics(told), sources=sources(told))


def folders_of(settings: Settings) -> Folders:
    """Return where the steps left their outputs."""
    return Folders(**{role: getattr(settings, role) for role in card.ROLES})


def ask_of(settings: Settings) -> Ask:
    """Return what the card is to be like."""
    return Ask(
        title=settings.title,
        samples=settings.samples,
        seed=settings.seed,
        sample_chars=settings.sample_chars,
    )


def write(settings: Settings, told: Card) -> None:
    """Write everything into the card's folder, the page into its own file too."""
    html = page.render(told)
    manifest.write_json(settings.card / document.NAME, document.compose(told))
    (settings.card / readme.NAME).write_text(readme.render(told), encoding="utf-8")
    for path in filter(None, (settings.card / page.NAME, settings.page)):
        place(path, html)


def place(path: Path, html: str) -> None:
    """Write the page into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")


def counts(told: Card) -> dict[str, int]:
    """Return what the manifest tells."""
    found = {
        "repositories": told.repositories,
        "pull_requests": told.pull_requests,
        "examples_made": told.made,
        "examples": told.seen.examples,
    }
    if told.packed:
        found["tokens"] = told.packed.tokens
    return {**found, "faults": len(told.faults)}


def metrics(told: Card) -> dict[str, float]:
    """Return the figures for the run page."""
    found: dict[str, float] = dict(counts(told))
    found["kept_share"] = round(told.seen.examples / max(told.made, 1), 4)
    if told.packed:
        found["target_share"] = told.packed.info.outlook.share
        found["padding_share"] = round(told.packed.padding / max(told.packed.slots, 1), 4)
    return found


def sources(told: Card) -> dict[str, str]:
    """Return the digest of what each step handed on: of the data, where its folder names some."""
    names = {role: "data" if role == card.COLLECTED else role for role in told.origins}
    return {names[role]: origin.handed_on for role, origin in told.origins.items()}


if __name__ == "__main__":
    program.run(describe_corpus, Settings)
