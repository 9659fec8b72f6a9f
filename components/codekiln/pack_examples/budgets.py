"""How the tokens of a row are shared out among the sections of one example."""

from dataclasses import dataclass

from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM, WRITTEN

TURNS = (CODE, PLAN, CONTEXT, PROBLEM)
"""In this order sections take of what others leave: first those that are never cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Tokens that each section has for certain, and `room`: those of them all; no markers."""

    room: int
    problem: int
    context: int
    plan: int
    code: int

    def of(self, section: str) -> int:
        """Return what `section` has for certain."""
        return int(getattr(self, section))


def shared_out(needs: dict[str, int], budgets: Budgets) -> dict[str, int]:
    """Return how many tokens each of WRITTEN gets of those it needs.

    What one does not use of its budget goes to the others, in TURNS; the sum is within the room.
    """
    given = {section: min(needs[section], budgets.of(section)) for section in WRITTEN}
    spare = budgets.room - sum(given.values())
    for section in TURNS:
        more = min(spare, needs[section] - given[section])
        given[section] += more
        spare -= more
    return given
