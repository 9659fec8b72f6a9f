"""The report phase over runs that succeeded, failed, or left rubbish."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import builders
import pytest

from codekiln.core import manifest
from codekiln.core.outputs import Executor
from codekiln.core.program import perform
from codekiln.report.__main__ import report
from codekiln.report.settings import Settings

PHASES = "survey_history,mine_commits,tokenize,plan_training,embed_commits,train_model"
KEYS = {
    "execution_timestamp", "total_execution_time_seconds", "repository_stats",
    "training_parameters", "phase_results", "training_report",
}  # fmt: skip
FAILED = '{"state": "FAILED", "error": {"code": 1, "message": "step train-model failed"}}'


def told(root: str | Path, phases: str = PHASES, **more: str) -> tuple[dict[str, Any], str]:
    """Run the phase over the run at `root`; return its document and its page."""
    out = Path(more.pop("out", str(root))) / "steps" / "report" / "report"
    settings = Settings.model_validate(
        {"run_root": str(root), "phases": phases, "report": out, **more}
    )
    perform(report, settings, Executor())
    assert manifest.read(out).phase == "report"
    document = (out / "MANIFEST_DYNAMIC.json").read_text()
    assert not re.search(r"\b(NaN|Infinity)\b", document)
    return json.loads(document), (out / "report.html").read_text()


class Page(HTMLParser):
    """Gathers the tags of a page and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def shown(html: str) -> str:
    """Return the words of a page with one blank between any two."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_whole_run_is_told_with_every_promised_key(whole: Path) -> None:
    document, html = told(whole, PHASES.replace("embed_commits,", ""), repository="/x/toy.git")
    assert document.keys() >= KEYS
    assert document["status"] == "success"
    assert document["repository_stats"]["mined"]["commits"] == 4
    assert document["training_parameters"]["plan"]["epochs"] == 2
    assert document["training_report"]["losses"]["best_epoch"] == 2
    trained = document["phase_results"]["train_model"]
    assert trained["status"] == "success"
    assert trained["counts"] == {"things": 12_345}
    assert trained["size"] > 0
    assert trained["seconds"] == 1.0
    words = Page(html).words
    assert "toy" in words
    assert "best: epoch 2" in words
    assert "356 M" in words


def test_a_failed_run_says_which_phase_why_and_what_to_do(failed: Path) -> None:
    document, html = told(failed, status=FAILED)
    assert document["status"] == "failed"
    assert document["failed_phase"] == "train_model"
    assert document["failure"]["error"] == "no space left; free some"
    assert document["phase_results"]["embed_commits"]["status"] == "not run"
    assert document["phase_results"]["tokenize"]["status"] == "success"
    words = Page(html).words
    assert "train_model failed" in words
    assert "no space left; free some" in words
    assert f"codekiln run history --resume {failed}" in words
    assert "line 99" in words
    assert "line 9\n" not in words


def test_a_failed_phase_is_told_with_its_settings_and_their_digest(whole: Path) -> None:
    before, _ = told(whole)
    finished = whole / "steps/train-model/model/manifest.json"
    was = json.loads(finished.read_text())
    finished.unlink()
    failure = {
        "phase": "train_model", "error": "no", "exit_code": 2, "seconds": 5.0,
        "time": "2026-01-01T00:01:00+00:00", "settings": {"size": "tiny"},
        "settings_digest": was["settings_digest"],
    }  # fmt: skip
    manifest.write_json(finished.parents[1] / "failure.json", failure)
    document, _ = told(whole)
    assert document["status"] == "failed"
    assert document["phase_results"]["train_model"]["seconds"] == 5.0
    assert document["training_parameters"]["settings"] == {"size": "tiny"}
    assert document["configuration_digest"] == before["configuration_digest"]
    manifest.write_json(
        finished.parents[1] / "failure.json", {**failure, "settings_digest": "other"}
    )
    assert told(whole)[0]["configuration_digest"] != before["configuration_digest"]


def test_kubeflows_word_names_the_phase_where_the_pod_took_its_record_along(whole: Path) -> None:
    (whole / "steps/train-model/model/manifest.json").unlink()
    document, html = told(whole, status=FAILED)
    assert document["failed_phase"] == "train_model"
    assert "step train-model failed" in Page(html).words


def test_a_run_that_left_nothing_still_gets_its_report(tmp_path: Path) -> None:
    document, html = told(tmp_path, status=FAILED)
    assert document.keys() >= KEYS
    assert document["failed_phase"] == "train_model"
    assert {r["status"] for r in document["phase_results"].values()} == {"failed", "not run"}
    assert "Nothing has finished" in Page(html).words


def test_a_root_that_cannot_be_reached_is_a_line_in_the_report(tmp_path: Path) -> None:
    document, _ = told("gopher://nowhere/run", out=str(tmp_path))
    assert any("gopher:// is no store" in note for note in document["notes"])


BROKEN = (b"", b"{", b"[]", b"\xff\xfe", b'"text"', b"null", b'{"tokens": "x"}', b"[" * 100_000)


@pytest.mark.parametrize("rubbish", BROKEN, ids=range(len(BROKEN)))
def test_rubbish_in_every_file_is_noted_and_never_fails_the_report(
    failed: Path, rubbish: bytes
) -> None:
    for path in failed.rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            path.write_bytes(rubbish)
    document, html = told(failed)
    assert document["phase_results"]["tokenize"]["status"] == "success"
    assert document["notes"]
    assert "What this report could not read" in Page(html).words


ODD = [("timing", {"seconds": 1e999}), ("epochs", 10**400), ("losses", {"best_step": 10**400})]


@pytest.mark.parametrize(("key", "value"), ODD)
def test_figures_that_cannot_be_drawn_never_fail_the_report(
    whole: Path, key: str, value: object
) -> None:
    told_here = whole / "steps/train-model/model/training_report.json"
    told_here.write_text(json.dumps({**json.loads(told_here.read_text()), key: value}))
    _, html = told(whole)
    assert "train_model" in Page(html).words


def test_a_survey_with_odd_values_never_fails_the_report(whole: Path) -> None:
    survey = whole / "steps/survey-history/survey/survey.json"
    survey.write_text('{"branch_count": {"a": []}, "unique_commits": "many"}')
    document, html = told(whole)
    assert any("a detail cannot be read" in note for note in document["notes"])
    assert "What this report could not read" in Page(html).words


def test_a_broken_manifest_is_noted_and_its_phase_has_not_run(whole: Path) -> None:
    (whole / "steps/tokenize/tokens/manifest.json").write_text('{"phase": ["tokenize"]}')
    document, _ = told(whole)
    assert document["phase_results"]["tokenize"]["status"] == "not run"
    assert any("tokens/manifest.json cannot be read" in note for note in document["notes"])


@pytest.mark.parametrize("run", ["whole", "failed"])
def test_hostile_texts_cannot_script_the_page_or_turn_its_text(
    run: str, request: pytest.FixtureRequest
) -> None:
    _, html = told(request.getfixturevalue(run), repository="https://x/<b>y</b>'\"\u202e.git")
    page = Page(html)
    assert {"script", "iframe", "object", "link", "b\x00"}.isdisjoint(tag for tag, _ in page.tags)
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "<script>alert(1)" in page.words
    assert "{{ 7*7 }}" in page.words
    assert "\x00" not in html
    assert "\u202e" not in html


def test_the_page_asks_for_nothing_from_outside(whole: Path) -> None:
    _, html = told(whole)
    sources = [v for _, attrs in Page(html).tags for k, v in attrs.items() if k in ("src", "href")]
    assert all(str(source).startswith("data:") for source in sources)
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert "@import" not in html


def test_passwords_in_urls_stay_out_of_both_files(whole: Path) -> None:
    private = "https://me:hunter2@example.org/toy.git"
    survey = whole / "steps/survey-history/survey/survey.json"
    survey.write_text(json.dumps({"repository": private}))
    document, html = told(whole, repository=private)
    assert "hunter2" not in json.dumps(document) + html
    assert "https://example.org/toy.git" in html


def test_the_page_is_written_where_kubeflow_shows_it_too(whole: Path, tmp_path: Path) -> None:
    page = tmp_path / "artifacts" / "page.html"
    _, html = told(whole, page=str(page))
    assert page.read_text() == html


def test_an_older_report_in_the_run_is_no_phase_of_it(whole: Path) -> None:
    told(whole)
    document, _ = told(whole)
    assert "report" not in document["phase_results"]


def test_a_history_younger_than_a_year_is_told_in_days(whole: Path) -> None:
    _, page = told(whole)
    assert ">days<" in page
    assert ">years<" not in page


def test_a_page_about_the_newest_commits_alone_says_of_how_many(whole: Path) -> None:
    survey = whole / "steps/survey-history/survey/survey.json"
    survey.write_text('{"unique_commits": 5000, "unique_authors": 77, "tag_count": 1}')
    document, html = told(whole)
    text = shown(html)
    assert "commits 4 the newest of 5,000" in text
    assert "Of the newest 4 of 5,000 commits" in text
    assert "authors 1 by e-mail address" in text
    assert document["repository_stats"]["survey"]["unique_commits"] == 5000


def test_the_authors_of_a_whole_history_are_those_of_its_mailmap(whole: Path) -> None:
    survey = whole / "steps/survey-history/survey/survey.json"
    survey.write_text('{"unique_commits": 4, "unique_authors": 2, "tag_count": 1}')
    text = shown(told(whole)[1])
    assert "commits 4 1 merge" in text
    assert "authors 2 by mapped e-mail" in text
    assert "Of the newest" not in text


def test_the_command_for_the_same_run_has_all_that_it_was_told(whole: Path) -> None:
    asked = {"model_size": "tiny", "repository": "/a b", "config": '{"training": {"seed": 7}}'}
    manifest.write_json(whole / "run.json", {"pipeline": "history", "parameters": asked})
    wanted = (
        "codekiln run history --recipe none --model-size tiny --repository '/a b' "
        """--config '{"training": {"seed": 7}}'"""
    )
    assert wanted in Page(told(whole)[1]).words


def test_the_document_has_the_digest_of_every_input(whole: Path) -> None:
    path = whole / "steps/train-model/model/manifest.json"
    was = json.loads(path.read_text())
    path.write_text(json.dumps({**was, "inputs": {"tokens": "a" * 64, "pretrained": "b" * 64}}))
    document, html = told(whole)
    assert document["input_digests"]["train_model"] == {"tokens": "a" * 64, "pretrained": "b" * 64}
    assert "b" * 64 in html


def test_other_settings_of_one_phase_are_another_configuration(whole: Path) -> None:
    before, _ = told(whole)
    path = whole / "steps/tokenize/tokens/manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "settings_digest": "1" * 64}))
    assert told(whole)[0]["configuration_digest"] != before["configuration_digest"]


def test_the_page_tells_both_counts_of_tokens_and_how_dense_they_are(whole: Path) -> None:
    path = whole / "steps/tokenize/tokens/manifest.json"
    density = {"metrics": {"characters_per_token": 3.25}}
    path.write_text(json.dumps({**json.loads(path.read_text()), **density}))
    text = shown(told(whole)[1])
    # 20 tokens in windows of 8 that share 2: 0-8, 6-14, 12-20.
    assert "sequences 3 of 8 tokens, overlapping by 2" in text
    assert "unique tokens 20 with overlap 24 vocabulary 300 ids" in text
    assert "characters a token 3.25" in text


def test_the_page_says_how_to_search_what_was_embedded_and_nothing_where_nothing_was(
    whole: Path,
) -> None:
    assert "search_commits" not in told(whole)[1]
    folder = whole / "steps/embed-commits/embeddings"
    folder.mkdir(parents=True)
    builders.finish(folder, "embed_commits", {"commits": 4})
    words = Page(told(whole)[1]).words
    assert f"python -m codekiln.search_commits --embeddings {folder} --query" in words


def test_the_page_names_the_weights_by_what_the_same_run_has_again(whole: Path) -> None:
    path = whole / "steps/train-model/model/training_report.json"
    assert "sha256sum" not in told(whole)[1]
    path.write_text(json.dumps({**json.loads(path.read_text()), "weights_sha256": "c" * 64}))
    assert f'<code title="{"c" * 64}">{"c" * 16}</code>' in told(whole)[1]
