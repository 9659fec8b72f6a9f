from typing import Any

from go_changes import go, package
from pulls_made import TIME, pull

from codekiln.build_examples import candidates, intents, plan
from codekiln.build_examples.assembly import taken_apart
from codekiln.build_examples.limits import Limits
from codekiln.core.corpus.examples import Step
from codekiln.core.corpus.pulls import ChangedFile, PullCommit, ReviewComment

OLD = "func (s *Store) Open() error {\n\treturn s.read()\n}"
NEW = "func (s *Store) Open() error {\n\tlog()\n\treturn s.read()\n}"
FILE = go(package(OLD), package(NEW))
SILENT: dict[str, Any] = {
    "title": "store: opening", "body": "", "labels": (), "closing_issues": (), "commits": (),
    "review_comments": (),
}  # fmt: skip


def steps(file: ChangedFile = FILE, most: int = 9, **more: Any) -> list[Step]:
    said = plan.spoken(pull(1, **{**SILENT, **more}))
    (candidate,) = candidates.of_file(taken_apart(file), Limits()).candidates
    return list(plan.steps(said, candidate, most))


def remark(
    line: int | None, body: str, author: str = "bo", path: str = "store.go"
) -> ReviewComment:
    return ReviewComment(
        author=author, created_at=TIME, path=path, line=line, body=body, diff_hunk=""
    )


def said(found: list[Step], source: str) -> list[str]:
    return [one.description for one in found if one.evidence.startswith(source)]


def test_the_first_step_names_the_target_and_says_the_title_without_its_place() -> None:
    (first, *_) = steps(title="store: fix opening twice")
    assert (first.target_kind, first.target_name) == ("method", "(*Store).Open")
    assert (first.intent, first.evidence) == ("FIX", "title:fix")
    assert first.description == "fix opening twice"


def test_without_words_the_diff_says_the_intent() -> None:
    assert steps()[0].evidence == "diff:changed"
    assert steps(go(package(NEW), package(OLD)))[0].intent == "REMOVE"


def test_a_new_declaration_is_added_whatever_the_whole_is_for() -> None:
    file = go(package("func a() {}"), package("func a() {}", OLD))
    first = steps(file, title="fix: race")[0]
    assert (first.intent, first.evidence) == ("ADD", "diff:added")
    assert steps(file, title="Add Open")[0].evidence == "diff:added, title:add"


def test_commits_and_the_body_give_steps_where_they_name_the_target() -> None:
    commits = tuple(
        PullCommit(sha="a", author_name="", time=TIME, message=text)
        for text in ("store: log in Open", "store: something else", "Merge branch 'Open'")
    )
    body = "Some words.\n\n- [x] `Open` must\n  log before it reads\n- Reopen does not\n\n"
    body += "```\nOpen()\n```"
    found = steps(commits=commits, body=body)
    assert said(found[1:], "commit") == ["log in Open"]
    assert said(found, "body") == ["`Open` must log before it reads"]


def test_reviewers_give_steps_by_comments_on_the_lines_of_the_target() -> None:
    comments = (
        remark(4, "Please avoid logging while locked.\n\nMore."),
        remark(40, "Another place entirely, sorry."),
        remark(None, "Some outdated remark on it."),
        remark(4, "Done as you asked for.", author="ada"),
        remark(4, "A bot says something here.", author="lint[bot]"),
        remark(4, "GitHub's reviewer says something.", author="Copilot"),
        remark(4, "A machine's account says something.", author="openshift-ci-robot"),
        remark(4, "In another file altogether.", path="other.go"),
        remark(4, "nit"),
    )
    found = steps(review_comments=comments, author="ada")
    assert said(found, "review") == ["Please avoid logging while locked."]
    assert [one.intent for one in found if one.evidence.startswith("review")] == ["FIX"]


def test_a_plan_is_no_longer_than_told_and_says_nothing_twice() -> None:
    comments = tuple(remark(4, f"Remark number {n} on this.") for n in (1, 2, 2, 3, 4))
    assert len(steps(review_comments=comments, most=3)) == 3
    assert len(steps(review_comments=comments)) == len(steps(review_comments=comments[1:])) + 1


def test_a_long_description_is_cut_at_a_word() -> None:
    found = plan.shortened("word " * 100)
    assert len(found) <= plan.LONGEST
    assert found.endswith("word…")


def test_a_word_that_reaches_over_what_is_read_is_left_out() -> None:
    token = "x" * 36
    for read in (intents.LONGEST, 4 * plan.LONGEST):
        assert plan.stripped("Use" + " " * (read - 20) + token) == "Use"
    assert intents.first_line("\n" * (10 * intents.LONGEST - 20) + token) == ""
    body = "Open was slow. " + " " * (plan.MOST_BODY - 40) + "Open: " + token
    assert token[:9] not in str(steps(body=body))


def test_every_other_target_of_a_hunk_has_a_step() -> None:
    calls = "".join(f"\tcall{n:03}()\n" for n in range(200))
    before = package("func gone() {\n\tx()\n}", f"func f() {{\n{calls}}}")
    after = package("func f() {\n" + calls.replace("call000", "other") + "}")
    found = steps(go(before, after))
    assert [(one.intent, one.target_name) for one in found[:2]] == [
        ("UPDATE", "f"),
        ("REMOVE", "gone"),
    ]


def test_a_hunk_of_a_large_group_names_what_it_shows() -> None:
    rows = [f"\tName{n:03} = {n}\n" for n in range(200)]
    before, after = "".join(rows), "".join([*rows[:100], "\tFresh = 1\n", *rows[101:]])
    first = steps(go(package(f"const (\n{before})"), package(f"const (\n{after})")))[0]
    assert (first.target_kind, first.target_name) == ("const", "Fresh")
