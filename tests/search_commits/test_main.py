"""The search from its command line to its answer."""

import json
from pathlib import Path

import builders
import pytest

from codekiln.core import manifest, program
from codekiln.core.embedding import encoder, points
from codekiln.core.embedding.encoder import Encoder
from codekiln.core.embedding.points import Payload
from codekiln.search_commits.__main__ import search_commits
from codekiln.search_commits.settings import Settings

SUBJECTS = ("fix a data race in the cache", "translate the manual into French", "bump version")


@pytest.fixture(scope="module")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embeddings")
    source = encoder.find()
    payloads = [
        Payload(
            hash=f"{number:040x}",
            abbrev_hash=f"{number:07x}",
            author="Ann",
            timestamp="2026-01-01T00:00:00Z",
            subject=subject,
            complexity=0.1,
            files_changed=1,
        )
        for number, subject in enumerate(SUBJECTS)
    ]
    points.write(folder, Encoder(source).encode(SUBJECTS), payloads)
    builders.finish(folder, "embed_commits", {"commits": len(SUBJECTS)})
    told = json.loads((folder / manifest.NAME).read_text())
    manifest.write_json(folder / manifest.NAME, {**told, "inputs": {"model": source.digest}})
    return folder


def run(*argv: str) -> None:
    program.run(search_commits, Settings, list(argv))


def test_a_question_is_answered_with_the_commit_that_means_it(
    embeddings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--embeddings", str(embeddings), "--query", "concurrency bug", "--format", "json")
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["rank"] for answer in answers] == [1, 2, 3]
    assert answers[0]["subject"] == SUBJECTS[0]


def test_a_pipe_gets_one_line_a_commit(
    embeddings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--embeddings", str(embeddings), "--query", "concurrency bug")
    answers = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [answer[0] for answer in answers] == ["1", "2", "3"]
    assert answers[0][2:] == ["0" * 7, "2026-01-01", "Ann", SUBJECTS[0]]


def test_a_question_of_spaces_is_none(embeddings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("--embeddings", str(embeddings), "--query", "  ")
    assert ended.value.code == 2
    assert "at least 1 character" in capsys.readouterr().err


def test_a_table_is_shown_by_default(embeddings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--embeddings", str(embeddings), "--query", "French", "--limit", "1")
    out = capsys.readouterr().out
    assert "translate the manual" in out
    assert "bump version" not in out


def test_another_model_is_refused_in_one_line(
    embeddings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / encoder.MARK).write_text("[]")
    with pytest.raises(SystemExit) as ended:
        run("--embeddings", str(embeddings), "--query", "x", "--model", str(tmp_path))
    assert ended.value.code == 2
    assert "did not make these embeddings" in capsys.readouterr().err
