"""Counting a history without reading a single diff."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from codekiln.core.git.graph import Graph
from codekiln.core.git.repository import REMOTES, Ref, Repository
from codekiln.survey_history.estimate import Estimate, estimate

NAME = "survey.json"
DAY_S = 86400

YEAR_10000_S = 253402300800
"""A time from here on is a broken one, as is 0: git's answer where it cannot read a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A local or remote-tracking branch and the number of commits it contains."""

    name: str
    is_remote: bool
    head: str
    commits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a history holds.

    `commits_over_branches` adds up the branches, so that a shared commit counts for each;
    `commits_on_branches` counts it once; `unique_commits` are those that any ref reaches, which
    is what mine_commits delivers. Times are ISO 8601 in UTC, by committers, broken ones left
    out (None if all are). `unique_authors` are e-mail addresses after the repository's mailmap.
    """

    repository: str
    head: str | None
    is_shallow: bool
    commits_over_branches: int
    commits_on_branches: int
    unique_commits: int
    merge_commits: int
    unique_authors: int
    branch_count: int
    branches: list[Branch]
    tag_count: int
    broken_refs: int
    first_commit_time: str | None
    last_commit_time: str | None
    span_days: float
    commits_per_day: float
    estimate: Estimate


def survey(
    repository: Repository, graph: Graph, batch_size: int, seconds_per_step: float
) -> Survey:
    """Count the commits of `graph`, of each branch, of each author."""
    heads = [ref for ref in repository.refs if ref.is_branch]
    masks = Counter(graph.containing(graph.numbers[ref.commit] for ref in heads))
    branches = counted(heads, masks)
    first, last = first_and_last(graph)
    days = (last - first) / DAY_S if first is not None and last is not None else 0.0
    return Survey(
        repository=repository.name,
        head=repository.head,
        is_shallow=bool(graph.boundary),
        commits_over_branches=sum(branch.commits for branch in branches),
        commits_on_branches=len(graph) - masks[0],
        unique_commits=len(graph),
        merge_commits=sum(len(parents) > 1 for parents in graph.parents),
        unique_authors=len(authors(repository)),
        branch_count=len(branches),
        branches=branches,
        tag_count=sum(ref.name.startswith("refs/tags/") for ref in repository.refs),
        broken_refs=repository.broken_refs,
        first_commit_time=said(first),
        last_commit_time=said(last),
        span_days=round(days, 3),
        # Less than a day is taken for one: the rate of an afternoon says nothing of a year.
        commits_per_day=round(len(graph) / max(days, 1.0), 3),
        estimate=estimate(len(graph), batch_size, seconds_per_step),
    )


def counted(heads: list[Ref], masks: Counter[int]) -> list[Branch]:
    """Count the commits of each branch: `masks` says how many commits are on which branches."""
    sums = summed(masks, len(heads))
    return [
        Branch(
            name=ref.short,
            is_remote=ref.name.startswith(REMOTES),
            head=ref.commit,
            commits=commits,
        )
        for ref, commits in zip(heads, sums, strict=True)
    ]


def summed(masks: Mapping[int, int], bits: int) -> list[int]:
    """Return for each of so many bits the sum of the counts of the masks that have it.

    All bits are added at once: `planes[k]` holds the binary digit k of every sum. Bit after bit,
    50,000 branches of 20,000 commits were not done after 100 s.
    """
    planes: list[int] = []
    for mask, count in masks.items():
        for place in range(count.bit_length()):
            if count >> place & 1:
                add(planes, mask, place)
    digits = [f"{plane:0{bits}b}"[::-1] for plane in reversed(planes)]
    return [int("".join(told), 2) for told in zip(*digits, strict=True)] or [0] * bits


def add(planes: list[int], mask: int, place: int) -> None:
    """Add the binary digit `place` to the sums of all bits of `mask`, and carry."""
    while mask:
        planes += [0] * (place + 1 - len(planes))
        planes[place], mask = planes[place] ^ mask, planes[place] & mask
        place += 1


def authors(repository: Repository) -> set[bytes]:
    """Return the e-mail addresses of the authors, in lower case, mailmap applied."""
    # The view has no work tree and no HEAD of the source's: say where the mailmap is.
    told = ["-c", f"mailmap.blob={repository.head}:.mailmap"] if repository.head else []
    tips = sorted({ref.commit for ref in repository.refs})
    listed = repository.git.output(*told, "log", "--stdin", "--format=%aE", given=tips)
    return {line.strip().lower() for line in listed.split(b"\n")[:-1]}


def first_and_last(graph: Graph) -> tuple[int | None, int | None]:
    """Return the earliest and the latest time that is no broken one."""
    sane = [time for time in graph.times if 0 < time < YEAR_10000_S]
    return (min(sane), max(sane)) if sane else (None, None)


def said(time: int | None) -> str | None:
    """Return `time` as ISO 8601 in UTC."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()
