import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.golang import declarations
from codekiln.core.golang.declarations import Declaration, outline


def only(text: str) -> Declaration:
    (found,) = outline("package p\n" + text).declarations
    return found


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("func Open() {}", "func", "Open"),
        ("func Map[K comparable, V any](m map[K]V) {}", "func", "Map"),
        ("func (s *Store) Open() {}", "method", "(*Store).Open"),
        ("func (s Store) Open() {}", "method", "Store.Open"),
        ("func (*Store) Open() {}", "method", "(*Store).Open"),
        ("func (s *Store[K, V]) Open() {}", "method", "(*Store).Open"),
        ("type Store struct{ x int }", "type", "Store"),
        ("type Alias = Store", "type", "Alias"),
        ("type List[T any] []T", "type", "List"),
        ("type Opener interface{ Open() }", "interface", "Opener"),
        ("var x, y = 1, 2", "var", "x"),
        ("var (\n\ta int\n\tb, c = 1, 2\n)", "var", "a"),
        ("const (\n\tA = iota\n\tB\n)", "const", "A"),
        ("var _ Opener = (*Store)(nil)", "var", "_"),
    ],
)
def test_a_declaration_is_called_what_go_calls_it(text: str, kind: str, name: str) -> None:
    found = only(text)
    assert (found.kind, found.name, found.text) == (kind, name, text)


def test_a_group_has_a_key_for_each_of_its_names() -> None:
    found = only("var (\n\ta int\n\tb, c = 1, 2\n)")
    assert found.keys == ["var a", "var b", "var c"]
    assert [(spec.name, spec.text) for spec in found.specs][1:] == [
        ("b", "b, c = 1, 2"),
        ("c", "b, c = 1, 2"),
    ]


def test_the_key_of_a_method_knows_neither_pointer_nor_type_parameters() -> None:
    texts = ("func (s *L[T]) F() {}", "func (s L[U]) F() {}", "func (L) F() {}")
    assert {tuple(only(text).keys) for text in texts} == {("method L.F",)}


def test_an_interface_and_a_struct_of_one_name_have_one_key() -> None:
    assert only("type T interface{}").keys == only("type T struct{}").keys == ["type T"]


def test_the_doc_comment_belongs_to_a_declaration_and_others_do_not() -> None:
    text = "var x = 1 // of x\n// Open opens.\n//\n// Really.\nfunc Open() {}\n"
    text += "\n// alone\n\nfunc f() {}"
    first, second, third = outline("package p\n" + text).declarations
    assert first.text == "var x = 1"
    assert second.text.startswith("// Open opens.\n//\n// Really.\nfunc")
    assert (second.start, second.stop) == (2, 6)
    assert third.text == "func f() {}"


def test_imports_and_the_package_clause_are_told_apart_from_declarations() -> None:
    found = outline('//go:build linux\n\npackage p\n\nimport (\n\t"fmt"\n)\nimport "os"\n')
    assert found.package == "package p"
    assert found.imports == ['import (\n\t"fmt"\n)', 'import "os"']
    assert not found.declarations
    assert not found.broken


def test_new_syntax_inside_one_declaration_does_not_break_the_file() -> None:
    # `new(1)` is Go 1.26; the grammar takes it for an error.
    found = outline("package p\nfunc f() *int { return new(1) }\nfunc g() {}\n")
    assert [one.text for one in found.declarations] == [
        "func f() *int { return new(1) }",
        "func g() {}",
    ]
    assert not found.broken


@pytest.mark.parametrize(
    "text", ["<<<<<<< HEAD\npackage p\n", "package p\nfunc f( {\n", "x := 1", "<html>it's</html>"]
)
def test_what_is_no_go_at_the_top_is_broken(text: str) -> None:
    assert outline(text).broken


def test_text_beside_ascii_keeps_its_places() -> None:
    text = 'package p\n\n// é \U0001f600\nvar s = "日本\ufeff\x00"\nfunc Größe() {}\n'
    one, other = outline(text).declarations
    assert one.text == '// é \U0001f600\nvar s = "日本\ufeff\x00"'
    assert (other.name, other.start) == ("Größe", 4)


@given(
    st.text(alphabet=st.sampled_from(list("{}()[]\"'`/*\n \\funcvartype=.,_é\x00")), max_size=200)
)
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    for one in outline("package p\n" + text).declarations:
        assert one.start < one.stop


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("func f() { x := " + "(" * 100_000 + "1" + ")" * 100_000 + " }", False),
        ("func f() " + "{" * 100_000 + "}" * 100_000, False),
        ("func f() " + "{" * 100_000, True),
        ("func (s " + "*" * 100_000 + "T) F() {}", False),
        ("var x " + "[]" * 100_000 + "int", True),
        ("var x = " + "1+" * 50_000 + "1", False),
    ],
    ids=["parens", "braces", "open braces", "pointers", "slices", "sum"],
)
def test_a_hundred_thousand_levels_overflow_no_stack(text: str, *, broken: bool) -> None:
    found = outline("package p\n" + text)
    assert found.broken == broken
    assert all(len(one.name) < 2 * declarations.LARGEST_NAME for one in found.declarations)


def test_what_is_no_go_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declarations, "PATIENCE_S", 0.3)
    start = time.process_time()
    # 16 s if nobody stops it
    assert outline("<html>it's `open` \"quoted /* </html>\n" * 8_000).broken
    assert time.process_time() - start < 3
