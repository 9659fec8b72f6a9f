"""In which order a repository's pull requests and remarks are listed, without making them."""

from bisect import bisect_left
from collections.abc import Sequence

from codekiln.fake_github.repository import Repository
from codekiln.fake_github.timeline import MOST_REMARKS


def listed(found: Repository, state: str, sort: str, *, newest_first: bool) -> Sequence[int]:
    """Return the indexes of the pull requests in `state` (open, closed, all), in the order `sort`.

    "popularity" and "long-running" are not kept apart from "created".
    """
    states = {"open": ("OPEN",), "closed": ("CLOSED", "MERGED"), "all": ()}[state]
    return in_states(found, states, newest_first=newest_first, by_update=sort == "updated")


def in_states(
    found: Repository, states: Sequence[str], *, newest_first: bool, by_update: bool
) -> Sequence[int]:
    """Return the indexes of what is OPEN, CLOSED (unmerged) or MERGED; of all without any."""
    line = found.timeline
    order = line.updated_order() if by_update else range(len(line))
    if states:
        order = [index for index in order if found.state(index) in states]
    return order[::-1] if newest_first else order


def remarks_since(found: Repository, since: int, *, newest_first: bool) -> Sequence[int]:
    """Return the places of all comments on lines from `since` on (epoch seconds), by time."""
    line = found.timeline

    def moment(place: int) -> int:
        index, number = remark_at(place)
        return line.moment(index, number, line.remarks_of(index))

    places = line.remark_order()
    if since:
        places = places[bisect_left(places, since, key=moment) :]
    return places[::-1] if newest_first else places


def remark_at(place: int) -> tuple[int, int]:
    """Return the pull request's index and the comment's number in it."""
    return divmod(place, MOST_REMARKS)
