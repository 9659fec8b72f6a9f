"""Mining one range of a history: from git's streams into one file of records."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice

import pyarrow as pa

from codekiln.core.corpus import commits
from codekiln.core.git import diffs, objects, shared_diffs
from codekiln.core.git.command import Git
from codekiln.core.git.commit_object import parse
from codekiln.core.git.patches import CommitDiff
from codekiln.mine_commits import conflicts, conventions
from codekiln.mine_commits.file_changes import unread
from codekiln.mine_commits.limits import Limits
from codekiln.mine_commits.ranges import Count, Job, Known
from codekiln.mine_commits.records import record

REPORT_EVERY = 50

BLOCK = 250
"""Commits whose messages are read ahead, so that the hashes in them are looked up at once."""


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the collector of cycles away: nothing here makes one, and it walks all that is held."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@without_collector()
def mine_range(job: Job, count: Count) -> Counter[str]:
    """Write the file of one range; return what was counted, by name."""
    # Arrow's own allocators keep what they freed: 30 MB a process that the system could have.
    pa.set_memory_pool(pa.system_memory_pool())
    told = {**job.git.settings, **diffs.settings(job.limits.largest_file_bytes)}
    git = replace(job.git, settings=told)
    tally: Counter[str] = Counter()
    path = commits.shard(job.folder, job.range.number)
    with commits.Writer(path) as writer:
        for done, commit in enumerate(mined(git, job.range.commits, job.limits), start=1):
            writer.add(commit)
            tallied(tally, commit)
            if done % REPORT_EVERY == 0:
                count(REPORT_EVERY)
    count(len(job.range.commits) % REPORT_EVERY)
    return tally


def mined(git: Git, known: Sequence[Known], limits: Limits) -> Iterator[commits.Commit]:
    """Yield the record of each commit of `known`, in order."""
    merges = conflicts.resolved(git, [one.sha for one in known if one.is_merge])
    texts = objects.stream(git, [one.sha for one in known], limits.message_bytes)
    each = zip(known, texts, strict=True)
    differences = each_diff(git, known, limits)
    with objects.naming(git) as commits_named:
        while block := list(islice(each, BLOCK)):
            parts = [parse(text.data, text.size) if text else parse(b"", 0) for _, text in block]
            names = [conventions.named_hashes(part.message) for part in parts]
            hashes = commits_named(sorted(set(chain.from_iterable(names))))
            for (one, _), part, named in zip(block, parts, names, strict=True):
                related = conventions.commits(part.message, named, hashes)
                diff = next(differences)
                yield record(one, part, diff, related, resolved_conflicts=one.sha in merges)


def each_diff(
    git: Git, known: Sequence[Known], limits: Limits
) -> Iterator[CommitDiff[commits.FileChange] | None]:
    """Yield the diff of each commit, None where it is at the boundary or cannot be read."""
    lines = [line(one) for one in known if not one.is_boundary]
    read = shared_diffs.read(git, lines, limits.caps, unread)
    return (None if one.is_boundary else next(read) for one in known)


def line(one: Known) -> str:
    """Return what to ask diff-tree for the diff of `one`."""
    return one.sha if one.base is None else f"{one.sha} {one.base}"


def tallied(tally: Counter[str], commit: commits.Commit) -> None:
    """Add one commit to the counts of a run."""
    tally["commits"] += 1
    tally["merges"] += commit.is_merge
    tally["files_changed"] += commit.files_changed
    tally["insertions"] += commit.insertions
    tally["deletions"] += commit.deletions
    tally[f"diffs_{commit.diff_status}"] += 1
    tally["messages_truncated"] += commit.message_truncated
