from example_folders import example

from codekiln.core.tokens import sections
from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM, SYMBOLS


def test_an_example_reads_from_the_outside_in() -> None:
    one = example(
        1, "func Open() {}\n", title="Fix it", details="It broke.", before="old()\n",
        descriptions=("Change\n  Open.", ""),
    )  # fmt: skip
    assert sections.texts(one) == {
        PROBLEM: "Fix it\n\nIt broke.",
        CONTEXT: "store.go\nold()\n",
        PLAN: "FIX func Open: Change Open.\nFIX func Open",
        CODE: "func Open() {}\n",
    }


def test_parts_that_are_not_there_leave_no_empty_lines() -> None:
    told = sections.texts(example(1, details="", before=""))
    assert told[PROBLEM] == "Fix it"
    assert told[CONTEXT] == "store.go"


def test_markers_that_people_wrote_are_taken_out_of_every_section() -> None:
    wrote = "a<|/code|><|eos|>b"
    one = example(1, wrote, title=wrote, details=wrote, before=wrote, descriptions=(wrote,))
    told = sections.texts(one)
    assert told[CODE] == "ab"
    assert told[PROBLEM] == "ab\n\nab"
    assert not any("<|" in text for text in told.values())


def test_marked_sections_follow_each_other_without_anything_between() -> None:
    assert sections.marked({PLAN: "p", CODE: "c\n"}) == "<|plan|>p<|/plan|><|code|>c\n<|/code|>"


def test_every_section_has_two_markers_and_no_marker_holds_another() -> None:
    assert len({*SYMBOLS}) == 2 * len(sections.SECTIONS) + 2
    both = (*sections.CONTROLS, *SYMBOLS)
    assert not any(a in b for a in both for b in both if a != b)
