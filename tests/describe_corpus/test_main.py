import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path

import builders
import example_folders
import packed_examples
import pytest
import yaml
from example_folders import example

from codekiln.core import manifest, program
from codekiln.core.corpus.examples import Example
from codekiln.describe_corpus import document, page, readme
from codekiln.describe_corpus.__main__ import describe_corpus
from codekiln.describe_corpus.card import Folders
from codekiln.describe_corpus.settings import Settings

EVIL = (
    "<script>alert(1)</script> \x1b[31m \u202etxt.exe\u202c {{ 7 * 7 }} --- | `a` **b** <img src=x>"
)


def described(told: Folders, card: Path, *more: str) -> Path:
    flags = {name: path for name, path in dataclasses.asdict(told).items() if path}
    argv = [word for name, path in flags.items() for word in (f"--{name}", str(path))]
    program.run(describe_corpus, Settings, [*argv, "--card", str(card), *more])
    return card


@pytest.fixture(scope="module")
def card(left: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return described(left, tmp_path_factory.mktemp("card"), "--seed", "7")


def told_in(card: Path) -> document.Told:
    told: document.Told = json.loads((card / document.NAME).read_text(encoding="utf-8"))
    return told


def test_every_sum_of_a_whole_corpus_adds_up(card: Path) -> None:
    told = told_in(card)
    assert told["faults"] == []
    assert [stage["kept"] for stage in told["funnel"]] == [60, 70, 67, 60, 60]
    assert sum(told["licenses"].values()) == told["examples"] == 60
    assert sum(row["examples"] for row in told["by_repository"]) == 60
    assert sum(sum(row.values()) for row in told["intents"].values()) == 60
    tokens = told["tokens"]
    assert sum(tokens["sections"].values()) == tokens["tokens"]
    assert sum(row["tokens"] for row in told["by_repository"]) == tokens["tokens"]
    assert tokens["lengths"]["whole"]["sum"] == tokens["tokens"]
    rows = sum(split["rows"] for split in tokens["splits"].values())
    assert tokens["tokens"] + tokens["padding"] == rows * tokens["length"]


def test_each_repository_is_on_the_side_that_was_packed(card: Path) -> None:
    told = told_in(card)
    sides = [row["split"] for row in told["by_repository"]]
    splits = told["tokens"]["splits"]
    assert {side: sides.count(side) for side in ("train", "validation")} == {
        name: split["repositories"] for name, split in splits.items()
    }
    assert told["tokens"]["repositories_on_both_sides"] == 0


def test_the_page_is_one_file_without_scripts_that_shows_the_sums(card: Path) -> None:
    html = (card / page.NAME).read_text(encoding="utf-8")
    assert html.rstrip().endswith("</html>")
    assert "<script" not in html
    assert not re.search(r"(src|href)=", html)
    assert html.count("✓ adds up") == len(told_in(card)["funnel"]) + 1
    assert "every sum adds up" in html


def test_rejects_are_shown_with_their_reason_but_not_what_is_not_ours_to_show(card: Path) -> None:
    html = (card / page.NAME).read_text(encoding="utf-8")
    assert "Twin" in html
    assert "license not allowed" in html
    assert "HumanEval/3" in html
    assert "Gpl" not in html


def test_the_manifest_names_what_each_step_handed_on(left: Folders, card: Path) -> None:
    inputs = manifest.read(card).inputs
    for role in ("examples", "cleaned", "rejects", "tokenizer", "tokens"):
        assert inputs[role] == manifest.read(getattr(left, role)).digest
    assert inputs["data"] == manifest.read(left.collected).digest


def test_the_readme_has_what_the_hub_reads(card: Path) -> None:
    _, head, body = (card / readme.NAME).read_text(encoding="utf-8").split("---\n", 2)
    told = yaml.safe_load(head)
    assert told["license"] == ["mit"]
    assert told["language"] == ["code", "en"]
    assert told["size_categories"] == ["n<1K"]
    assert "60 examples of 12 Go repositories" in body


def test_a_seed_shows_the_same_examples_again(left: Folders, card: Path, tmp_path: Path) -> None:
    first, again = told_in(card), told_in(described(left, tmp_path / "again", "--seed", "7"))
    assert first["samples"] == again["samples"]


def test_parts_that_are_missing_are_told(left: Folders, tmp_path: Path) -> None:
    told = Folders(
        collected=left.collected, examples=left.examples, cleaned=left.cleaned,
        rejects=None, tokenizer=None, tokens=None,
    )  # fmt: skip
    card = described(told, tmp_path / "card", "--page", str(tmp_path / "more" / "page.html"))
    absent = "\n".join(told_in(card)["absent"])
    for word in ("benchmarks", "rejects", "tokenizer", "packed"):
        assert word in absent
    html = (tmp_path / "more" / "page.html").read_text(encoding="utf-8")
    assert html == (card / page.NAME).read_text(encoding="utf-8")


def test_a_sum_that_is_wrong_stands_on_the_page(left: Folders, tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    counts = {**manifest.read(left.examples).counts, "examples": 66}
    wrong = dataclasses.replace(left, examples=builders.finish(folder, "build_examples", counts))
    card = described(wrong, tmp_path / "card")
    assert len(told_in(card)["faults"]) == 2
    assert "something does not add up" in (card / page.NAME).read_text(encoding="utf-8")


def test_tokens_of_other_examples_are_no_part_of_this_corpus(left: Folders, tmp_path: Path) -> None:
    some = [packed_examples.made(number) for number in range(60, 120)]
    cleaned = packed_examples.cleaned(tmp_path / "cleaned", some)
    builders.finish(cleaned, "clean_corpus", dict(manifest.read(left.cleaned).counts))
    told = told_in(described(dataclasses.replace(left, cleaned=cleaned), tmp_path / "card"))
    [fault] = told["faults"]
    assert "tokens were made from other clean examples than is told here" in fault


def small(folder: Path, some: Sequence[Example], **counts: int) -> Folders:
    """Leave what two steps leave, without rejects and tokens."""
    cleaned = example_folders.built(folder / "cleaned", some)
    made = folder / "examples"
    made.mkdir()
    builders.finish(cleaned, "clean_corpus", {"examples": len(some), "kept": len(some), **counts})
    builders.finish(made, "build_examples", {"examples": len(some)})
    return Folders(
        collected=made, examples=made, cleaned=cleaned, rejects=None, tokenizer=None, tokens=None
    )


def test_hostile_texts_are_only_texts(tmp_path: Path) -> None:
    one = example(
        1, code=f"func a() {{}} // {EVIL}\n", title=EVIL, details=EVIL, before=EVIL, path=EVIL,
        repository=EVIL, license=EVIL, kind=EVIL, descriptions=(EVIL,),
    )  # fmt: skip
    card = described(small(tmp_path, [one], dropped_x=0), tmp_path / "card", "--title", EVIL)
    html = (card / page.NAME).read_text(encoding="utf-8")
    assert html.count("<script") == html.count("<img") == 0
    assert "{{ 7 * 7 }}" in html
    hub = (card / readme.NAME).read_text(encoding="utf-8")
    for sign in ("\x1b", "\u202e"):
        assert sign not in html + hub
    _, head, body = hub.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == ["other"]
    assert not re.search(r"(?<!\\)<", body)


def test_a_corpus_of_nothing_has_a_card(tmp_path: Path) -> None:
    card = described(small(tmp_path, []), tmp_path / "card")
    assert told_in(card)["examples"] == 0


def test_a_version_of_a_data_set_is_described_with_the_counts_of_all_its_runs(
    tmp_path: Path, left: Folders
) -> None:
    shards = [
        [example(n, repository_id=key, repository=f"acme/{key}") for n in (1, 2)] for key in "ab"
    ]
    cleaned = example_folders.gathered(tmp_path / "cleaned", str(tmp_path / "corpus"), shards)
    total = {"examples": 67, "kept": 4, "dropped_robot": 63}
    (cleaned / "counts.json").write_text(json.dumps(total))
    builders.finish(cleaned, "clean_corpus", {"examples": 1, "kept": 1, "total_kept": 4})
    told = dataclasses.replace(left, cleaned=cleaned, tokens=None)
    found = told_in(described(told, tmp_path / "card"))
    assert found["faults"] == []
    assert found["examples"] == 4
    [origin] = [one for one in found["made_from"] if one["role"] == "cleaned"]
    assert origin["version"] == 1
    assert manifest.read(tmp_path / "card").inputs["cleaned"] == origin["version_digest"]
