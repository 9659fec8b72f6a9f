"""What kind of Go file a path and a text are: of tests, of others, or of a generator."""

import re

GENERATED = re.compile(r"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)
"""As `go help generate` has it; the line must come before the first that is no comment."""

OLDER = re.compile(
    r"^[ \t]*(?://|/\*|\*)[ \t]*(?:@generated\b|Code generated (?:by|from) |"
    r"(?i:(?:this (?:file|code) (?:is|was|has been) )?(?:auto(?:matically)?|machine)[- ]?generated"
    r"(?: (?:by|from|using|with|file|code)\b|[.;!]|[ \t]*$)|"
    r"generated (?:by|from|with) [^\n]*\bdo not (?:edit|modify)\b|"
    r"do not (?:edit|modify)(?:[.!:;]|[ \t]*$| this (?:file|code)\b)))",
    re.MULTILINE,
)
"""What generators wrote before there was one mark, or write still; above the package clause."""

HEAD_CHARS = 64 << 10
"""The line of a generator stands in the head of a file; nobody looks further."""

SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*"
    r"(\(?[A-Za-z0-9.+-]+(?:[ \t]+(?:OR|AND|WITH)[ \t]+[A-Za-z0-9.+-]+){0,9}\)?)"
)
"""https://spdx.dev/learn/handling-license-info"""

PACKAGE = re.compile(r"^package[ \t]", re.MULTILINE)

VENDORED = frozenset({"vendor", "third_party", "Godeps", "_vendor", "node_modules"})
"""Names of folders that hold the code of others."""

TESTDATA = "testdata"
"""A folder that the go command passes by: often Go that is broken on purpose."""


def is_go(path: str) -> bool:
    """Say whether `path` is that of a Go file."""
    return path.endswith(".go")


def is_test(path: str) -> bool:
    """Say whether the go command takes the file for one of tests, or of their data."""
    return path.endswith("_test.go") or TESTDATA in path.split("/")[:-1]


def is_vendored(path: str) -> bool:
    """Say whether a folder of `path` holds the code of others."""
    return not VENDORED.isdisjoint(path.split("/")[:-1])


def is_generated(text: str) -> bool:
    """Say whether the file with this text says that a program wrote it."""
    above = _above_package(text)
    return GENERATED.search(above) is not None or OLDER.search(above) is not None


def license_of(text: str) -> str:
    """Return the SPDX expression that the file with this text names, "" if it names none."""
    found = SPDX.search(_above_package(text))
    return found[1] if found else ""


def _above_package(text: str) -> str:
    head = text[:HEAD_CHARS]
    package = PACKAGE.search(head)
    return head[: package.start()] if package else head
