"""The objects of the GraphQL graph: thin views of the world that know their type."""

from collections.abc import Mapping, Sequence
from typing import Any

from codekiln.fake_github import node_ids, orders, talk
from codekiln.fake_github.accounts import Account
from codekiln.fake_github.connections import Connection
from codekiln.fake_github.people import Person
from codekiln.fake_github.pulls import Changed, Comment, CommitFacts, Pull
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.small import labels
from codekiln.fake_github.world import World

Arguments = Mapping[str, Any]


class FieldError(Exception):
    """A field has no answer: it is null, and an error of the type `kind` stands beside the data."""

    kind = ""


class NotFoundError(FieldError):
    """GitHub could not resolve what a field names."""

    kind = "NOT_FOUND"


class RepositoryNode:
    """A repository."""

    __slots__ = ("repository", "world")
    typename = "Repository"

    def __init__(self, world: World, repository: Repository) -> None:
        self.world, self.repository = world, repository

    def owner(self) -> Account:
        """Return the organization that owns it."""
        number = 500_000 + self.repository.id % 9_973
        login = self.repository.owner
        return Account("Organization", (number, node_ids.encode("O", number)), login, login)

    def pulls(self, arguments: Arguments) -> Connection:
        """Return the connection of its pull requests."""
        line, found = self.repository.timeline, self.repository
        told = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        newest = told["direction"] == "DESC"
        order = orders.in_states(
            found,
            arguments.get("states") or (),
            newest_first=newest,
            by_update=told["field"] == "UPDATED_AT",
        )
        order = self._chosen(order, arguments)
        sign = -1 if newest else 1
        if told["field"] == "UPDATED_AT":
            return Connection(
                "PullRequest", order, self.pull, arguments,
                lambda one: (sign * line.updated[one], sign * one),
            )  # fmt: skip
        return Connection("PullRequest", order, self.pull, arguments, lambda one: (sign * one,))

    def _chosen(self, order: Sequence[int], arguments: Arguments) -> Sequence[int]:
        """Keep what fits baseRefName, headRefName and labels."""
        base, head = arguments.get("baseRefName"), arguments.get("headRefName")
        if base is not None and base != self.repository.spec.default_branch:
            return []
        wanted = set(arguments.get("labels") or ())
        if head is None and not wanted:
            return order
        stories = ((index, self.repository.pull(index).story) for index in order)
        return [
            index
            for index, story in stories
            if head in (None, story.branch) and (not wanted or wanted & set(story.labels))
        ]

    def pull(self, index: int) -> "PullNode":
        """Return one of its pull requests."""
        return PullNode(self, self.repository.pull(index))

    def pull_numbered(self, number: int) -> "PullNode":
        """Return pull request `number`; raises NotFoundError."""
        index = self.repository.index_of(number)
        if index is None:
            raise NotFoundError(f"Could not resolve to a PullRequest with the number of {number}.")
        return self.pull(index)

    def has_issue(self, number: int) -> bool:
        """Tell whether `number` is that of an issue."""
        beside = (number - 1) // 2
        return 0 < number <= 2 * len(self.repository.timeline) and (
            self.repository.issue_at(beside) == number
        )

    def issue(self, number: int) -> "IssueNode":
        """Return issue `number`; raises NotFoundError."""
        if not self.has_issue(number):
            raise NotFoundError(f"Could not resolve to an Issue with the number of {number}.")
        return IssueNode(self, number)

    def issues(self, arguments: Arguments) -> Connection:
        """Return the connection of its issues: one beside each pull request.

        Of all that may narrow it only `states` is understood.
        """
        places: Sequence[int] = range(len(self.repository.timeline))
        states = set(arguments.get("states") or ())
        if len(states) == 1:
            wanted = "CLOSED" in states
            places = [i for i in places if bool(self._issue(i).facts.closed_at) == wanted]
        return Connection("Issue", places, self._issue, arguments)

    def _issue(self, index: int) -> "IssueNode":
        return IssueNode(self, self.repository.issue_at(index))


class PullNode:
    """A pull request; what git knows of it is looked up when first asked for."""

    __slots__ = ("_changed", "_said", "pull", "repository", "where")
    typename = "PullRequest"

    def __init__(self, where: RepositoryNode, pull: Pull) -> None:
        self.where, self.repository, self.pull = where, where.repository, pull
        self._changed: Changed | None = None
        self._said: list[Comment] | None = None

    @property
    def changed(self) -> Changed:
        """Return its commits and files."""
        if self._changed is None:
            self._changed = self.repository.changed(self.pull)
        return self._changed

    @property
    def said(self) -> list[Comment]:
        """Return its reviews."""
        if self._said is None:
            self._said = talk.reviews(self.repository, self.pull)
        return self._said

    def commits(self, arguments: Arguments) -> Connection:
        """Return the connection of its commits."""
        commits = self.changed.commits
        return Connection(
            "PullRequestCommit", range(len(commits)), lambda i: PullCommitNode(self, commits[i]),
            arguments,
        )  # fmt: skip

    def closing(self, arguments: Arguments) -> Connection:
        """Return the connection of the issues that it closes."""
        issue = self.pull.issue
        return Connection(
            "Issue",
            range(1 if issue else 0),
            lambda _: IssueNode(self.where, issue, self.pull),
            arguments,
        )

    def comments(self, arguments: Arguments) -> Connection:
        """Return the connection of its comments."""
        said = talk.comments(self.repository, self.pull)
        told = arguments.get("orderBy") or {}
        return self.talk(
            "IssueComment", said[::-1] if told.get("direction") == "DESC" else said, arguments
        )

    def talk(self, kind: str, said: list[Comment], arguments: Arguments) -> Connection:
        """Return a connection of comments of some `kind`."""
        return Connection(
            kind, range(len(said)), lambda i: TalkNode(kind, self, said[i]), arguments
        )

    def reviews(self, arguments: Arguments) -> Connection:
        """Return the connection of its reviews."""
        states = arguments.get("states")
        author = arguments.get("author")
        chosen = [
            one
            for one in self.said
            if (not states or one.state in states) and author in (None, one.author.login)
        ]
        return self.talk("PullRequestReview", chosen, arguments)

    def threads(self, arguments: Arguments) -> Connection:
        """Return the connection of its threads: each comment on a line with its answer."""
        count = (self.pull.remarks + 1) // 2
        return Connection(
            "PullRequestReviewThread", range(count), lambda i: ThreadNode(self, i), arguments
        )

    def labels(self, arguments: Arguments) -> Connection:
        """Return the connection of its labels."""
        return labels(self.repository, self.pull.story.labels, arguments)

    def files(self, arguments: Arguments) -> Connection:
        """Return the connection of the files that it changes."""
        files = self.changed.files
        return Connection(
            "PullRequestChangedFile", range(len(files)), lambda i: FileNode(files[i]), arguments
        )


class FileNode:
    """A changed file."""

    __slots__ = ("file",)
    typename = "PullRequestChangedFile"

    def __init__(self, file: Any) -> None:
        self.file = file


class TalkNode:
    """A comment, a review, or a comment on a line."""

    __slots__ = ("on", "said", "typename")

    def __init__(self, typename: str, on: PullNode, said: Comment) -> None:
        self.typename, self.on, self.said = typename, on, said


class ThreadNode:
    """A thread of comments on one line."""

    __slots__ = ("number", "on")
    typename = "PullRequestReviewThread"

    def __init__(self, on: PullNode, number: int) -> None:
        self.on, self.number = on, number

    def comments(self, arguments: Arguments) -> Connection:
        """Return the connection of its comments."""
        said = talk.remarks(self.on.repository, self.on.pull)[2 * self.number : 2 * self.number + 2]
        return self.on.talk("PullRequestReviewComment", said, arguments)


class PullCommitNode:
    """A commit as part of a pull request."""

    __slots__ = ("commit", "on")
    typename = "PullRequestCommit"

    def __init__(self, on: PullNode, commit: CommitFacts) -> None:
        self.on, self.commit = on, commit


class CommitNode:
    """A commit."""

    __slots__ = ("commit", "where")
    typename = "Commit"

    def __init__(self, where: RepositoryNode, commit: CommitFacts) -> None:
        self.where, self.commit = where, commit


class ActorNode:
    """Who git says wrote a commit, and when."""

    __slots__ = ("person", "time")
    typename = "GitActor"

    def __init__(self, person: Person, time: int) -> None:
        self.person, self.time = person, time


class IssueNode:
    """An issue."""

    __slots__ = ("facts", "number", "repository", "where")
    typename = "Issue"

    def __init__(self, where: RepositoryNode, number: int, closer: Pull | None = None) -> None:
        self.where, self.repository, self.number = where, where.repository, number
        self.facts = talk.issue(where.repository, number, closer)
