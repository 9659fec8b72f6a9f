"""The train_tokenizer phase from a folder of examples to a folder of a tokenizer."""

import json
from pathlib import Path

import builders
import pytest
import small_tokenizers
from example_folders import built, example

from codekiln.core import manifest, program
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Writer
from codekiln.core.manifest import Manifest
from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.train_tokenizer.__main__ import train_tokenizer
from codekiln.train_tokenizer.settings import Settings

SMALL = ("--vocab-size", "700", "--workers", "1")
FUNCTIONS = [part for text in small_tokenizers.package("sort") for part in text.split("\n\n")]


def run(cleaned: Path, tokenizer: Path, *more: str) -> Manifest:
    argv = ["--cleaned", str(cleaned), "--tokenizer", str(tokenizer)]
    program.run(train_tokenizer, Settings, [*argv, *SMALL, *more])
    return manifest.read(tokenizer)


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cleaned")
    some = [example(n, code, before="<|code|>\n") for n, code in enumerate(FUNCTIONS[:60])]
    for number in range(4):
        with Writer(examples.shard(folder, number)) as writer:
            for one in some[number::4]:
                writer.add(one)
    return builders.finish(folder, "clean_corpus", {"kept": len(some)})


@pytest.fixture(scope="module")
def made(cleaned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    run(cleaned, folder)
    return folder


def test_every_text_comes_back_and_all_is_counted(made: Path) -> None:
    told = manifest.read(made)
    assert told.counts["examples"] == 60
    assert told.counts["texts_that_came_back"] == 4 * 60
    assert told.counts["vocabulary"] == Sentences.load(made).vocab_size == 700
    fertility = json.loads((made / "fertility.json").read_text())
    assert told.counts["tokens"] == fertility["all"]["tokens"]
    assert told.metrics["characters_per_token"] == fertility["all"]["characters_per_token"]
    assert told.inputs["written"] == Sentences.load(made).digest
    assert set(told.files) == {
        "fertility.json", "special_tokens_map.json", "tokenizer.json", "tokenizer.model",
        "tokenizer_config.json",
    }  # fmt: skip


def test_another_run_on_other_processes_writes_the_same_bytes(
    cleaned: Path, made: Path, tmp_path: Path
) -> None:
    again = run(cleaned, tmp_path, "--workers", "2", "--turn-examples", "20")
    assert again.digest == manifest.read(made).digest


def test_a_tokenizer_that_is_given_is_taken_as_it_is(cleaned: Path, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / MODEL).write_bytes(small_tokenizers.model())
    told = run(cleaned, tmp_path / "t", "--reuse", (tmp_path / "given").as_uri())
    assert (tmp_path / "t" / MODEL).read_bytes() == small_tokenizers.model()
    assert told.inputs["reused"] == small_tokenizers.sentences().digest
    assert told.counts["texts_that_came_back"] == 4 * 60
    assert told.counts["characters_trained_on"] == 0


def test_a_corpus_with_less_to_learn_gives_fewer_pieces_and_the_log_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = built(tmp_path / "c", [example(1, "func f() {}\n" * 100)])
    told = run(few, tmp_path / "t", "--vocab-size", "16384")
    assert told.counts["vocabulary"] < 2000
    assert "pieces, not 16,384" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "characters of text, a tokenizer wants 1,000"),
        (("--reuse", "/no/such/folder"), "reuse is /no/such/folder"),
    ],
)
def test_too_little_text_and_a_wrong_tokenizer_end_with_code_2(
    tmp_path: Path, more: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    few = built(tmp_path / "c", [example(1, "x\n")])
    with pytest.raises(SystemExit) as stop:
        run(few, tmp_path / "t", *more)
    assert stop.value.code == 2
    assert says in capsys.readouterr().err
