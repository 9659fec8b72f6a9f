from collections import Counter
from typing import Any

import pytest
from go_changes import go, package
from pulls_made import changed, pull

from codekiln.build_examples.assembly import Made, of_pull
from codekiln.build_examples.limits import Limits
from codekiln.core.corpus.pulls import ChangedFile
from codekiln.core.golang.judging import Judge

BLIND = Judge(None)


def made(*files: ChangedFile, limits: Limits | None = None, **more: Any) -> Made:
    return of_pull(pull(7, files=files, **more), limits or Limits(), BLIND)


def functions(count: int, path: str) -> ChangedFile:
    return go(None, package(*(f"func f{n}() {{}}" for n in range(count))), path)


def test_an_example_carries_where_it_comes_from() -> None:
    (one,) = made(go(None, package("func f() {}"))).examples
    assert (one.repository, one.repository_id, one.number) == ("acme/router", "R_1", 7)
    assert (one.license, one.commit, one.path) == ("MIT", "d" * 40, "store.go")
    assert (one.problem.title, one.problem.details) == ("Fix", "It\nraced.")
    assert len(one.id) == 32


@pytest.mark.parametrize(
    ("head", "repository", "wanted"),
    [
        ("// SPDX-License-Identifier: GPL-2.0-only\n", "MIT", "GPL-2.0-only"),
        ("/* SPDX-License-Identifier: (MIT OR BSD-3-Clause) */\n", "MIT", "(MIT OR BSD-3-Clause)"),
        ("// SPDX-License-Identifier: GPL-2.0-only\n", "", ""),
        ("// SPDX-License-Identifier: MIT\n", "NOASSERTION", "NOASSERTION"),
        ("// SPDX-License-Identifier: mit\n", "MIT", "MIT"),
        ("// License: see LICENSE.\n", "MIT", "MIT"),
    ],
)
def test_a_file_under_another_license_than_its_repository_gives_examples_of_that(
    head: str, repository: str, wanted: str
) -> None:
    told = 'const head = "// SPDX-License-Identifier: AGPL-3.0-only"'
    (one,) = made(go(None, head + package(told)), license=repository).examples
    assert one.license == wanted


def test_the_head_stands_for_a_merge_commit_that_github_does_not_name() -> None:
    (one,) = made(functions(1, "a.go"), merge_commit_sha=None).examples
    assert one.commit == "c" * 40


def test_several_files_and_declarations_give_several_examples_with_ids_of_their_own() -> None:
    found = made(functions(2, "a.go"), functions(2, "b.go"), changed("README.md"))
    assert len({one.id for one in found.examples}) == 4
    assert found.files == {"": 2, "not go": 1}
    assert not found.reason


def test_over_the_cap_every_file_has_its_turn_and_the_rest_is_counted() -> None:
    found = made(functions(5, "a.go"), functions(1, "b.go"), limits=Limits(examples=3))
    assert [one.path for one in found.examples] == ["a.go", "a.go", "b.go"]
    assert found.dropped == {"over the cap": 3}


def test_a_file_that_the_cap_leaves_nothing_says_so() -> None:
    found = made(functions(1, "a.go"), functions(1, "b.go"), limits=Limits(examples=1))
    assert found.files == {"": 1, "over the cap": 1}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((), "no files"),
        ((changed("a.md"), changed("b.md")), "not go"),
        ((changed("a.md"), changed("a_test.go")), "several reasons"),
        ((go(package("func f() {}"), package()),), "declaration removed"),
        ((go("package p\n", 'package p\n\nimport "os"\n'),), "imports only"),
    ],
)
def test_a_pull_request_without_examples_has_a_reason(
    files: tuple[ChangedFile, ...], reason: str
) -> None:
    assert made(*files).reason == reason


def test_what_was_never_merged_gives_nothing_and_its_files_are_counted() -> None:
    found = made(functions(1, "a.go"), merged_at=None)
    assert found == Made(reason="not merged", files=Counter({"not merged": 1}))


def test_a_move_between_files_gives_nothing_and_a_changed_move_its_change() -> None:
    here = go(package("func f() {}", "func g() {}"), package(), "a.go")
    there = go(package(), package("func f() {}", "func g() { h() }"), "b.go")
    found = made(here, there)
    assert [(one.context.before, one.solution.code) for one in found.examples] == [
        ("func g() {}", "func g() { h() }")
    ]
    assert found.dropped == {"moved only": 1}


def test_what_moved_out_of_a_removed_file_is_known_too() -> None:
    found = made(go(package("func f() {}"), None, "a.go"), go(None, package("func f() {}"), "b.go"))
    assert found.files == {"removed file": 1, "moved only": 1}


@pytest.mark.parametrize(
    ("state", "tests"),
    [("SUCCESS", "passed"), ("FAILURE", "failed"), ("ERROR", "failed"), ("PENDING", "unknown"),
     (None, "unknown")],
)  # fmt: skip
def test_the_checks_of_the_head_say_what_the_tests_did(state: str | None, tests: str) -> None:
    (one,) = made(functions(1, "a.go"), ci_state=state).examples
    assert one.solution.tests == tests


def test_without_go_the_syntax_is_unknown_and_no_version_is_told() -> None:
    (one,) = made(functions(1, "a.go")).examples
    assert (one.solution.syntax, one.solution.go_version) == ("unknown", "")


def test_a_declaration_is_judged_by_itself_and_a_hunk_in_its_whole_file(judge: Judge) -> None:
    broken = "package p\n\n<<<<<<< HEAD\nfunc f() {\n\ta()\n}\n"
    calls = "".join(f"\tcall{n:03}()\n" for n in range(200))
    files = (
        functions(1, "a.go"),
        go(broken, broken.replace("a()", "b()"), "broken.go"),
        go(
            package(f"func f() {{\n{calls}}}"), package(f"func f() {{\n\tx()\n{calls}}}"), "long.go"
        ),
    )
    found = of_pull(pull(7, files=files), Limits(), judge).examples
    assert [(one.kind, one.solution.syntax) for one in found] == [
        ("declaration", "valid"),
        ("hunk", "invalid"),
        ("hunk", "valid"),
    ]
    assert found[1].solution.syntax_error.startswith("3:1")
    assert found[0].solution.go_version == judge.version


def test_title_and_details_are_cut_to_their_limits_and_no_word_is() -> None:
    title, body = "Use " + "x" * 999, "It\nused x99x99."
    limits = Limits(details_chars=10)
    (one,) = made(functions(1, "a.go"), title=title, body=body, limits=limits).examples
    assert (one.problem.title, one.problem.details) == ("Use", "It\nused")
