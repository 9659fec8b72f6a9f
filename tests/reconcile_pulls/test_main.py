import json
from pathlib import Path
from typing import Any

import pytest
from ledgers_made import Collected, LeftRun

from codekiln.core import manifest, program
from codekiln.core.corpus.ledger import Sums
from codekiln.reconcile_pulls.__main__ import reconcile_pulls
from codekiln.reconcile_pulls.settings import Settings

WHOLE = Sums(total=9, collected=3, filtered={"bot": 2}, beyond=4)
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def run(folder: Path, data: Collected, *flags: str) -> tuple[int, dict[str, Any]]:
    """Run the phase as a program; returns its exit code and its document."""
    argv = ["--data", data.uri, "--ledger", str(folder / "ledger"), *flags]
    code = 0
    try:
        program.run(reconcile_pulls, Settings, argv)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads((folder / "ledger" / "ledger.json").read_text())


def test_a_whole_ledger_is_written_and_its_version_named(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    data.add("a/b", WHOLE)
    left.discovered("a/b").collected([0], of=1)
    code, told = run(tmp_path, data, "--gate", "true", "--run", str(left.root))
    assert (code, told["verdict"], told["name"]) == (0, "complete", "collect-20261121T020000Z")
    assert data.dataset.version("collect-20261121T020000Z").number == 1
    kept = manifest.read(tmp_path / "ledger")
    assert kept.counts["collected"] == 3
    assert kept.metrics["accounted_for"] == 1


def test_a_night_without_news_gives_no_other_name(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    data.add("a/b", WHOLE)
    left.discovered("a/b").collected([0], of=1)
    for _ in range(2):
        _, told = run(tmp_path, data, "--gate", "true", "--run", str(left.root))
    assert told["name"] == "collect-20261121T020000Z"
    assert len(data.dataset.names()) == 1


def test_a_newer_version_of_the_same_moment_has_a_name_of_its_own(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    left.discovered("a/b").collected([0], of=1)
    for number in (1, 2):
        data.add("a/b", Sums(total=number, collected=number))
        run(tmp_path, data, "--gate", "true", "--run", str(left.root))
    names = data.dataset.names()
    assert names == {"collect-20261121T020000Z": 1, "collect-20261121T020000Z-2": 2}
    page = (tmp_path / "ledger" / "ledger.html").read_text()
    assert f"codekiln data diff {data.uri} collect-20261121T020000Z collect-2026" in page


def test_a_version_has_the_name_that_is_asked_for(tmp_path: Path, data: Collected) -> None:
    data.add("a/b", WHOLE)
    _, told = run(tmp_path, data, "--gate", "true", "--name", "first")
    assert (told["name"], data.dataset.names()) == ("first", {"first": 1})


def test_a_gate_fails_with_the_reason_after_it_has_written_the_ledger(
    tmp_path: Path, data: Collected, capsys: pytest.CaptureFixture[str]
) -> None:
    data.add("a/b", Sums(total=10, collected=1))
    code, told = run(tmp_path, data, "--gate", "true")
    assert (code, told["verdict"], told["name"]) == (1, "failed", "")
    why = "9 of 10 pull requests unaccounted for (90.00%, 1.00% allowed): a/b"
    assert why in capsys.readouterr().err
    assert not (tmp_path / "ledger" / manifest.NAME).exists()
    assert not data.dataset.names()


def test_the_same_is_told_without_a_gate_and_fails_nothing(tmp_path: Path, data: Collected) -> None:
    data.add("a/b", Sums(total=10, collected=1))
    code, told = run(tmp_path, data)
    assert (code, told["verdict"]) == (0, "failed")
    assert manifest.read(tmp_path / "ledger").metrics["accounted_for"] == 0


def test_the_limits_are_settings(tmp_path: Path, data: Collected) -> None:
    data.add("a/b", Sums(total=10, collected=1))
    code, told = run(tmp_path, data, "--gate", "true", "--max-unaccounted", "0.9")
    assert (code, told["verdict"]) == (0, "minor")


def test_of_a_run_that_failed_at_once_there_is_a_page_too(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    left.failed("discover-repos", "GITHUB_TOKEN is refused")
    code, told = run(tmp_path, data, "--run", str(left.root))
    assert (code, told["version"]) == (0, None)
    page = (tmp_path / "ledger" / "ledger.html").read_text()
    assert "GITHUB_TOKEN is refused" in page
    assert "nothing there yet" in page


def test_what_others_named_is_text_on_the_page(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    data.add(HOSTILE, Sums(total=3, collected=1, failed={HOSTILE: 1}), license=HOSTILE)
    left.failed("collect-pulls.0", HOSTILE).discovered("a/b")
    run(tmp_path, data, "--run", str(left.root), "--page", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert page == (tmp_path / "ledger" / "ledger.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_repositories_past_the_first_are_folded_away(tmp_path: Path, data: Collected) -> None:
    for number in range(45):
        data.add(f"a/r{number}", Sums(total=1, beyond=1))
    _, told = run(tmp_path, data)
    assert len(told["accounts"]) == 45
    assert "5 more" in (tmp_path / "ledger" / "ledger.html").read_text()


def test_the_version_that_a_prune_leaves_on_top_is_the_one_named(
    tmp_path: Path, data: Collected, left: LeftRun
) -> None:
    left.discovered("a/b").collected([0], of=1)
    for number in (1, 2, 3):
        data.add("a/b", Sums(total=number, collected=number))
    flags = ("--gate", "true", "--run", str(left.root), "--keep-versions", "1")
    code, told = run(tmp_path, data, *flags)
    head = data.dataset.head()
    assert head
    assert (code, told["name"]) == (0, "collect-20261121T020000Z")
    assert data.dataset.names() == {"collect-20261121T020000Z": head.number}


def test_a_gate_refuses_a_place_without_data_and_makes_none_there(
    tmp_path: Path, data: Collected
) -> None:
    code, told = run(tmp_path, data, "--gate", "true")
    assert (code, told["verdict"]) == (1, "failed")
    assert not Path(data.uri).exists()
