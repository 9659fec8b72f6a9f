"""Measure what git tells of pull requests: CPU, bytes fetched, memory, and that it is right.

    python bench/pull_changes.py REPOSITORY [--pulls N] [--batch N] [--check N] [--suffix .go]

REPOSITORY is a bare mirror on disk with GitHub's refs/pull/*/head; it is only read. Pull requests
are the newest that a commit `Merge pull request #N` merged; base.sha, as GitHub reports it, is the
first parent of that commit. A `git daemon` serves them, so CPU is ours and that of the git
processes we start, the server's not among it. The naive way is a full mirror and, for each of a
sample, a process of `git diff base...head`. The check holds merge bases, commits, statuses, counts,
patches and contents against that.
"""

import argparse
import contextlib
import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codekiln.collect_pulls.changes import Failed, Wanted, told
from codekiln.collect_pulls.kept import Kept
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import ChangedFile, Changes
from codekiln.core.git.command import Git
from codekiln.core.git.decoding import decoded

MERGED = re.compile(r"^Merge pull request #(\d+)")
ASKED = ("allowFilter", "allowAnySHA1InWant")
STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


def lent(source: Path, into: Path) -> Git:
    """Make a repository that shows the refs and objects of `source` and gives any of them."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(into)], check=True)
    (into / "objects" / "info" / "alternates").write_text(f"{source / 'objects'}\n")
    for name in ("packed-refs", "HEAD"):
        shutil.copyfile(source / name, into / name)
    shutil.copytree(source / "refs", into / "refs", dirs_exist_ok=True)
    git = Git(variables={"GIT_DIR": str(into)})
    for name in ASKED:
        git.text("config", f"uploadpack.{name}", "true")
    return git


def merged(git: Git, most: int) -> list[Wanted]:
    """Return the newest pull requests that a merge commit tells of."""
    listed = git.text("for-each-ref", "--format=%(objectname) %(refname)", "refs/pull/*/head")
    rows = [line.split(" ") for line in listed.split("\n")[:-1]]
    heads = {int(name.split("/")[2]): sha for sha, name in rows}
    found: dict[int, Wanted] = {}
    for line in git.text("log", "--all", "--merges", "--format=%H %P%x00%s").split("\n")[:-1]:
        shas, _, subject = line.partition("\0")
        merge, base, *others = shas.split(" ")
        number = int(m[1]) if (m := MERGED.match(subject)) else 0
        if number in heads and len(others) == 1:
            found.setdefault(number, Wanted(number, heads[number], base, merge))
    return [found[number] for number in sorted(found, reverse=True)[:most]]


@contextlib.contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """Serve the repositories in `folder`; give the beginning of their URLs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={folder}"]
    process = subprocess.Popen([*argv, "--export-all", "--reuseaddr"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield f"git://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def cpu_s() -> float:
    """Return the CPU seconds of this process and of the children that it waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass
class Run:
    """What a collection took and gave; `again_s` is for one more time, when all is there."""

    cpu_s: float
    wall_s: float
    fetched: int
    files: int
    again_s: float
    failed: list[Failed]
    sample: list[Changes]


def collect(url: str, wanted: Sequence[Wanted], batch: int, limits: Limits, sample: int) -> Run:
    """Collect `wanted`, batch after batch; keep every n-th for the check."""
    run = Run(0, 0, 0, 0, 0, [], [])
    step = max(1, len(wanted) // max(1, sample))
    chosen = {one.number for one in wanted[::step]} if sample else set()
    start, begun = time.monotonic(), cpu_s()
    with tempfile.TemporaryDirectory() as work, Mirror(url, Path(work) / "m", limits) as mirror:
        for first in range(0, len(wanted), batch):
            for one in told(mirror, wanted[first : first + batch]):
                if isinstance(one, Failed):
                    run.failed.append(one)
                    continue
                run.files += len(one.files)
                run.sample += [one] if one.number in chosen else []
        run.cpu_s, run.wall_s = cpu_s() - begun, time.monotonic() - start
        run.fetched, begun = mirror.fetched, cpu_s()
        few = wanted[:batch]
        deque(told(mirror, few), maxlen=0)
        run.again_s = (cpu_s() - begun) / len(few)
    return run


def naive(git: Git, wanted: Sequence[Wanted]) -> float:
    """Return the CPU seconds of `git diff base...head` for each of `wanted`."""
    begun = cpu_s()
    for one in wanted:
        git.attempt("diff", "--raw", "-p", f"{one.base_sha}...{one.head_sha}")
    return cpu_s() - begun


def wrong(git: Git, one: Wanted, found: Changes, limits: Limits) -> Iterator[str]:
    """Yield what `found` says otherwise than `git diff base...head`."""
    span = f"{one.base_sha}...{one.head_sha}"
    if found.merge_base != git.text("merge-base", one.base_sha, one.head_sha).split("\n")[0]:
        yield "merge base"
    if {c.sha for c in found.commits} != set(
        git.text("rev-list", f"{one.base_sha}..{one.head_sha}").split()[: limits.commits]
    ):
        yield "commits"
    ours = {file.path: file for file in found.files if limits.kept.holds(file.path)}
    theirs = shown(git, span)
    kept = {path: row for path, row in theirs.items() if limits.kept.holds(path)}
    if ours.keys() != kept.keys():
        yield f"paths {ours.keys() ^ kept.keys()}"
        return
    for path, row in kept.items():
        yield from differing(git, ours[path], row, whole=len(kept) <= limits.files)


Shown = tuple[str, str | None, str, str, int, int, str]
"""Status, original path, both blobs, lines added and deleted, patch."""


def shown(git: Git, span: str) -> dict[str, Shown]:
    """Return what git says of each file."""
    fields = iter(
        git.output("diff", "-M", "--raw", "-z", "--full-index", "--no-abbrev", span).split(b"\0")
    )
    counts = iter(git.output("diff", "-M", "--numstat", "-z", span).split(b"\0"))
    sections = iter(git.output("diff", "-M", span).split(b"\ndiff --git "))
    found: dict[str, Shown] = {}
    for raw in fields:
        if not raw:
            break
        *_, old, new, kind = raw.decode().split(" ")
        first = next(fields)
        path = next(fields) if kind[0] in "RC" else first
        added, deleted, name = next(counts).split(b"\t", 2)
        if not name:
            next(counts), next(counts)
        patches = [hunks(next(sections)) for _ in range(2 if kind[0] == "T" else 1)]
        found[text(path)] = (
            STATUS[kind[0]], text(first) if kind[0] in "RC" else None, old, new,
            0 if added == b"-" else int(added), 0 if deleted == b"-" else int(deleted),
            decoded(b"\n".join(filter(None, patches))),
        )  # fmt: skip
    return found


def text(path: bytes) -> str:
    """Return a path as records have it."""
    return path.decode("utf-8", "backslashreplace")


def hunks(section: bytes) -> bytes:
    """Return the hunks of one section of a patch, without its last line break."""
    start = section.find(b"\n@@ ")
    return section[start + 1 :].removesuffix(b"\n") if start >= 0 else b""


def differing(git: Git, file: ChangedFile, row: Shown, *, whole: bool) -> Iterator[str]:
    """Yield what a record says otherwise than git; of one cut for its size, what was not cut."""
    status, original, old, new, added, deleted, patch = row
    if (file.status, file.original_path) != (status, original):
        yield f"{file.path}: {file.status} from {file.original_path}"
    if whole and (file.additions, file.deletions) != (added, deleted):
        yield f"{file.path}: {file.additions} and {file.deletions} lines"
    if not file.truncated:
        if file.patch != patch:
            yield f"{file.path}: patch"
        if (file.before, file.after) != (content(git, old), content(git, new)):
            yield f"{file.path}: content"


def content(git: Git, blob: str) -> str | None:
    """Return a blob as text, None where it is none."""
    data = git.output("cat-file", "blob", blob) if blob.strip("0") else b"\0"
    return None if b"\0" in data[:8000] else decoded(data)


def check(git: Git, wanted: Sequence[Wanted], run: Run, limits: Limits) -> None:
    """Hold the sample against git and print what differs."""
    by_number = {one.number: one for one in wanted}
    lost, differences, files = 0, 0, 0
    for found in run.sample:
        one = by_number[found.number]
        if git.attempt("diff", "-p", f"{one.base_sha}...{one.head_sha}").returncode:
            lost += 1  # the mirror itself lacks a file that is not kept
            continue
        files += sum(limits.kept.holds(file.path) for file in found.files)
        for what in wrong(git, one, found, limits):
            differences += 1
            print(f"  pull request {one.number}: {what}")
    print(
        f"checked {len(run.sample) - lost} pull requests with {files:,} kept files against "
        f"git diff base...head: {differences} differences ({lost} cannot be shown by the mirror)"
    )


def size(folder: Path) -> int:
    """Return the bytes of the packs of a repository."""
    return sum(path.stat().st_size for path in folder.glob("objects/pack/*.pack"))


def report(run: Run, wanted: Sequence[Wanted], mirror_bytes: int, naive_s: float) -> None:
    """Print the figures, each beside what it is compared with."""
    count = len(wanted)
    print(f"{count} pull requests, {run.files:,} changed files, {len(run.failed)} failed")
    for one in run.failed[:5]:
        print(f"  pull request {one.number}: {one.reason}")
    rate = count / run.cpu_s
    print(f"{run.cpu_s:.2f} CPU-s, {run.wall_s:.2f} s: {rate:.0f} pull requests a CPU-s")
    print(f"when all is here: {1 / run.again_s:.0f} pull requests a CPU-s")
    print(f"git diff, a process each: {1 / naive_s:.0f} a CPU-s, ratio {rate * naive_s:.1f}")
    print(
        f"{run.fetched / 1e6:.1f} MB fetched, {run.fetched / count / 1e3:.1f} kB each; "
        f"a full mirror {mirror_bytes / 1e6:.1f} MB, ratio {mirror_bytes / run.fetched:.1f}"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory of this process {peak / 1024:.0f} MiB")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("repository", type=Path, help="path of a bare mirror of GitHub's")
    parser.add_argument("--pulls", type=int, default=500, help="newest merged pull requests")
    parser.add_argument("--batch", type=int, default=100, help="how many at once")
    parser.add_argument("--check", type=int, default=100, help="how many to hold against git")
    parser.add_argument("--suffix", default=".go", help="files to keep")
    asked = parser.parse_args()
    limits = Limits(kept=Kept(suffix=asked.suffix))
    with tempfile.TemporaryDirectory() as work:
        git = lent(asked.repository.resolve(), Path(work) / "lent.git")
        wanted = merged(git, asked.pulls)
        with daemon(Path(work)) as url:
            run = collect(f"{url}/lent.git", wanted, asked.batch, limits, asked.check)
        few = wanted[:: max(1, len(wanted) // 50)]
        report(run, wanted, size(asked.repository), naive(git, few) / len(few))
        check(git, wanted, run, limits)


if __name__ == "__main__":
    os.environ.setdefault("GIT_NO_LAZY_FETCH", "1")
    main()
