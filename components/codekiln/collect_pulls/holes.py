"""What it means where a GraphQL answer has null in the place of something that was asked for."""

from codekiln.core.github.answers import Reply

VANISHED = "vanished"
FORBIDDEN = "forbidden"
UNANSWERED = "unanswered"
"""GitHub gave neither the thing nor a reason that would last: it may do so another time."""

TOO_HEAVY = "too heavy"
"""GitHub cannot answer for this one thing within its ten seconds."""

LASTING = {"NOT_FOUND": VANISHED, "FORBIDDEN": FORBIDDEN}
"""By GitHub's type of error."""


def reasons(reply: Reply, field: str) -> dict[int, str]:
    """Return why things in the list `field` of `reply` cannot be used, by their place there.

    A thing that is there can have holes of its own: those that last (an issue in a repository that
    is not for us) are part of the answer, others make the thing unanswered.
    """
    nodes = reply.data.get(field) or ()
    told = {place: UNANSWERED for place, node in enumerate(nodes) if not node}
    for error in reply.errors:
        if len(error.path) < 2 or error.path[0] != field:
            continue
        place, reason = int(error.path[1]), LASTING.get(error.type, UNANSWERED)
        if place in told or reason == UNANSWERED:
            told[place] = reason
    return told
