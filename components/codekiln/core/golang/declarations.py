"""The declarations of a Go file, from tree-sitter-go: what they are called and where they stand.

tree-sitter takes any text and gives a tree with errors in it where the text is not Go. Nothing here
walks a tree recursively, and nothing looks below the names of a declaration, so that nesting
costs nothing.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter_go
from tree_sitter import Language, Node, Parser, Point

FUNC, METHOD, TYPE, INTERFACE, VAR, CONST = "func", "method", "type", "interface", "var", "const"

NODES = {
    "function_declaration": FUNC,
    "method_declaration": METHOD,
    "type_declaration": TYPE,
    "var_declaration": VAR,
    "const_declaration": CONST,
}
SPECS = frozenset({"type_spec", "type_alias", "var_spec", "const_spec"})
LISTS = frozenset({"var_spec_list"})
"""What the grammar puts between a declaration in parentheses and its specs."""

CHUNK = 64 << 10
"""Bytes that tree-sitter asks for at once; only what is asked for piece by piece can be ended."""

PATIENCE_S = 3.0
"""CPU seconds of one file. Go takes 0.3 for 600 KB (measured), deep or flat; what is no Go at all
makes tree-sitter's recovery quadratic (300 KB of HTML take 16), and is broken however long it
takes, so that the result does not depend on the clock."""

LARGEST_NAME = 500
"""Bytes of a name or receiver that are read: a poisoned file can hold one of megabytes."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One name that a type, var or const declaration declares, and the text that does it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration at the top of a file, as whole as it stands there, with its doc comment.

    `name` is what Go calls it: `Open`, `(*Store).Open`, the first name of a group. `keys` (one for
    each name) tell it from the others of its package, whatever its receiver's pointer or type
    parameters. Lines count from 0; `stop` is the line behind the last.
    """

    kind: str
    name: str
    keys: Sequence[str]
    text: str
    start: int
    stop: int
    specs: Sequence[Spec] = ()

    @property
    def names(self) -> list[str]:
        """Return the names of all that it declares."""
        return [spec.name for spec in self.specs] or [self.name]


@dataclass(frozen=True, slots=True)
class Outline:
    """A file taken apart: its package clause, imports (their texts) and declarations, in order.

    `broken` says that something at the top of the file is no Go, or that it took too long: what is
    listed is then a guess, or nothing. An error inside a declaration is none of its neighbors'
    matter, and may be no error: grammars lag behind Go (`new(1)` of Go 1.26 is one for
    tree-sitter-go 0.25).
    """

    package: str
    imports: Sequence[str]
    declarations: Sequence[Declaration]
    broken: bool


@cache
def language() -> Language:
    """Return Go's grammar."""
    return Language(tree_sitter_go.language())


def outline(text: str) -> Outline:
    """Take the Go file `text` apart."""
    # "surrogatepass" never meets a surrogate in what Parquet holds; a caller's own text may.
    source = text.encode("utf-8", "surrogatepass")
    root = parsed(source)
    if root is None:
        return Outline("", (), (), broken=True)
    package = ""
    imports: list[str] = []
    declarations: list[Declaration] = []
    broken = root.type != "source_file"
    for node, docs in documented(root, source):
        if node.type == "package_clause":
            package = decoded(source, node)
        elif node.type == "import_declaration":
            imports.append(decoded(source, node))
        elif node.type in NODES:
            declarations.append(declaration(node, docs, source))
        else:
            broken = broken or node.is_named
    return Outline(package, imports, declarations, broken)


def parsed(source: bytes) -> Node | None:
    """Return the root of the tree of `source`, None if it takes longer than PATIENCE_S."""
    until = time.thread_time() + PATIENCE_S

    def piece(start: int, _: Point) -> bytes:
        return source[start : start + CHUNK]

    def is_too_long(*_: object) -> bool:
        return time.thread_time() > until

    try:
        return Parser(language()).parse(piece, progress_callback=is_too_long).root_node
    except ValueError:
        # so tree-sitter says that it was told to stop
        return None


def documented(root: Node, source: bytes) -> Iterator[tuple[Node, Node | None]]:
    """Yield each node at the top of a file, with the first comment of those right above it."""
    first: Node | None = None
    last: Node | None = None
    for node in root.children:
        touches = last is not None and node.start_point.row == last.end_point.row + 1
        if node.type != "comment":
            yield node, first if touches else None
            first = last = None
        elif begins_line(source, node.start_byte):
            first, last = (first if touches else node), node
        else:
            first = last = None


def begins_line(source: bytes, place: int) -> bool:
    """Say whether nothing but white space stands before `place` in its line."""
    return not source[source.rfind(b"\n", 0, place) + 1 : place].strip()


def declaration(node: Node, docs: Node | None, source: bytes) -> Declaration:
    """Return the declaration that `node` is, from its doc comment on."""
    first = docs or node
    kind = NODES[node.type]
    if kind in (FUNC, METHOD):
        name, key = function_name(node, source)
        keys, specs = [key], list[Spec]()
    else:
        specs = list(specs_of(node, source))
        name = specs[0].name if specs else "_"
        kind = INTERFACE if kind == TYPE and is_interface(node) else kind
        keys = [spec.name for spec in specs] or [name]
    return Declaration(
        kind=kind, name=name, keys=[f"{NODES[node.type]} {key}" for key in keys],
        text=source[first.start_byte : node.end_byte].decode("utf-8", "replace"),
        start=first.start_point.row, stop=node.end_point.row + 1,
        specs=specs,
    )  # fmt: skip


def function_name(node: Node, source: bytes) -> tuple[str, str]:
    """Return what a function or method is called, and the same without pointer and parameters."""
    name = short(source, node.child_by_field_name("name"))
    receiver = node.child_by_field_name("receiver")
    if receiver is None:
        return name, name
    kinds = [child.child_by_field_name("type") for child in receiver.named_children]
    written = "".join(short(source, kinds[0] if kinds else None).split())
    base = written.strip("*()").partition("[")[0]
    shown = f"(*{base})" if written.lstrip("(").startswith("*") else base
    return f"{shown}.{name}", f"{base}.{name}"


def specs_of(node: Node, source: bytes) -> Iterator[Spec]:
    """Yield what a type, var or const declaration declares; `a, b = f()` is two with one text."""
    for spec in spec_nodes(node):
        text = decoded(source, spec)
        for name in spec.children_by_field_name("name"):
            if name.is_named:  # the comma between two names bears the field's name too
                yield Spec(short(source, name), text)


def spec_nodes(node: Node) -> Iterator[Node]:
    """Yield the specs of a declaration, with or without parentheses."""
    for child in node.named_children:
        if child.type in LISTS:
            yield from (one for one in child.named_children if one.type in SPECS)
        elif child.type in SPECS:
            yield child


def is_interface(node: Node) -> bool:
    """Say whether a type declaration declares interfaces (the first one tells)."""
    spec = next(spec_nodes(node), None)
    kind = spec.child_by_field_name("type") if spec else None
    return kind is not None and kind.type == "interface_type"


def decoded(source: bytes, node: Node) -> str:
    """Return the text of `node`."""
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def short(source: bytes, node: Node | None) -> str:
    """Return the text of a name, cut where no name is so long; `_` where there is none."""
    if node is None:
        return "_"
    stop = min(node.end_byte, node.start_byte + LARGEST_NAME)
    return source[node.start_byte : stop].decode("utf-8", "ignore")
