"""Measure build_examples on real history: CPU, memory, what comes out, and that it is the same.

    python bench/build_examples.py REPOSITORY [--pulls N] [--kept FOLDER]

REPOSITORY is a mirror on disk whose merge commits say `Merge pull request #N` with the title below;
it is only read. Records are made from git alone: the text of a pull request is that of its only
commit, and there are no labels, issues, comments or checks, for git holds none. It prints counts,
CPU and peak memory, and the CPU of Go's parser alone over the same files for comparison, and
compares the bytes that one and two workers write. FOLDER keeps it all.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core import digest, manifest
from codekiln.core.corpus.pulls import (
    PULLS,
    ChangedFile,
    PullCommit,
    PullRequest,
    from_row,
    to_row,
)

MERGED = re.compile(r"^Merge pull request #(\d+) from ")
STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}
GROUP_ROWS = 200
LARGEST = 2 << 20


def git(repository: Path, *words: str) -> str:
    """Return what git says; what is no UTF-8 is replaced."""
    told = subprocess.run(["git", "-C", repository, *words], capture_output=True, check=True)
    return told.stdout.decode("utf-8", "replace")


def merges(repository: Path, most: int) -> Iterator[tuple[int, str, str, str, str, datetime]]:
    """Yield number, title, merge, base, head and time of merged pull requests, newest first."""
    told = git(repository, "log", "--merges", "--format=%H%x00%P%x00%ct%x00%s%x00%b%x01", "HEAD")
    found = 0
    for record in told.split("\x01"):
        sha, parents, seconds, subject, body, *_ = [*record.strip("\n").split("\0"), *[""] * 5]
        named = MERGED.match(subject)
        if named is None or len(parents.split()) != 2 or not body.strip():
            continue
        base, head = parents.split()
        when = datetime.fromtimestamp(int(seconds), UTC)
        yield int(named[1]), body.strip().split("\n")[0], sha, base, head, when
        found += 1
        if found == most:
            return


def commits(repository: Path, base: str, head: str) -> tuple[PullCommit, ...]:
    """Return the commits of a pull request, oldest first."""
    told = git(
        repository, "log", "--no-merges", "--reverse", "--format=%H%x00%an%x00%at%x00%B%x01",
        f"{base}..{head}",
    )  # fmt: skip
    rows = [record.strip("\n").split("\0") for record in told.split("\x01")[:-1]]
    return tuple(
        PullCommit(sha=s, author_name=a, time=datetime.fromtimestamp(int(t), UTC), message=m)
        for s, a, t, m in rows
    )


def changed(repository: Path, base: str, head: str) -> Iterator[ChangedFile]:
    """Yield the files that differ between two commits."""
    raw = git(repository, "diff", "--raw", "-z", "-M", "--no-abbrev", base, head)
    words = iter(raw.split("\0"))
    for word in words:
        if not word:
            return
        _, _, old, new, status = word.split(" ")
        first = next(words)
        path = next(words) if status[0] in "RC" else first
        wanted = path.endswith(".go")
        before = content(repository, old) if wanted else None
        after = content(repository, new) if wanted else None
        told = git(repository, "diff", "-M", base, head, "--", first, path) if wanted else ""
        patch = told[told.find("\n@@") + 1 :].rstrip("\n") if "\n@@" in told else ""
        yield ChangedFile(
            path=path, original_path=first if path != first else None, status=STATUS[status[0]],
            additions=patch.count("\n+"), deletions=patch.count("\n-"), binary=False, patch=patch,
            before=before, after=after, truncated=False,
        )  # fmt: skip


def content(repository: Path, blob: str) -> str | None:
    """Return the text of a blob, None where there is none."""
    if not blob.strip("0"):
        return None
    text = git(repository, "cat-file", "blob", blob)
    return text if len(text) < LARGEST else None


def pulls(repository: Path, most: int) -> Iterator[PullRequest]:
    """Yield the records of merged pull requests."""
    for number, title, merge, tip, head, when in merges(repository, most):
        base = git(repository, "merge-base", tip, head).strip()
        mine = commits(repository, base, head)
        body = mine[0].message.partition("\n")[2].strip() if len(mine) == 1 else ""
        files = tuple(changed(repository, base, head))
        yield PullRequest(
            repository=repository.parent.name.replace("+", "/"), repository_id="R_bench",
            license="Apache-2.0", number=number, node_id=f"PR_{number}", state="merged",
            title=title, body=body, author="", author_type="Ghost", author_association="NONE",
            labels=(), milestone=None, draft=False, created_at=when, updated_at=when,
            closed_at=when, merged_at=when, base_ref="main", base_sha=tip, head_ref="head",
            head_sha=head, merge_commit_sha=merge, merge_base=base, ci_state=None,
            review_decision=None, additions=sum(f.additions for f in files),
            deletions=sum(f.deletions for f in files), changed_files=len(files), comments=(),
            reviews=(), review_comments=(), closing_issues=(), commits=mine, files=files,
        )  # fmt: skip


def collected(repository: Path, most: int, folder: Path) -> None:
    """Write the records into `folder`, as a phase would leave them."""
    folder.mkdir(parents=True)
    with pq.ParquetWriter(folder / "pulls-00000.parquet", PULLS, compression="zstd") as file:
        rows = []
        for pull in pulls(repository, most):
            rows.append(to_row(pull))
            if len(rows) == GROUP_ROWS:
                file.write_table(pa.Table.from_pylist(rows, schema=PULLS))
                rows = []
        file.write_table(pa.Table.from_pylist(rows, schema=PULLS))
    files = manifest.files_of(folder)
    told = manifest.Manifest(
        phase="bench", version="0", started="", seconds=0, settings={}, settings_digest="",
        inputs={}, counts={}, metrics={}, files=files, digest=manifest.digest_of(folder),
    )  # fmt: skip
    manifest.write(folder, told)


def built(source: Path, into: Path, workers: int) -> tuple[float, float]:
    """Run the phase; return its CPU and wall seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told = ("--collected", source, "--examples", into, "--workers", workers, "--job-pulls", 100)
    subprocess.run([sys.executable, "-m", "codekiln.build_examples", *map(str, told)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start


def parsed(source: Path) -> tuple[float, int]:
    """Return the CPU seconds and bytes of Go's parser alone, over both sides of all Go files."""
    import os

    from codekiln.core.golang import toolchain
    from codekiln.core.golang.judging import Judge

    before, size = resource.getrusage(resource.RUSAGE_CHILDREN), 0
    with (
        Judge(toolchain.judge(os.environ)) as judge,
        pq.ParquetFile(source / "pulls-00000.parquet") as file,
    ):
        for batch in file.iter_batches(16):
            for row in batch.to_pylist():
                for one in from_row(PullRequest, row).files:
                    for side in filter(None, (one.before, one.after)):
                        judge.of_file(side)
                        size += len(side)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, size


def main() -> None:
    """Make records, build examples from them twice, and print what that took and gave."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--pulls", type=int, default=1000)
    parser.add_argument("--kept", type=Path, help="keep records and examples in this folder")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = told.kept or Path(scratch)
        source = root / "pulls"
        if not source.exists():
            collected(told.repository.resolve(), told.pulls, source)
        spent = {n: built(source, root / f"examples-{n}", n) for n in (1, 2)}
        same = len({digest.of_files(root / f"examples-{n}", names(root / f"examples-{n}"))
                    for n in (1, 2)}) == 1  # fmt: skip
        show(manifest.read(root / "examples-1"), spent[1], same=same)
        seconds, size = parsed(source)
        print(f"go/parser alone: {seconds:.1f} CPU-s for {size / 1e6:.1f} M characters; "
              f"build_examples takes {spent[1][0] / seconds:.1f} times that")  # fmt: skip


def names(folder: Path) -> list[str]:
    """Return the names of the files of examples."""
    return [path.name for path in folder.glob("examples-*.parquet")]


def show(made: manifest.Manifest, spent: tuple[float, float], *, same: bool) -> None:
    """Print what one worker took and gave."""
    count, cpu = made.counts, spent[0]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    for name, number in count.items():
        print(f"{number:>9,}  {name}")
    made_, read = count["examples"], count["pull_requests"]
    print(f"{cpu:.1f} CPU-s, {spent[1]:.1f} s; largest process {peak} MiB")
    print(f"{read / cpu:.0f} pull requests and {made_ / cpu:.0f} examples per CPU-second")
    print(f"{made_ / max(1, read):.2f} examples a pull request")
    print(f"one and two workers write the same bytes: {same}")


if __name__ == "__main__":
    main()
