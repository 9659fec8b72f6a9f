"""Flags from settings: one for each plain field, with its help and its default."""

import argparse
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic.fields import FieldInfo

from codekiln.core.errors import InputError
from codekiln.core.settings import Section, plain_of, sections_of, unknown_key


class Parser(argparse.ArgumentParser):
    """An argument parser that raises InputError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into one line."""
        raise InputError(f"{message}; see {self.prog} --help")


def parser_for(settings: type[Section], prog: str) -> Parser:
    """Build the parser of a phase; every value stays text, for `settings` to check."""
    parser = Parser(
        prog=prog,
        description=settings.__doc__,
        epilog=_about_sections(settings),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name in plain_of(settings):
        field = settings.model_fields[name]
        parser.add_argument(
            flag(name),
            dest=name,
            default=argparse.SUPPRESS,
            metavar=metavar(field.annotation),
            help=help_of(field),
        )
    return parser


def flag(name: str) -> str:
    """Return the flag of the field `name`: `max_tokens` becomes `--max-tokens`."""
    return "--" + name.replace("_", "-")


def parse(parser: Parser, argv: Sequence[str]) -> dict[str, Any]:
    """Read `argv`; an unknown flag is an InputError that names the nearest one."""
    told, rest = parser.parse_known_args(argv)
    wrong = [word for word in rest if word.startswith("-")] or rest
    if wrong:
        known = [flag(action.dest) for action in parser._actions]
        raise InputError(unknown_key(wrong[0].split("=")[0], known))
    return vars(told)


def help_of(field: FieldInfo) -> str:
    """Describe `field` with its default."""
    text = (field.description or "").replace("%", "%%")
    if field.is_required():
        return f"{text} (required)"
    return text if field.default in (None, "") else f"{text} (default: {field.default})"


def metavar(kind: Any) -> str:
    """Name what a flag of type `kind` takes: FILE for a path, a|b for a choice."""
    origin = typing.get_origin(kind)
    if origin is Literal:
        return "|".join(map(str, typing.get_args(kind)))
    if origin in (types.UnionType, typing.Union):
        return metavar(next(k for k in typing.get_args(kind) if k is not types.NoneType))
    names = {bool: "true|false", int: "N", float: "X", Path: "PATH"}
    return names.get(kind, "TEXT")


def _about_sections(settings: type[Section]) -> str:
    """List what --config may hold for this phase."""
    lines = []
    for section, kind in sections_of(settings).items():
        lines.append(f"  {section}:")
        for name, field in kind.model_fields.items():
            lines.append(f"    {name}: {field.default!r:<12} # {field.description or ''}")
    return "read from --config (YAML), with these defaults:\n" + "\n".join(lines) if lines else ""
