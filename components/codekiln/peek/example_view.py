"""An example on a screen: what was wanted, what stood there, what to do, what was written."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from codekiln.core.corpus import examples
from codekiln.core.tokens.sections import texts
from codekiln.peek.screen import COLORS, INTENTS, Screen

if TYPE_CHECKING:
    from codekiln.core.tokens.sentences import Sentences

Row = Mapping[str, Any]
SECTIONS = ("problem", "context", "plan", "code")


def show(screen: Screen, row: Row, sections: Collection[str]) -> None:
    """Write one example, or a reject, `sections` of it (empty: all)."""
    _head(screen, row)
    tokens = counted(screen.sentences, row) if screen.sentences else {}
    for name in SECTIONS:
        if not sections or name in sections:
            SHOW[name](screen, row, f", {tokens[name]:,} tokens" if tokens else "")


def counted(sentences: "Sentences", row: Row) -> dict[str, int]:
    """Return how many tokens each section has, without markers, before anything is cut."""
    told = texts(examples.from_row(row))
    return dict(zip(told, map(len, sentences.encode(list(told.values()))), strict=True))


def _head(screen: Screen, row: Row) -> None:
    screen.line(
        (f"{row['repository']} #{row['number']}", "bold"),
        f"  {row['path']}",
        (f"  {row['kind']}, {row['license'] or 'no license'}, {row['merged_at']:%Y-%m-%d}", "dim"),
    )
    screen.line((f"id {row['id']}  commit {row['commit'][:12]}", "dim"))
    if "reason" in row:
        detail = f": {row['detail']}" if row.get("detail") else ""
        screen.line(("went because: ", "red"), (row["reason"], "bold red"), detail)


def _problem(screen: Screen, row: Row, tokens: str) -> None:
    told = row["problem"]
    screen.heading("problem", sized(told["title"] + told["details"]) + tokens)
    screen.body(Text(screen.short(told["title"]), "bold"), COLORS["problem"])
    if told["details"]:
        screen.prose(f"\n{told['details']}".rstrip(), COLORS["problem"])


def _context(screen: Screen, row: Row, tokens: str) -> None:
    told = row["context"]
    screen.heading("context", (sized(told["before"]) if told["before"] else "a new file") + tokens)
    screen.body(Text(screen.short(told["path"]), "bold"), COLORS["context"])
    if told["before"]:
        screen.code(told["before"].rstrip("\n"), COLORS["context"])


def _plan(screen: Screen, row: Row, tokens: str) -> None:
    steps = row["plan"]
    screen.heading("plan", f"{len(steps)} {'step' if len(steps) == 1 else 'steps'}{tokens}")
    for step in steps:
        told = Text.assemble(
            (screen.short(step["intent"]), f"bold {INTENTS.get(step['intent'], 'white')}"),
            f" {screen.short(step['target_kind'])} ",
            (screen.short(step["target_name"]), "bold"),
            f": {screen.short(' '.join(step['description'].split()))}"
            if step["description"]
            else "",
            (f"  ({screen.short(step['evidence'])})", "dim"),
        )
        screen.body(told, COLORS["plan"])


def _code(screen: Screen, row: Row, tokens: str) -> None:
    told = row["solution"]
    screen.heading("code", sized(told["code"]) + tokens)
    screen.code(told["code"].rstrip("\n"), COLORS["code"])
    good = {"valid": "green", "invalid": "red", "passed": "green", "failed": "red"}
    judge = f" ({told['go_version']})" if told["go_version"] else ""
    error = f": {told['syntax_error']}" if told["syntax_error"] else ""
    screen.line(
        ("syntax ", "dim"), (told["syntax"], good.get(told["syntax"], "dim")),
        (f"{error}{judge}, tests ", "dim"), (told["tests"], good.get(told["tests"], "dim")),
    )  # fmt: skip


def sized(text: str) -> str:
    """Say how long a text is."""
    lines = text.rstrip("\n").count("\n") + 1
    return f"{lines:,} {'line' if lines == 1 else 'lines'}, {len(text):,} characters"


SHOW: Mapping[str, Callable[[Screen, Row, str], None]] = {
    "problem": _problem,
    "context": _context,
    "plan": _plan,
    "code": _code,
}
