import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.page import words
from codekiln.peek import command
from codekiln.peek.screen import Screen

Refused = Callable[..., str]
DEEP = "[" * 200_000


@pytest.fixture
def packed(shelf: Path, tmp_path: Path) -> Path:
    """Copy packed tokens that may be damaged."""
    return Path(shutil.copytree(shelf / "packed", tmp_path / "packed"))


@pytest.mark.parametrize("kind", ["ids", "sections", "bounds", "offsets"])
@pytest.mark.parametrize("size", [0, 3, 8])
def test_tokens_that_were_cut_are_refused(
    packed: Path, refused: Refused, kind: str, size: int
) -> None:
    path = packed / f"train-00000.{kind}"
    path.write_bytes(path.read_bytes()[:size])
    said = refused(packed)
    assert path.name in said
    assert "run pack_examples again" in said


@pytest.mark.parametrize("kind", ["ids", "bounds", "offsets"])
def test_tokens_of_any_bytes_are_refused(packed: Path, refused: Refused, kind: str) -> None:
    path = packed / f"train-00000.{kind}"
    path.write_bytes(b"\xfe\x7d" * (path.stat().st_size // 2))
    assert "run pack_examples again" in refused(packed)


@pytest.mark.parametrize("name", ["length", "shard_rows"])
def test_rows_of_no_length_are_refused(packed: Path, refused: Refused, name: str) -> None:
    path = packed / "tokens.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: -5}))
    assert "run pack_examples again" in refused(packed)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "reference.json", "tokens.json"])
def test_json_that_is_nested_too_deeply_is_refused(
    tmp_path: Path, refused: Refused, name: str
) -> None:
    (tmp_path / name).write_text(DEEP)
    assert name in refused(tmp_path / name)


@pytest.mark.parametrize("depth", [250, 500, 900, 960])
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_json_of_any_depth_is_shown_or_refused(
    tmp_path: Path, depth: int, flags: tuple[str, ...]
) -> None:
    (tmp_path / "a.jsonl").write_text("[" * depth + "]" * depth)
    with contextlib.suppress(InputError):
        command.do(command.parser().parse_args([str(tmp_path), *flags]))


def test_a_name_in_an_error_acts_on_no_terminal(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "a\x1b[31m\ncodekiln: fine\u202e.jsonl").write_text("{not")
    said = refused(tmp_path)
    assert r"a\x1b[31m\ncodekiln: fine\u202e.jsonl" in said
    assert said[:-1].isprintable()


@pytest.mark.parametrize(
    ("name", "flags", "said"),
    [
        ("packed", ("--count",), "--count says nothing of packed tokens"),
        ("packed", ("--where", "repository=a/b", "--sample", "2"), "leave out one of them"),
        ("examples", ("--text", "x"), "--text says nothing of records"),
        ("examples", ("--tokens",), "--tokens says nothing of records"),
        ("examples", ("--number", "abc"), "--number abc is no number"),
        ("tokenizer", ("--where", "a=b"), "--where says nothing of a tokenizer"),
    ],
)
def test_flags_that_a_kind_does_not_have_are_refused(
    shelf: Path, refused: Refused, name: str, flags: tuple[str, ...], said: str
) -> None:
    assert said in refused(shelf / name, *flags)


def test_a_run_tells_its_steps(shelf: Path, tmp_path: Path, peek: Callable[..., str]) -> None:
    shutil.copytree(shelf / "tokenizer", tmp_path / "steps" / "train-tokenizer" / "tokenizer")
    for place in (tmp_path, tmp_path / "steps"):
        assert "/steps/train-tokenizer/tokenizer" in peek(place)


def test_a_file_that_is_no_version_is_named(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "1.json").write_text("garbage")
    assert "it lists a version 1, which is not in v/00000001.json" in refused(tmp_path)


def test_a_model_is_shown_whatever_lies_beside_it(
    shelf: Path, tmp_path: Path, peek: Callable[..., str]
) -> None:
    shutil.copy(shelf / "tokenizer" / "tokenizer.model", tmp_path)
    (tmp_path / "a.parquet").write_text("another")
    assert "a tokenizer of 600 tokens" in peek(tmp_path / "tokenizer.model")


def test_a_pile_of_marks_is_cut_and_a_letter_with_some_is_not() -> None:
    assert words.safe("a" + "\u0301" * 50 + "b") == "a" + "\u0301" * 3 + "b"


def test_a_line_of_megabytes_is_wrapped_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(width=80, is_whole=True).prose("x" * 100_000)
    assert capsys.readouterr().out.count("x") == 100_000
