"""What is decided about one example by itself."""

import dataclasses

import example_folders
import planted_secrets

from codekiln.clean_corpus.benchmarks import Problem
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.content import CONTENT
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.screening import Screen, Screened
from codekiln.core.corpus.examples import Example

QUESTION = "Ann has 17 pears and gives 5 of them to each of her 3 friends. How many are left over?"


def screened(example: Example, *problems: Problem) -> Screened:
    detector = Detector(problems) if problems else None
    [one] = Screen(CONTENT, detector, Masker(b"k")).screened([(example, None)])
    return one


def test_a_good_example_stays_as_it_is() -> None:
    example = example_folders.example(1)
    assert screened(example) == Screened(example, "")


def test_the_problem_is_cleaned_and_the_rest_is_not() -> None:
    example = example_folders.example(1, details="It raced.\n\nSigned-off-by: A <a@b.org>")
    one = screened(example)
    assert one.example.problem.details == "It raced."
    assert one.example.solution == example.solution


def test_secrets_go_from_every_text_and_are_the_same_everywhere() -> None:
    token = planted_secrets.SECRETS["github_token"](planted_secrets.Chance(1))
    example = example_folders.example(
        1,
        example_folders.function(1) + f'// "{token}"\n',
        title=f"use {token}",
        details=f"was {token}",
        before=f'"{token}"',
        descriptions=(f"drop {token}", "and more"),
    )
    told = screened(example).example
    assert token not in str(told)
    assert str(told).count("REDACTED_GITHUB_TOKEN_") == 5
    placeholder = told.problem.title.removeprefix("use ")
    assert str(told).count(placeholder) == 5
    assert told.plan[1].description == "and more"


def test_secrets_go_from_the_path_that_is_learned_and_from_a_file_that_a_step_names() -> None:
    mail = planted_secrets.SECRETS["email"](planted_secrets.Chance(3))
    example = example_folders.example(1, path=f"users/{mail}/store.go", descriptions=("a", "b"))
    step = dataclasses.replace(example.plan[0], target_kind="file", target_name=example.path)
    told = screened(dataclasses.replace(example, plan=(step, example.plan[1]))).example
    assert mail not in told.context.path
    assert told.plan[0].target_name == told.context.path
    assert [(one.target_name, one.description) for one in told.plan[1:]] == [("Open", "b")]


def test_an_example_that_goes_is_masked_too_for_people_look_at_it() -> None:
    token = planted_secrets.SECRETS["npm_token"](planted_secrets.Chance(2))
    one = screened(example_folders.example(1, f'"{token}"', path="vendor/a.go"))
    assert one.reason == "vendored"
    assert token not in str(one.example)


def test_a_robots_pull_request_goes() -> None:
    assert screened(example_folders.example(1, title="Bump a/b from 1.0 to 1.1")).reason == "robot"


def test_an_example_that_says_nothing_goes() -> None:
    example = example_folders.example(1, title="<!-- -->", details="- [ ] tested")
    assert screened(example).reason == "no problem text"


def test_an_example_with_a_benchmarks_problem_goes_wherever_it_stands() -> None:
    problem = Problem("made", "made/1", QUESTION, "", "")
    for place in ("title", "details", "before"):
        one = screened(example_folders.example(1, **{place: QUESTION}), problem)
        assert (one.reason, one.detail.split(":")[0]) == ("contaminated", "made made/1"), place
    steps = ("Fix it.", QUESTION)
    assert (
        screened(example_folders.example(1, descriptions=steps), problem).reason == "contaminated"
    )
    code = example_folders.function(1) + f"// {QUESTION}\n"
    assert screened(example_folders.example(1, code), problem).reason == "contaminated"
