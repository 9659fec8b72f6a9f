"""Texts that hold a benchmark's problem are found, others are not."""

from functools import cache

import benchmark_edits
import example_folders
import near_copies
import pytest

from codekiln.clean_corpus import benchmarks
from codekiln.clean_corpus.benchmarks import Problem
from codekiln.clean_corpus.contamination import Detector

PROBLEM = Problem(
    benchmark="made",
    name="made/1",
    statement="// Return the widest gap between neighbors of a sorted list that holds no zeros.\n"
    "// >>> WidestGap([]int{4, 9, 17, 18})\n// 8\n",
    solution="""func WidestGap(values []int) int {
    widest := 0
    for i := 1; i < len(values); i++ {
        gap := values[i] - values[i-1]
        if gap > widest && values[i] != 0 {
            widest = gap
        }
    }
    return widest
}
""",
    tests="assert.Equal(8, WidestGap([]int{4, 9, 17, 18}))\n"
    "assert.Equal(31, WidestGap([]int{5, 36, 41, 59, 72}))",
)
AROUND = example_folders.function(7)


def held(text: str, detector: Detector) -> bool:
    return bool(detector.find([f"{AROUND}\n{text}\n{AROUND}".encode()]))


@pytest.mark.parametrize("edit", [name for name in benchmark_edits.EDITS if name != "half"])
def test_a_problem_is_found_in_a_longer_text_whatever_was_edited(edit: str) -> None:
    assert held(benchmark_edits.EDITS[edit](PROBLEM), Detector([PROBLEM]))


def test_what_is_found_says_where_it_comes_from() -> None:
    found = Detector([PROBLEM]).find([b"nothing", PROBLEM.statement.encode()])
    assert str(found[1]) == "made made/1: 100% of its statement (words)"
    assert list(found) == [1]


def test_code_that_only_uses_the_same_words_is_not_found() -> None:
    detector = Detector([PROBLEM])
    for text in (
        "// Gap returns the gap between neighbors.\nfunc Gap(values []int) int { return 0 }",
        "for i := 1; i < len(values); i++ {\n\tif values[i] == 0 {\n\t\treturn i\n\t}\n}",
        "var primes = []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31}",
    ):
        assert not held(text, detector)


def test_the_form_of_a_benchmark_is_no_problem() -> None:
    form = "// Write a function in Go that reads two numbers from its input and prints\n"
    problems = [
        Problem("made", str(n), f"{form}// the {word} of them.", "", "")
        for n, word in enumerate(example_folders.WORDS)
    ]
    assert not held(form, Detector(problems))
    assert not held(f"{form}// nothing.", Detector(problems))


def test_no_problems_find_nothing() -> None:
    assert Detector([]).find([b"anything", b""]) == {}


@cache
def real() -> tuple[Detector, dict[str, list[Problem]]]:
    read = benchmarks.read(str(benchmark_edits.real()))
    problems: dict[str, list[Problem]] = {}
    for one in read.problems:
        if one.benchmark != "gsm8k_train":
            problems.setdefault(one.benchmark, []).append(one)
    return Detector([one for some in problems.values() for one in some]), problems


RECALL = {
    ("humaneval-x_go", "whole"): 0.98, ("humaneval-x_go", "reindented"): 0.98,
    ("humaneval-x_go", "commented"): 0.98, ("humaneval-x_go", "statement"): 0.98,
    ("humaneval-x_go", "solution"): 0.93, ("humaneval-x_go", "renamed"): 0.92,
    ("humaneval-x_go", "renamed_and_commented"): 0.92, ("humaneval-x_go", "translated"): 0.98,
    ("humaneval-x_go", "half"): 0.85,
    ("multipl-e_humaneval-go", "whole"): 0.98, ("multipl-e_humaneval-go", "translated"): 0.98,
    ("HumanEval", "whole"): 0.98, ("HumanEval", "translated"): 0.98,
    ("mbpp", "whole"): 0.98, ("mbpp", "reindented"): 0.98, ("mbpp", "statement"): 0.9,
    ("gsm8k_test", "whole"): 0.98, ("gsm8k_test", "statement"): 0.98,
    ("gsm8k_test", "translated"): 0.98,
}  # fmt: skip
"""What docs/decisions/015 states, rounded down."""


@pytest.mark.parametrize(("benchmark", "edit"), RECALL)
def test_of_real_problems_so_many_are_found_after_an_edit(benchmark: str, edit: str) -> None:
    detector, problems = real()
    some = problems[benchmark][:200]
    chance = near_copies.chance(1)
    texts = [
        f"{example_folders.function(chance.randrange(999))}\n{benchmark_edits.EDITS[edit](one)}"
        for one in some
    ]
    found = detector.find([text.encode() for text in texts])
    assert len(found) / len(some) >= RECALL[benchmark, edit]


def test_real_problems_are_not_found_in_other_code() -> None:
    detector, _ = real()
    texts = [example_folders.function(n, 6 + n % 40).encode() for n in range(3000)]
    assert detector.find(texts) == {}
