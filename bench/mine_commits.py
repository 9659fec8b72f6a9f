"""Measure mine_commits against git alone and against PyDriller, on one repository, in one run.

    python bench/mine_commits.py REPOSITORY [--rounds N] [--newest N] [--sample N]
        [--with-giant-patch]

CPU is user and system time of the whole process tree, by getrusage. Peak memory is sampled: the
sum over the process tree of each process's proportional share (PSS), so that what processes share
counts once. git alone is `git log --raw -p -M` over the same commits (those whose objects are all
there), printed to nowhere, with git's own large caches, three times: as it is, which shows no diff
of a merge and counts no lines; with --diff-merges=first-parent, the diffs that the miner reads; and
with --numstat too, so that it tells all that a record tells of its diff. PyDriller reads a sample
of the newest commits that no merge is among; git reads the same sample, and the two ratios to git
give that of PyDriller to us: an extrapolation. Of several rounds each takes its cheapest, for what
else runs on the machine only ever adds.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from codekiln.core.corpus import commits
from codekiln.core.git import graph
from codekiln.core.git.command import Git
from codekiln.core.git.repository import opened

PR_SET_CHILD_SUBREAPER = 36
"""From linux/prctl.h."""

GOAL_FLOOR, GOAL_PYDRILLER, GOAL_MIB = 1.3, 20.0, 300
GIANT_LINES = 1_000_000
PYDRILLER = """
import sys
from pydriller import Repository
wanted = sys.stdin.read().split()
told = 0
for commit in Repository(sys.argv[1], only_commits=wanted, order="reverse").traverse_commits():
    for file in commit.modified_files:
        told += file.added_lines + file.deleted_lines + len(file.diff)
print(told, file=sys.stderr)
"""


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one command took: CPU seconds, wall seconds, MiB at its peak, its exit code."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    code: int


def measured(argv: Sequence[str], given: bytes = b"", told: dict[str, str] | None = None) -> Spent:
    """Run `argv` and measure its whole process tree."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with tempfile.TemporaryFile() as file:
        file.write(given)
        file.seek(0)
        environment = {**os.environ, **(told or {})}
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(argv, stdin=file, stdout=quiet, stderr=quiet, env=environment)
        with watched(process.pid) as peaks:
            code = process.wait()
            reap()
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(cpu, wall, max(peaks) / 2**20, code)


def adopt() -> None:
    """Become the parent of orphans: a fork server outlives its parent by a moment."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def reap() -> None:
    """Wait for the orphans, so that getrusage knows what they and their children spent."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


@contextlib.contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Sample the memory of the process tree of `pid` until the block ends."""
    peaks, over = [0], threading.Event()

    def sample() -> None:
        while not over.wait(0.1):
            with contextlib.suppress(psutil.Error):
                root = psutil.Process(pid)
                peaks.append(sum(map(share, [root, *root.children(recursive=True)])))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def share(process: psutil.Process) -> int:
    """Return the bytes of `process`, shared pages divided by those who share them."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0


def mine(source: str, out: Path, newest: int, workers: int = 0) -> Spent:
    """Run the phase as a user does; 0 workers are one for each core."""
    told = ["--repository", source, "--commits", str(out), "--newest", str(newest)]
    told += ["--workers", str(workers)]
    return measured([sys.executable, "-m", "codekiln.mine_commits", *told])


def git_log(git: Git, shas: Sequence[str], *options: str) -> Spent:
    """Let git print the raw rows and patches of `shas` to nowhere."""
    log = git.argv("log", "--raw", "-p", "-M", "--no-walk=unsorted", "--stdin", *options)
    return measured(log, "\n".join(shas).encode() + b"\n", dict(git.variables))


def sampled(source: str, clone: Path, rows: Sequence[Row], sample: int) -> list[str]:
    """Make the clone that PyDriller wants; return the newest commits of its HEAD, merges left out.

    PyDriller shows no diff of merges, and dies of a commit that has lost an object.
    """
    make = ["git", "clone", "--quiet", "--shared", "--no-checkout", source, str(clone)]
    subprocess.run(make, check=True)
    listed = subprocess.run(
        ["git", "-C", str(clone), "rev-list", "--no-merges", "HEAD"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    whole = {row["hash"] for row in rows if row["diff_status"] == "whole"}
    return [sha for sha in listed if sha in whole][:sample]


def pydriller(source: str, shas: Sequence[str]) -> Spent:
    """Let PyDriller read the files of `shas`."""
    return measured([sys.executable, "-c", PYDRILLER, source], "\n".join(shas).encode())


def plain(name: str, value: float) -> None:
    """Print a figure that has no goal."""
    print(f"{name:<58} {value:8.2f}")


def verdict(name: str, value: float, goal: float, *, at_most: bool) -> None:
    """Print a figure beside its goal."""
    met = value <= goal if at_most else value >= goal
    sign = "<=" if at_most else ">="
    print(f"{name:<58} {value:8.2f}  goal {sign} {goal:g}: {'met' if met else 'MISSED'}")


@dataclass(frozen=True, slots=True)
class Compared:
    """What each took: `ours` and `git_*` for all commits, `*_sample` for the newest few."""

    ours: Spent
    git_plain: Spent
    git_merges: Spent
    git_counts: Spent
    pydriller_sample: Spent
    git_sample: Spent
    commits: int
    sample: int


def compare(source: str, newest: int, sample: int, rounds: int) -> Compared:
    """Measure all on `source`, the cheapest of some rounds of each, and print what each took."""
    with tempfile.TemporaryDirectory() as work, opened(source) as repository:
        graph.read(repository)
        out, clone, git = Path(work) / "out", Path(work) / "clone", repository.git
        ours = told("mine_commits", rounds, lambda: mine(source, out, newest))
        told("mine_commits, one worker", rounds, lambda: mine(source, out, newest, workers=1))
        rows = list(commits.rows(out, ["hash", "is_merge", "diff_status"]))
        whole = [r["hash"] for r in rows if r["diff_status"] in ("whole", "capped")][::-1]
        few = sampled(source, clone, rows, sample)
        merges = "--diff-merges=first-parent"
        return Compared(
            ours,
            told("git log --raw -p", rounds, lambda: git_log(git, whole)),
            told("git log --raw -p, merges too", rounds, lambda: git_log(git, whole, merges)),
            told("  and --numstat", rounds, lambda: git_log(git, whole, merges, "--numstat")),
            told("PyDriller (sample of the newest)", rounds, lambda: pydriller(str(clone), few)),
            told("git log --raw -p, same sample", rounds, lambda: git_log(git, few)),
            len(rows),
            len(few),
        )


def told(name: str, rounds: int, run: Callable[[], Spent]) -> Spent:
    """Run something in some rounds; print and return what it took where it took the least CPU."""
    spent = min((run() for _ in range(rounds)), key=lambda one: one.cpu_s)
    failed = f"  exit code {spent.code}" if spent.code else ""
    print(
        f"{name:<34} {spent.cpu_s:8.2f} CPU-s  {spent.wall_s:8.2f} s  "
        f"peak {spent.peak_mib:6.0f} MiB{failed}",
        flush=True,
    )
    return spent


def ratios(found: Compared) -> None:
    """Print what one took against the other, beside the goals."""
    ours = found.ours.cpu_s
    over_same = ours / found.git_merges.cpu_s
    print(f"\n{found.commits:,} commits, a sample of {found.sample}")
    over_plain, over_counts = ours / found.git_plain.cpu_s, ours / found.git_counts.cpu_s
    verdict("CPU, ours / git log --raw -p alone", over_plain, GOAL_FLOOR, at_most=True)
    plain("CPU, ours / git with the diffs of merges", over_same)
    verdict("CPU, ours / git with merges and counts", over_counts, GOAL_FLOOR, at_most=True)
    times = found.pydriller_sample.cpu_s / found.git_sample.cpu_s
    plain("CPU, PyDriller / git on the sample", times)
    # Sample and whole differ in the size of their commits: git's time on both is the yardstick.
    by_git = times / over_same
    verdict("CPU, PyDriller / ours, by way of git", by_git, GOAL_PYDRILLER, at_most=False)
    each = found.pydriller_sample.cpu_s / found.sample / (ours / found.commits)
    plain("CPU a commit, PyDriller on the sample / ours on all", each)
    verdict("peak MiB of the whole process tree", found.ours.peak_mib, GOAL_MIB, at_most=True)


def giant() -> None:
    """Mine a repository whose one commit has a patch of 50 MB, in one file."""
    with tempfile.TemporaryDirectory() as work:
        source, out = Path(work) / "giant.git", Path(work) / "out"
        subprocess.run(["git", "init", "--quiet", "--bare", str(source)], check=True)
        body = b"".join(b"%049d\n" % (n * 7919) for n in range(GIANT_LINES))
        head = b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 1\nx\n"
        stream = head + b"M 644 inline big\ndata %d\n" % len(body) + body + b"\n"
        load = ["git", "-C", str(source), "fast-import", "--quiet"]
        subprocess.run(load, input=stream, check=True)
        spent = told("a patch of 50 MB", 1, lambda: mine(str(source), out, 0))
        (row,) = commits.rows(out, ["insertions", "diff_status"])
        print(f"{row['insertions']:,} insertions counted of {GIANT_LINES:,}; {row['diff_status']}")
        verdict("peak MiB of the whole process tree", spent.peak_mib, GOAL_MIB, at_most=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("repository", help="path of a git repository")
    parser.add_argument("--newest", type=int, default=0, help="only the newest commits (0: all)")
    # Of few commits the most is PyDriller's own start, which would flatter us.
    parser.add_argument("--sample", type=int, default=1000, help="commits for PyDriller")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the best counts")
    parser.add_argument("--with-giant-patch", action="store_true", help="a generated one besides")
    asked = parser.parse_args()
    adopt()
    ratios(compare(asked.repository, asked.newest, asked.sample, asked.rounds))
    if asked.with_giant_patch:
        giant()


if __name__ == "__main__":
    main()
