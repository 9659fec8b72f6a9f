from go_changes import package

from codekiln.build_examples.facts import facts, of_words
from codekiln.build_examples.targets import targets
from codekiln.core.golang.declarations import outline


def between(before: str, after: str) -> list[tuple[str, str]]:
    old = outline(package(before)).declarations if before else []
    (target,) = targets(old, outline(package(after)).declarations)
    return [(one.evidence, one.text) for one in facts(target, before, after)]


def test_a_new_function_is_told_by_its_signature_and_its_calls() -> None:
    assert between("", "// F is new.\nfunc F(x int) error {\n\treturn g(h(x))\n}") == [
        ("diff:signature", "signature func F(x int) error"),
        ("diff:calls", "call g, h"),
    ]


def test_a_changed_function_is_told_by_what_it_calls_and_uses_now_and_no_more() -> None:
    before = "func f() {\n\ts.reset()\n\twait(old)\n}"
    after = "func f() {\n\ts.lock()\n\twait(fresh, 10)\n}"
    assert between(before, after) == [
        ("diff:calls", "call lock; no longer call reset"),
        ("diff:words", "use fresh, 10; no longer use old"),
    ]


def test_the_members_that_a_type_got_and_lost_are_told() -> None:
    before = "type S struct {\n\t// size in bytes\n\tsize int\n\tname string\n}"
    after = "type S struct {\n\tname string\n\tmu sync.Mutex\n}"
    assert between(before, after) == [("diff:names", "add mu; remove size")]


def test_the_names_that_a_group_got_are_told() -> None:
    before, after = "const (\n\tA = 1\n\tB = 2\n)", "const (\n\tA = 1\n\tB = 2\n\tC = 3\n)"
    assert between(before, after) == [("diff:names", "add C")]


def test_a_long_list_of_names_is_cut() -> None:
    calls = "; ".join(f"g{n}()" for n in range(20))
    assert between("func f() {}", f"func f() {{ {calls} }}")[0] == (
        "diff:calls",
        "call g0, g1, g2, g3, g4, g5",
    )


def test_lines_without_a_known_target_are_told_by_calls_and_words() -> None:
    told = [one.evidence for one in facts(None, "\ta(b)\n", "\tc(dd)\n")]
    assert told == ["diff:calls", "diff:words"]


def test_a_text_in_code_is_never_listed_for_it_may_be_a_password() -> None:
    old, new = "dbPassword := load()", 'dbPassword := "kq3Xv9Lm2Rt7"; retries := 17'
    told = " ".join(fact.text for fact in of_words(old, new))
    assert "17" in told
    assert "kq3X" not in told
