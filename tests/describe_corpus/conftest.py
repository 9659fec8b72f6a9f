"""What the steps left of a small corpus, once for all tests; nobody writes into it."""

from pathlib import Path

import builders
import packed_examples
import pytest
from example_folders import example
from packed_examples import made

from codekiln.clean_corpus.rejects import Rejects
from codekiln.describe_corpus.card import Folders

MADE = {
    "pull_requests": 70, "pull_requests_with_examples": 60, "pull_requests_without_not_go": 10,
    "files": 80, "files_with_examples": 70, "files_without_test": 10,
    "candidates": 72, "dropped_moved_only": 5, "examples": 67,
}  # fmt: skip
CLEANED = {
    "examples": 67, "kept": 60, "dropped_near_duplicate": 4, "dropped_license_not_allowed": 2,
    "dropped_contaminated": 1, "masked_email": 3,
}  # fmt: skip


@pytest.fixture(scope="session")
def left(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Leave everything that a card can be made of, as plain folders."""
    root = tmp_path_factory.mktemp("left")
    cleaned = packed_examples.cleaned(root / "cleaned", [made(n) for n in range(60)], files=2)
    builders.finish(cleaned, "clean_corpus", CLEANED)
    tokenizer = packed_examples.tokenizer(root / "tokenizer")
    packed_examples.run(cleaned, tokenizer, root / "tokens")
    return Folders(
        collected=finished(root / "collected", "snapshot_pulls", MADE),
        examples=finished(root / "examples", "build_examples", MADE),
        cleaned=cleaned,
        rejects=rejects(root / "rejects"),
        tokenizer=tokenizer,
        tokens=root / "tokens",
    )


def finished(folder: Path, phase: str, counts: dict[str, int]) -> Path:
    """Leave only the manifest of a step."""
    folder.mkdir()
    return builders.finish(folder, phase, counts)


def rejects(folder: Path) -> Path:
    """Leave what cleaning wrote out of what went."""
    folder.mkdir()
    with Rejects(folder, 50) as written:
        for number in range(4):
            one = example(number, code=f"func Twin{number}() {{}}\n")
            written.add(one, "near duplicate", f"{number:032x}")
        for number in range(2):
            one = example(number, code=f"func Gpl{number}() {{}}\n", license="GPL-3.0-only")
            written.add(one, "license not allowed", "")
        written.add(example(9), "contaminated", "HumanEval HumanEval/3: 90% of its solution (code)")
    return builders.finish(folder, "clean_corpus", CLEANED)
