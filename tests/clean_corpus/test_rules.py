"""What decides which examples stay, and its digest."""

import gzip
from pathlib import Path

import pytest

from codekiln.clean_corpus import rules
from codekiln.clean_corpus.settings import Settings


def digest(**told: object) -> str:
    places = {"examples": "a", "cleaned": "b", "rejects": "c"}
    return rules.of(Settings.model_validate({**places, **told})).digest


@pytest.mark.parametrize(
    "told",
    [
        {"opt_out": "acme"}, {"licenses": "MIT"}, {"likeness": 0.9}, {"max_code_kib": 1},
        {"max_context_kib": 1}, {"max_details_kib": 1}, {"seed": 1},
    ],
)  # fmt: skip
def test_all_that_changes_what_stays_changes_the_digest(told: dict[str, object]) -> None:
    assert digest(**told) != digest()


def test_places_and_what_is_only_shown_do_not_change_the_digest() -> None:
    told = {"examples": "x", "corpus": "y", "rejects_per_reason": 1, "opt_out": "# none"}
    assert digest(**told) == digest()
    assert digest(opt_out="b, A") == digest(opt_out="a b")


def test_a_benchmark_that_changed_changes_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl.gz"
    told = []
    for question in ("Who?", "When?"):
        path.write_bytes(gzip.compress(b'{"id": 1, "question": "%s"}' % question.encode()))
        told.append(digest(benchmarks=str(tmp_path)))
    assert len({*told, digest()}) == 3
