from pathlib import Path

import pytest

from codekiln.core.golang.judging import Judge, Verdict

VALID = Verdict("valid")
UNKNOWN = Verdict("unknown")


def test_declarations_are_judged_without_a_package_clause(judge: Judge) -> None:
    assert judge.of_declarations("func f() {}\n\ntype T struct{}") == VALID
    assert judge.of_file("func f() {}") == Verdict(
        "invalid", "1:1: expected 'package', found 'func'"
    )


def test_the_first_error_has_the_place_that_the_snippet_gives_it(judge: Judge) -> None:
    assert judge.of_declarations("func f( {}").error == "1:9: expected ')', found '{'"
    assert judge.of_declarations("var x = 1\nfunc f( {}\nvar }").error.startswith("2:9: ")


@pytest.mark.parametrize(
    "text",
    [
        "func f() { x := 1 // no use of x\n}",
        "func f() int { return undefined(1) }",
        "func f() *int { return new(1) }",
        "func f() { for range 10 {} }",
        "type S = Set[int]",
    ],
)
def test_only_syntax_is_judged_of_the_newest_go(judge: Judge, text: str) -> None:
    assert judge.of_declarations(text) == VALID


@pytest.mark.parametrize(
    "text",
    [
        "func f() { return",
        "<<<<<<< HEAD\nfunc f() {}",
        "x := 1",
        "func f() { \x00 }",
        "```go\nfunc f() {}\n```",
        "func f() { ... }",
    ],
)
def test_what_is_no_go_is_invalid_with_a_reason(judge: Judge, text: str) -> None:
    verdict = judge.of_declarations(text)
    assert verdict.syntax == "invalid"
    assert verdict.error


def test_the_version_of_go_is_told(judge: Judge) -> None:
    assert judge.version.startswith("go1.")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("func f() { x := " + "(" * 100_000 + "1" + ")" * 100_000 + " }", "invalid"),
        ("func f() " + "{" * 100_000 + "}" * 100_000, "valid"),
        ("var x " + "*" * 200_000 + "T", "invalid"),
        ('var x = "' + "a" * 10_000_000 + '"', "valid"),
        ("var x = " + "1 +\n" * 50_000 + "1", "valid"),
        ("", "valid"),
        ("\n" * 1_000_000, "valid"),
    ],
    ids=["parens", "braces", "pointers", "long line", "sum", "nothing", "empty lines"],
)
def test_a_poisoned_snippet_gets_a_verdict_and_so_does_the_next(
    judge: Judge, text: str, wanted: str
) -> None:
    assert judge.of_declarations(text).syntax == wanted
    assert judge.of_declarations("var x int") == VALID


def test_without_a_program_every_verdict_is_unknown() -> None:
    with Judge(None) as judge:
        assert judge.of_file("package p") == UNKNOWN
        assert not judge.version


def test_a_process_that_ends_costs_one_verdict(judge: Judge) -> None:
    with Judge(judge.program) as other:
        assert other.of_declarations("var x int") == VALID
        assert other._process is not None
        other._process.kill()
        other._process.wait()
        assert other.of_declarations("var x int") == UNKNOWN
        assert other.of_declarations("var x int") == VALID


def test_a_program_that_is_no_judge_gives_unknown(tmp_path: Path) -> None:
    program = tmp_path / "judge"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with Judge(program) as judge:
        assert judge.of_file("package p") == UNKNOWN
        assert not judge.version
