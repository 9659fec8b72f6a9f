"""What people say about a pull request: comments, reviews, remarks on lines, and issues."""

from codekiln.fake_github import people, stories
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.people import Person
from codekiln.fake_github.pulls import Comment, Issue, Pull
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.words import words

_ROOM = 16
"""Ids kept for the talk of one kind on one pull request."""
_REVIEW_STATES = ("APPROVED", "COMMENTED", "COMMENTED", "CHANGES_REQUESTED", "DISMISSED")


def comments(found: Repository, pull: Pull) -> list[Comment]:
    """Return the comments on `pull`, oldest first."""
    dice = Dice(found.seed, found.ordinal, pull.index, "comments")
    later = found.edits[pull.index].comments if pull.index in found.edits else []
    count = pull.comments - len(later)
    made = []
    for number in range(count):
        when = found.timeline.moment(pull.index, number, count)
        robot = dice.chance(0.08)
        author = people.bot("github-actions") if robot else _speaker(found, pull, dice)
        body = dice.pick(words("robot comments" if robot else "comments"))
        made.append(Comment(2 * (pull.id * _ROOM + number), author, when, body))
    return made + later


def _speaker(found: Repository, pull: Pull, dice: Dice) -> Person:
    own = dice.chance(0.35) and not pull.author.is_bot
    return pull.author if own else dice.pick(found.crew)


def reviews(found: Repository, pull: Pull) -> list[Comment]:
    """Return the reviews of `pull`, oldest first, each with its state."""
    if not pull.reviews:
        return []
    dice = Dice(found.seed, found.ordinal, pull.index, "reviews")
    others = [one for one in found.crew if one is not pull.author]
    made = []
    for number in range(pull.reviews):
        when = found.timeline.moment(pull.index, number, pull.reviews)
        last = number == pull.reviews - 1
        state = "APPROVED" if last and pull.is_merged else dice.pick(_REVIEW_STATES)
        body = "" if state == "COMMENTED" else dice.pick(words("reviews"))
        made.append(Comment(pull.id * _ROOM + number, dice.pick(others), when, body, state))
    return made


def remarks(found: Repository, pull: Pull) -> list[Comment]:
    """Return the comments on lines of `pull`, oldest first."""
    return [remark(found, pull, number) for number in range(pull.remarks)]


def remark(found: Repository, pull: Pull, number: int) -> Comment:
    """Make comment `number` on a line of `pull`; every other one is the author's answer."""
    dice = Dice(found.seed, found.ordinal, pull.index, "remark", number)
    when = found.timeline.moment(pull.index, number, pull.remarks)
    author = pull.author if number % 2 else dice.pick(found.crew)
    body = dice.pick(words("answers" if number % 2 else "remarks"))
    return Comment(pull.id * _ROOM + number, author, when, body)


def line_of(remark: Comment) -> int:
    """Return the line that a comment is on."""
    return 3 + remark.id % 40


def hunk_of(pull: Pull, remark: Comment) -> str:
    """Return the hunk that a comment is on, as GitHub shows it above the comment."""
    line, added = line_of(remark), pull.story.code.rstrip("\n").split("\n")[:8]
    head = f"@@ -{line},2 +{line},{len(added) + 2} @@\n"
    return head + "\n".join(f"+{one}" for one in added)


def issue(found: Repository, number: int, closer: Pull | None = None) -> Issue:
    """Make issue `number`; `closer` is the pull request that closes it, where that is known.

    Nobody but the pull request after an issue closes it.
    """
    index = (number - 1) // 2
    after = index + 1
    if closer is None and after < len(found.timeline) and found.issue_of(after) == number:
        closer = found.pull(after)
    dice = Dice(found.seed, found.ordinal, "issue", number)
    author = dice.pick(found.crew)
    if closer is None:
        why = dice.pick(found.things).fill(dice.pick(stories.catalogue()).why)
    else:
        why = closer.story.why
    created = found.timeline.created[index] + 60
    closed = closer.closed_at if closer is not None and closer.is_merged else 0
    return Issue(number, why.split(". ")[0].rstrip("."), why, author, created, closed)
