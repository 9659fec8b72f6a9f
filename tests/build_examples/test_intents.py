import time
from pathlib import Path

import pytest
from pulls_made import TIME, pull

from codekiln.build_examples import intents
from codekiln.build_examples.intents import Vote, decided, of_text, votes
from codekiln.core.corpus.pulls import Issue, PullCommit

FOLDER = Path(__file__).parent


def of_title(title: str) -> Vote | None:
    return decided(list(of_text(title, "title")))


@pytest.mark.parametrize(
    ("title", "intent", "evidence"),
    [
        ("fix: close the file", "FIX", "prefix:fix"),
        ("feat(server)!: new flag", "ADD", "prefix:feat"),
        ("perf(wal): fewer syscalls", "OPTIMIZE", "prefix:perf"),
        ("chore: remove the flag", "REMOVE", "title:remove"),
        ("mvcc/backend: rename the hook", "REFACTOR", "title:rename"),
        ("auth, etcdserver: support JWT", "ADD", "title:support"),
        ("[release-3.5] Bump Go", "UPDATE", "title:bump"),
        ("*: do not panic on nil", "FIX", "title:do not"),
        ("Add a lock to avoid a data race", "FIX", "title:race"),
        ("Improve throughput of reads", "OPTIMIZE", "title:throughput"),
        ("Remove the racy test helper", "REMOVE", "title:remove"),
        ('Revert "add a flag"', "REMOVE", "title:revert"),
        ("server: removed the old API", "REMOVE", "title:removed"),
        ("status bug fixed and a test added", "FIX", "title:bug"),
    ],
)
def test_a_title_says_what_a_change_is_for(title: str, intent: str, evidence: str) -> None:
    assert of_title(title) == Vote(intent, evidence)


@pytest.mark.parametrize(
    "title",
    [
        "", "etcdserver", "wal: torn writes", "日本語", "v3 API", "a key deleted later must leave",
        "heartbeat: send only the volumes that changed", "mount: follow the moved volume",
    ],
)  # fmt: skip
def test_a_title_without_any_known_word_says_nothing(title: str) -> None:
    assert of_title(title) is None


def test_the_title_decides_before_labels_issues_commits_and_body() -> None:
    mixed = pull(1, title="Rename it", labels=("kind/bug",), body="Adds a thing.")
    assert decided(votes(mixed)) == Vote("REFACTOR", "title:rename")


def test_what_agrees_is_told_as_evidence_too() -> None:
    issue = Issue(repository="a/b", number=3, title="Panic in Open", body="")
    agreed = pull(1, title="fix: Open", labels=("kind/bug",), closing_issues=(issue,), commits=())
    assert decided(votes(agreed)) == Vote("FIX", "prefix:fix, label:kind/bug, issue:panic")


def test_commits_speak_where_title_labels_and_issues_are_silent() -> None:
    commit = PullCommit(sha="a", author_name="", time=TIME, message="wal: optimize the encoder")
    silent = pull(1, title="wal encoder", labels=(), closing_issues=(), commits=(commit,), body="")
    assert decided(votes(silent)) == Vote("OPTIMIZE", "commit:optimize")


@pytest.mark.parametrize(
    ("label", "intent"),
    [("kind/bug", "FIX"), ("enhancement", "ADD"), ("area/performance", "OPTIMIZE"),
     ("tech-debt", "REFACTOR"), ("dependencies", "UPDATE")],
)  # fmt: skip
def test_a_label_says_what_a_change_is_for(label: str, intent: str) -> None:
    assert [vote.intent for vote in intents.of_labels([label])] == [intent]


@pytest.mark.parametrize("label", ["debugging", "size/XL", "lgtm", "prefix"])
def test_a_label_that_only_contains_the_word_says_nothing(label: str) -> None:
    assert not list(intents.of_labels([label]))


@pytest.mark.parametrize(
    ("name", "many", "agreed"), [("titles", 100, 77), ("other_titles", 60, 46)]
)
def test_titles_of_real_histories_get_the_intent_that_a_person_gave_them(
    name: str, many: int, agreed: int
) -> None:
    """What is measured; what the words cannot say (13 of each have none) is UPDATE here."""
    lines = (FOLDER / f"{name}.tsv").read_text("utf-8").split("\n")
    rows = [line.split("\t")[:2] for line in lines if "\t" in line]
    told = [vote.intent if (vote := of_title(title)) else "UPDATE" for _, title in rows]
    assert len(rows) == many
    assert sum(got == wanted for got, (wanted, _) in zip(told, rows, strict=True)) >= agreed


def test_a_poisoned_title_takes_no_time() -> None:
    start = time.process_time()
    for piece in ("a", " ", "a ", "a, ", "[", "(", "fix", ": ", "a: ", "\n"):
        of_title(piece * 5_000_000)
    assert time.process_time() - start < 5
