"""What GitHub refuses for good.

* CodekilnError
  + GoneError        this thing cannot be had: vanished, taken down, or not for us; others can
  + TooHeavyError    this GraphQL query takes GitHub too long: ask for less at once
  + ServiceError
    - StuckError     this one request keeps failing, though GitHub answers others
"""

from codekiln.core.errors import CodekilnError, ServiceError


class GoneError(CodekilnError):
    """One thing (a repository, say) cannot be had, today or tomorrow; everything else can.

    `reason` is one of `vanished` (404, 410: deleted, or private and not ours), `blocked` (taken
    down: 451, or 403 with a reason of GitHub's) and `forbidden` (its owners shut our token out).
    """

    def __init__(self, message: str, *, reason: str, status: int) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


class TooHeavyError(CodekilnError):
    """A query that GitHub did not finish within its ten seconds, though it answers others."""


class StuckError(ServiceError):
    """One request that keeps failing, though GitHub answers others."""
