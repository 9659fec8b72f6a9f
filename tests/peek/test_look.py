import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codekiln.core.corpus import examples
from codekiln.core.tokens import sections
from codekiln.core.tokens.sentences import Sentences

Peek = Callable[..., str]


def document(peek: Peek, path: Path, *flags: str) -> Any:
    return json.loads(peek(path, "--json", *flags))


def test_examples_are_shown_section_by_section_with_a_line_that_counts_them(
    shelf: Path, peek: Peek
) -> None:
    told = peek(shelf / "examples", "--limit", "1")
    assert told.startswith("60 examples in 3 files\n")
    places = [told.index(f"── {name} ") for name in ("problem", "context", "plan", "code")]
    assert places == sorted(places)
    assert "1 of 60 shown; more: --limit N" in told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rejects", "went because: near duplicate: ffff"),
        ("pulls", "acme/router #1  Fix"),
        ("data", "4 pull requests in version 1"),
        ("collected", "of 2 repositories"),
        ("collected/reference.json", "of 2 repositories"),
        ("commits", "0000001  subject 1"),
        ("history", "windows of 8 tokens, overlapping by 2"),
        ("packed", "packed tokens: rows of 256"),
        ("tokenizer", "<|/plan|> 9"),
        ("tokenizer/tokenizer.model", "a tokenizer of 600 tokens"),
        ("packed/train.jsonl", "── plan "),
        ("packed/train-documents.parquet", "rows of train-documents in train-documents.parquet"),
        ("packed/manifest.json", "what pack_examples left"),
        ("gathered", "2 examples in version 1"),
        ("corpus", "/corpus/examples"),
    ],
)
def test_each_thing_is_known_by_what_lies_there(
    shelf: Path, peek: Peek, name: str, said: str
) -> None:
    assert said in peek(shelf / name)


@pytest.mark.parametrize(
    ("flags", "many"),
    [
        (("--number", "7"), 1),
        (("--repository", "ACME/store3"), 5),
        (("--where", "intent=fix", "kind=declaration"), 60),
        (("--where", "plan.target_kind=method"), 0),
        (("--where", "repository=acme/store3", "--number", "15"), 1),
        ((), 60),
    ],
)
def test_filters_count_what_passes(
    shelf: Path, peek: Peek, flags: tuple[str, ...], many: int
) -> None:
    assert document(peek, shelf / "examples", "--count", *flags)["count"] == many


def test_with_a_tokenizer_sections_tell_their_tokens(shelf: Path, peek: Peek) -> None:
    first = next(examples.read(shelf / "examples"))
    told = peek(shelf / "examples", "--tokenizer", str(shelf / "tokenizer"), "--limit", "1")
    [code] = Sentences.load(shelf / "tokenizer").encode([first.solution.code])
    assert f"characters, {len(code)} tokens" in told[told.index("── code") :]


def test_the_beginning_of_an_id_finds_its_example(shelf: Path, peek: Peek) -> None:
    wanted = list(examples.read(shelf / "examples"))[41]
    [found] = document(peek, shelf / "examples", "--id", wanted.id[:12])["records"]
    assert (found["id"], found["number"]) == (wanted.id, wanted.number)
    rows = document(peek, shelf / "packed", "--id", wanted.id)["rows"]
    rows = (
        rows or document(peek, shelf / "packed", "--id", wanted.id, "--table", "validation")["rows"]
    )
    assert wanted.id in [one["id"] for row in rows for one in row["documents"]]


def test_a_sample_is_the_same_for_the_same_seed(shelf: Path, peek: Peek) -> None:
    told = [
        document(peek, shelf / "examples", "--sample", "4", "--seed", seed)["records"]
        for seed in ("1", "1", "2")
    ]
    assert told[0] == told[1] != told[2]
    assert len({one["id"] for one in told[0]}) == 4


def test_of_one_repository_only_its_pull_requests_are_shown(shelf: Path, peek: Peek) -> None:
    told = document(peek, shelf / "data", "--repository", "acme/queue")
    assert [one["number"] for one in told["records"]] == [7]


def test_patches_are_shown_where_they_are_asked_for(shelf: Path, peek: Peek) -> None:
    assert "+b" not in peek(shelf / "pulls", "--limit", "1")
    assert "+b" in peek(shelf / "pulls", "--limit", "1", "--section", "patch")


def test_a_row_of_tokens_is_the_examples_that_were_packed(shelf: Path, peek: Peek) -> None:
    by_id = {one.id: sections.texts(one) for one in examples.read(shelf / "examples")}
    told = document(peek, shelf / "packed", "--limit", "2")
    for row in told["rows"]:
        tokens = [len(part) for one in row["documents"] for part in one["sections"].values()]
        assert sum(tokens) + row["padding"] == 256
    first = told["rows"][0]["documents"][0]
    text = peek(shelf / "packed", "--section", "code")
    assert by_id[first["id"]]["code"].split("\n")[0] in text


def test_what_is_learned_is_told_apart_and_pieces_show_their_ids(shelf: Path, peek: Peek) -> None:
    told = peek(shelf / "packed", "--tokens")
    assert "given, not learned" in told
    assert "tokens are learned" in told
    for piece in ("<|bos|>[1]", "<|plan|>[8]", "<|eos|>[2]"):
        assert piece in told


def test_a_tokenizer_shows_how_it_cuts_a_text_also_one_it_must_spell(
    shelf: Path, peek: Peek
) -> None:
    told = peek(shelf / "tokenizer", "--text", "if 日", "--tokens")
    assert "<0xE6>[" in told
    cut = document(peek, shelf / "tokenizer", "--text", "if x")
    assert "".join(cut["pieces"]) == "if x"


def test_windows_are_shown_by_number(shelf: Path, peek: Peek) -> None:
    told = document(peek, shelf / "history", "--number", "1")
    assert told["shown"] == [{"window": 1, "start": 6, "stop": 14, "ids": list(range(6, 14))}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/nowhere/at/all",), "there is nothing"),
        (("{}/examples", "--where", "x"), "give COLUMN=VALUE"),
        (("{}/examples", "--where", "nope=1"), "no column nope; give one of id,"),
        (("{}/examples", "--section", "nope"), "give problem, context, plan, code"),
        (("{}/examples", "--version", "2"), "is no data set"),
        (("{}/examples", "--table", "nope"), "give one of examples"),
        (("{}/examples", "--limit", "0"), "give 1 or more"),
        (("{}/examples", "--bogus"), "unrecognized arguments"),
        (("{}/data", "--repository", "a/b"), "holds no a/b"),
        (("{}/data", "--version", "9"), "has no version 9"),
        (("{}/packed", "--number", "999"), "there is no row 999: give 0 to"),
        (("{}/packed", "--table", "nope"), "give train or validation"),
        (("{}/history", "--number", "x"), "there is no window x"),
        (("{}",), "holds nothing that is known here"),
        (("{}/packed/train-00000.ids",), "is not known here"),
        (("s3://",), "names no bucket"),
    ],
)
def test_what_cannot_be_shown_ends_in_one_line(
    shelf: Path, refused: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused(*(word.format(shelf) for word in words))


def test_files_that_are_not_what_their_name_says_end_in_one_line(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    for name in ("examples-00000.parquet", "a.jsonl", "reference.json", "tokens.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_bytes(b"PAR1{not")
        assert name in refused(folder, "--number", "1") or name in refused(folder / name)
