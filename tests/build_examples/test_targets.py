from go_changes import package

from codekiln.build_examples.targets import Target, across, targets
from codekiln.core.golang.declarations import outline

LONG = "func {name}(a, b int) int {{\n\tfor a > b {{\n\t\ta -= b\n\t\tlog(a)\n\t}}\n\treturn a\n}}"


def between(before: str, after: str) -> list[Target]:
    return targets(outline(before).declarations, outline(after).declarations)


def told(some: list[Target]) -> list[tuple[str, str]]:
    return [(one.change, one.name) for one in some]


def test_what_differs_is_told_in_the_order_after_and_the_removed_last() -> None:
    before = package("func gone() {}", "func kept() {}", "func changed() {}")
    after = package("var added int", "func kept() {}", "func changed() { f() }")
    assert told(between(before, after)) == [
        ("added", "added"),
        ("changed", "changed"),
        ("removed", "gone"),
    ]


def test_order_alone_changes_nothing() -> None:
    assert not between(package("func a() {}", "func b() {}"), package("func b() {}", "func a() {}"))


def test_a_method_is_itself_when_its_receiver_becomes_a_pointer() -> None:
    (one,) = between(package("func (s S) F() {}"), package("func (s *S) F() {}"))
    assert (one.change, one.name) == ("changed", "(*S).F")


def test_methods_of_one_name_and_other_receivers_are_told_apart() -> None:
    before = package("func (a A) F() {}", "func (b B) F() {}")
    after = package("func (a A) F() {}", "func (b B) F() { g() }")
    assert told(between(before, after)) == [("changed", "B.F")]


def test_many_init_functions_are_matched_in_their_order() -> None:
    before = package("func init() { a() }", "func init() { b() }")
    after = package("func init() { a() }", "func init() { c() }")
    (one,) = between(before, after)
    assert one.before is not None
    assert one.before.text == "func init() { b() }"


def test_a_group_is_itself_by_any_of_its_names_and_is_told_by_the_one_that_changed() -> None:
    before = package("const (\n\tA = 1\n\tB = 2\n)")
    after = package("const (\n\tZero = 0\n\tB = 2\n\tC = 3\n)")
    assert told(between(before, after)) == [("changed", "Zero")]


def test_a_group_that_only_lost_is_told_by_what_it_lost() -> None:
    (one,) = between(package("const (\n\tA = 1\n\tB = 2\n)"), package("const (\n\tA = 1\n)"))
    assert (one.name, one.shown.name) == ("B", "A")


def test_a_function_under_a_new_name_is_renamed_not_added() -> None:
    before = package(LONG.format(name="reduce"))
    after = package(LONG.format(name="modulo"))
    assert told(between(before, after)) == [("renamed", "modulo")]


def test_short_functions_are_never_taken_for_renamed() -> None:
    before = package("func a() { x() }")
    assert told(between(before, package("func b() { x() }"))) == [("added", "b"), ("removed", "a")]


def test_what_went_to_another_file_is_moved_with_what_stood_there() -> None:
    here = between(package("func f() {}"), package())
    there = between(package(), package("func f() { g() }"))
    moved = across([here, there])
    assert not moved[0]
    (one,) = moved[1]
    assert one.change == "moved"
    assert one.before is not None
    assert one.before.text == "func f() {}"


def test_a_name_lost_in_two_files_is_not_moved() -> None:
    lost = [between(package("func init() {}"), package()) for _ in range(2)]
    got = between(package(), package("func init() { g() }"))
    assert [told(some) for some in across([*lost, got])][2] == [("added", "init")]
