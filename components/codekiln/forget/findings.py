"""What was found of a repository, and what was done: values, for the page that tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from codekiln.core.datasets.traces import Held
from codekiln.core.lineage.manifests import Node
from codekiln.forget.identity import Repository
from codekiln.forget.token_sets import TokenSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """A version that holds the repository."""

    what: str
    uri: str
    number: int
    names: Sequence[str]
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the newest version of a data set held, and the version that is without it."""

    what: str
    uri: str
    held: Held
    version: int
    left: Sequence[Older] = ()
    """Older versions that hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was removed for good from one data set; `size` in bytes of shards."""

    uri: str
    versions: int
    objects: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What lineage says: `nodes` had seen it, of `unexplained` nobody can tell."""

    nodes: Sequence[Node] = ()
    unexplained: Sequence[Node] = ()
    looked_at: Mapping[str, int] = field(default_factory=dict)
    """Manifests that were read, by URI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that there is to say."""

    repository: Repository
    is_dry: bool
    erases: bool
    taken: Sequence[Taken]
    sets: Sequence[TokenSet]
    seen: Seen
    not_looked_at: Sequence[str]
    erased: Sequence[Erased] | None = None
    """None where nothing was erased."""

    @property
    def left(self) -> Sequence[Older]:
        """Return the older versions that hold it."""
        return [older for one in self.taken for older in one.left]

    @property
    def token_sets(self) -> Sequence[TokenSet]:
        """Return the sets of tokens that hold it; of those erased, also what may have held it."""
        if self.erased is None:
            return [one for one in self.sets if one.holds_it]
        return [one for one in self.sets if one.may_hold_it]

    @property
    def changed(self) -> bool:
        """Say whether a newest version held it, or it was not kept out yet."""
        return not self.repository.since or any(one.held for one in self.taken)
