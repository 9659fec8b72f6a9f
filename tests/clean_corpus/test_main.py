"""The clean_corpus phase from a folder of examples to a folder of examples."""

import json
from collections.abc import Sequence
from pathlib import Path

import example_folders
import planted_secrets
import pytest

from codekiln.clean_corpus.__main__ import MASKING_KEY, clean_corpus
from codekiln.clean_corpus.settings import Settings
from codekiln.core import manifest
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import REJECTS, Example
from codekiln.core.errors import InputError
from codekiln.core.manifest import Manifest
from codekiln.core.outputs import Executor
from codekiln.core.program import perform

QUESTION = "Ann has 17 pears and gives 5 of them to each of her 3 friends. How many are left over?"


def run(folder: Path, some: Sequence[Example], **told: object) -> Manifest:
    """Clean some examples below `folder`; return the manifest."""
    built = example_folders.built(folder / "examples", some)
    settings = Settings.model_validate(
        {"examples": built, "cleaned": folder / "cleaned", "rejects": folder / "rejects", **told}
    )
    perform(clean_corpus, settings, Executor())
    return manifest.read(folder / "cleaned")


def mixed(folder: Path) -> list[Example]:
    """Return examples of which most go, each for a reason of its own."""
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "made.jsonl").write_text(json.dumps({"id": 1, "question": QUESTION}))
    mail = planted_secrets.SECRETS["email"](planted_secrets.Chance(1))
    return [
        example_folders.example(1, example_folders.function(1) + f"// ask {mail}\n"),
        example_folders.example(2, example_folders.function(1) + "// ask\n"),
        example_folders.example(3, details=QUESTION),
        example_folders.example(4, license="GPL-3.0"),
        example_folders.example(5, repository="left/out"),
        example_folders.example(6, path="vendor/a.go"),
        example_folders.example(7, "x" * 70_000),
        example_folders.example(8),
    ]


def test_every_example_is_kept_or_counted_under_its_reason(tmp_path: Path) -> None:
    told = run(
        tmp_path, mixed(tmp_path), benchmarks=str(tmp_path / "benchmarks"), opt_out="left",
        index=str(tmp_path / "index"),
    )  # fmt: skip
    assert told.counts == {
        "examples": 8, "kept": 2, "dropped_code_too_long": 1, "dropped_contaminated": 1,
        "dropped_license_not_allowed": 1, "dropped_near_duplicate": 1, "dropped_opted_out": 1,
        "dropped_vendored": 1, "masked_email": 1,
    }  # fmt: skip
    dropped = sum(many for name, many in told.counts.items() if name.startswith("dropped_"))
    assert told.counts["examples"] == told.counts["kept"] + dropped
    assert told.metrics == told.counts
    assert set(told.inputs) == {"examples", "benchmark made.jsonl", "index"}
    kept = list(examples.read(tmp_path / "cleaned"))
    assert [one.number for one in kept] == [1, 8]
    assert "// ask user-" in kept[0].solution.code
    rows = list(examples.rows_of(examples.shard(tmp_path / "rejects", 0, REJECTS)))
    assert sorted(row["number"] for row in rows) == [2, 3, 4, 5, 6, 7]


def test_two_runs_write_the_same_bytes_and_a_key_makes_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MASKING_KEY, raising=False)
    some = mixed(tmp_path)
    one, two = run(tmp_path / "1", some), run(tmp_path / "2", some)
    assert one.digest == two.digest
    assert run(tmp_path / "3", some, seed=43).digest != one.digest
    monkeypatch.setenv(MASKING_KEY, "a secret")
    keyed = run(tmp_path / "4", some)
    assert keyed.digest != one.digest
    assert "a secret" not in json.dumps(keyed.settings)


def test_a_night_that_runs_again_finds_what_it_found(tmp_path: Path) -> None:
    some = mixed(tmp_path)
    index = str(tmp_path / "index")
    first = run(tmp_path / "1", some, index=index)
    assert run(tmp_path / "1", some, index=index).digest == first.digest
    again = run(tmp_path / "2", [*some, example_folders.example(9)], index=index)
    assert again.counts["kept"] == 1
    assert again.counts["dropped_seen_before"] == first.counts["kept"]


def test_rejects_are_as_many_as_were_asked_for(tmp_path: Path) -> None:
    some = [example_folders.example(n, path="vendor/a.go") for n in range(9)]
    told = run(tmp_path, [*some, example_folders.example(9)], rejects_per_reason=2)
    assert told.counts["dropped_vendored"] == 9
    assert len(list(examples.rows_of(examples.shard(tmp_path / "rejects", 0, REJECTS)))) == 2


def test_rules_by_which_nothing_stays_are_refused_with_the_reasons(tmp_path: Path) -> None:
    some = [example_folders.example(1, path="vendor/a.go"), *map(example_folders.example, (2, 3))]
    said = "none of 3 examples stays: 3 license not allowed; give other licenses"
    with pytest.raises(InputError, match=said):
        run(tmp_path, some, licenses="GPL-3.0")
    assert not (tmp_path / "cleaned" / manifest.NAME).exists()


def test_a_poisoned_corpus_passes_and_every_drop_is_counted(tmp_path: Path) -> None:
    depth = 5000
    some = [
        example_folders.example(1, "x := `" + "y" * 2_000_000 + "`\n"),
        example_folders.example(2, "\0\0binary"),
        example_folders.example(3, "f(" * depth + ")" * depth),
        example_folders.example(4, "{\n" * depth + "}\n" * depth),
        example_folders.example(5, "é\u2028\u0085\r\v\f" * 40 + "\n" + example_folders.function(5)),
        example_folders.example(6, title="\ufeff\u202e", details="<!--" * 8000 + "> " * 8000),
        *(example_folders.example(n, f"x{n}\n", id=f"tiny{n}") for n in range(10, 3000)),
        example_folders.example(7),
    ]
    told = run(tmp_path, some, index=str(tmp_path / "index"))
    assert told.counts["examples"] == len(some)
    dropped = {n: many for n, many in told.counts.items() if n.startswith("dropped_")}
    assert dropped == {
        "dropped_code_too_long": 1, "dropped_not_text": 1, "dropped_minified": 1,
        "dropped_nested_too_deeply": 1,
    }  # fmt: skip
