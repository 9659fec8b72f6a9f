"""What the world holds of a pull request, before any API gives it a shape. Times: epoch seconds."""

from dataclasses import dataclass, field

from codekiln.fake_github.people import Person
from codekiln.fake_github.stories import Story


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """A commit of a pull request."""

    sha: str
    author: Person
    time: int
    message: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file that a pull request changes; `status` in GitHub's words."""

    path: str
    status: str
    additions: int
    deletions: int
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What git knows of a pull request."""

    head_sha: str
    base_sha: str
    merge_sha: str
    commits: tuple[CommitFacts, ...]
    files: tuple[FileFacts, ...]

    @property
    def additions(self) -> int:
        """Return the added lines of all files."""
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        """Return the removed lines of all files."""
        return sum(file.deletions for file in self.files)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, a review or a remark on a line: `id` is unique among its kind."""

    id: int
    author: Person
    created_at: int
    body: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; `closed_at` is 0 while it is open."""

    number: int
    title: str
    body: str
    author: Person
    created_at: int
    closed_at: int


@dataclass(slots=True)
class Edits:
    """What happened to a pull request since the world began."""

    title: str = ""
    author: Person | None = None
    head_sha: str = ""
    merge_sha: str = ""
    merged_by: Person | None = None
    comments: list[Comment] = field(default_factory=list)
    pushes: int = 0
    revision: int = 0


@dataclass(slots=True)
class Pull:
    """A pull request at one moment."""

    index: int
    number: int
    id: int
    is_open: bool
    is_merged: bool
    is_draft: bool
    created_at: int
    updated_at: int
    closed_at: int
    author: Person
    merged_by: Person | None
    association: str
    story: Story
    title: str
    milestone: int
    fork_owner: str
    head_sha: str
    base_sha: str
    merge_sha: str
    issue: int
    comments: int
    reviews: int
    remarks: int
    revision: int = 0
