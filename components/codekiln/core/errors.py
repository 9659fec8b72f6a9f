"""The errors this package raises.

* CodekilnError      a message for the user; the container exits with `exit_code`
  + InputError       what came in cannot be used (exit 2, do not retry)
  + ServiceError     something outside failed (exit 75, worth a retry)

Every message says what was found, what was wanted and what to do. It may name files, and their
names may hold anything: whoever writes it to a terminal or a log passes it through `printable`.
"""


class CodekilnError(Exception):
    """Base of every error that a phase reports without a traceback."""

    exit_code = 1


class InputError(CodekilnError):
    """What came in cannot be used; the same run would fail again."""

    exit_code = 2


class ServiceError(CodekilnError):
    """Something outside the container failed; a retry may pass."""

    exit_code = 75


def printable(text: str) -> str:
    """Return `text` as one line, with what would act on a terminal as escapes."""
    shown = (char if char.isprintable() else char.encode("unicode_escape") for char in text)
    return "".join(char if isinstance(char, str) else char.decode() for char in shown)
