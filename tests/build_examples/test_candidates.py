import time
from dataclasses import replace

from go_changes import go, package

from codekiln.build_examples import candidates
from codekiln.build_examples.assembly import taken_apart
from codekiln.build_examples.candidates import Candidate, Found
from codekiln.build_examples.limits import Limits
from codekiln.core.corpus.pulls import ChangedFile

LIMITS = Limits(code_chars=120, context_chars=120)
TYPE = "type S struct{}"


def found(file: ChangedFile, limits: Limits = LIMITS) -> Found:
    return candidates.of_file(taken_apart(file), limits)


def only(file: ChangedFile) -> Candidate:
    (one,) = found(file).candidates
    return one


def large(name: str, *calls: str) -> str:
    return f"func {name}() {{\n" + "".join(f"\t{call}()\n" for call in calls) + "}"


CALLS = tuple(f"call{n:02}" for n in range(20))


def test_a_changed_declaration_has_itself_before_as_its_context() -> None:
    one = only(go(package("// Doc.\nfunc f() {}"), package("// Doc.\nfunc f() { g() }")))
    assert (one.kind, one.target) == ("declaration", "func f")
    assert (one.before, one.code) == ("// Doc.\nfunc f() {}", "// Doc.\nfunc f() { g() }")


def test_a_declaration_in_a_new_file_has_no_context() -> None:
    assert only(go(None, package("func f() {}"))).before == ""


def test_a_new_method_has_its_receiver_and_its_neighbors_as_context() -> None:
    before = package("func far() {}", TYPE, "func a() {}", "func b() {}")
    after = package("func far() {}", TYPE, "func a() {}", "func (s *S) F() {}", "func b() {}")
    assert only(go(before, after)).before == f"{TYPE}\n\nfunc a() {{}}\n\nfunc b() {{}}"


def test_a_neighbor_that_does_not_fit_is_left_out_whole() -> None:
    before = package(large("above", *CALLS), "func below() {}")
    after = package(large("above", *CALLS), "func f() {}", "func below() {}")
    assert only(go(before, after)).before == "func below() {}"


def test_a_large_declaration_gives_the_hunks_that_touch_it() -> None:
    changed = [*CALLS[:3], "first", *CALLS[4:15], "second", *CALLS[16:]]
    before = package(large("f", *CALLS), "func g() {}")
    after = package(large("f", *changed), "func g() { h() }")
    one, two, three = found(go(before, after)).candidates
    assert [x.kind for x in (one, two, three)] == ["hunk", "hunk", "declaration"]
    assert "first" in one.code
    assert "call03" in one.before
    assert [target.name for target in two.targets] == ["f", "g"]
    assert three.code == "func g() { h() }"


def test_a_hunk_is_about_what_still_stands() -> None:
    before = package("func gone() {\n\tx()\n}", large("f", *CALLS))
    after = package(large("f", "new", *CALLS[1:]))
    (one,) = found(go(before, after)).candidates
    assert [(target.change, target.name) for target in one.targets] == [
        ("changed", "f"),
        ("removed", "gone"),
    ]


def test_a_hunk_is_about_what_its_lines_are_part_of_now() -> None:
    before = package(large("f", *CALLS[:10], "x", "y", *CALLS[10:]))
    after = package(large("f", *CALLS[:2]), large("new", *CALLS[2:10], "z", *CALLS[10:]))
    hunks = found(go(before, after)).candidates
    one = next(one for one in hunks if "\tz()" in one.code)
    assert [target.name for target in one.targets] == ["new", "f"]


def test_a_large_new_declaration_is_over_the_budget() -> None:
    made = found(go(None, package(large("f", *CALLS))))
    assert not made.candidates
    assert made.dropped == {"over the budget": 1}


def test_a_cut_patch_drops_what_needs_it_and_nothing_else() -> None:
    before = package(large("f", *CALLS), "func g() {}")
    after = package(large("f", "new", *CALLS[1:]), "func g() { h() }")
    whole = go(before, after)
    made = found(replace(whole, patch=whole.patch[:-30]))
    assert [one.code for one in made.candidates] == ["func g() { h() }"]
    assert made.dropped == {"patch cut": 1}


def test_what_teaches_nothing_is_dropped_by_its_reason() -> None:
    before = package("func a() {}", "// Old.\nfunc b() {}", "func c(x,y int) {}")
    after = package("// New.\nfunc b() {}", "func c(x, y int) {}")
    made = found(go(before, after))
    assert not made.candidates
    assert made.dropped == {"declaration removed": 1, "comments only": 1, "formatting only": 1}


def test_declarations_of_one_name_have_different_targets() -> None:
    made = found(go(None, package("func init() { a() }", "func init() { b() }")))
    assert [one.target for one in made.candidates] == ["func init", "func init 2"]


def test_a_file_that_is_no_go_gives_hunks_of_the_file() -> None:
    before = "package p\n\n<<<<<<< HEAD\nfunc f() {\n\ta()\n}\n"
    one = only(go(before, before.replace("a()", "b()")))
    assert (one.kind, one.targets) == ("hunk", [])


def test_a_hunk_that_leaves_nothing_is_dropped() -> None:
    made = found(go("package p\nx := 1\n", ""))
    assert made.dropped == {"nothing written": 1}


def test_thousands_of_declarations_are_looked_at_in_seconds() -> None:
    names = range(5_000)
    before = package(large("f", *CALLS), *(f"var a{n} = 1" for n in names))
    after = package(large("f", "x", *CALLS), *(f"var a{n} = 2\n\nvar b{n} int" for n in names))
    start = time.process_time()
    made = found(go(before, after, patch=""))
    assert time.process_time() - start < 20
    assert len(made.candidates) == 10_000
