"""Measure clean_corpus: near duplicates against datasketch, secrets, a night of news, poison.

    python bench/clean_corpus.py [--repository PATH] [--documents N] [--benchmarks FOLDER]

Documents are functions of Go: those of all versions of all files that the git repository holds, of
which many are near copies; or generated ones. CPU is user and system time of one process. The same
two-line shingles are given to datasketch, as sets of bytes, which costs it the making of the sets
only; it reads a sample. Of several rounds each takes its cheapest.

A night of news is measured on the whole phase, each time in a process of its own: all documents
with an empty index; then one new document for a hundred, without an index and with the one that
this left; then two. Any run costs the start of Python, of the expressions and of the store,
whatever it reads: what 1 % costs is the step from 1 % without an index to 2 % with it. Poison is
100,000 tiny examples, twenty lines of 10 MB, and one giant of 200 MB.
"""

import argparse
import dataclasses
import itertools
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import example_folders
from example_folders import built

from codekiln.clean_corpus import benchmarks, duplicates, sensitive
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.signatures import fingerprints
from codekiln.core import manifest
from codekiln.core.corpus.examples import Example

GOAL_RATE, GOAL_TIMES, GOAL_SECRETS, GOAL_NIGHT, GOAL_MIB = 15_000.0, 20.0, 200.0, 2.0, 1500.0
ALIKE = 0.8
SAMPLE = 4000
PACKAGE = re.compile(rb"(?m)^package [a-z]")
FUNCTION = re.compile(rb"(?m)^(?=func )")
MB = 1e6


def functions(repository: str, most: int) -> list[bytes]:
    """Return functions of all versions of all Go files that are in the object store."""
    git = ["git", "-C", repository, "cat-file"]
    listed = subprocess.run(
        [*git, "--batch-all-objects", "--batch-check=%(objecttype) %(objectname) %(objectsize)"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    rows = (line.split() for line in listed.splitlines())
    blobs = [name for kind, name, size in rows if kind == "blob" and 200 < int(size) < 200_000]
    found: list[bytes] = []
    for start in range(0, len(blobs), 500):
        asked = "\n".join(blobs[start : start + 500]).encode()
        data = subprocess.run(
            [*git, "--batch"], input=asked, check=True, capture_output=True
        ).stdout
        found += [one for file in contents(data) if PACKAGE.search(file) for one in split(file)]
        if len(found) >= most:
            break
    return found[:most]


def contents(data: bytes) -> Iterator[bytes]:
    """Yield the blobs of what `git cat-file --batch` says."""
    place = 0
    while place < len(data):
        end = data.index(b"\n", place)
        size = int(data[place:end].split()[2])
        yield data[end + 1 : end + 1 + size]
        place = end + 2 + size


def split(file: bytes) -> Iterator[bytes]:
    """Yield the functions of a file of Go."""
    for part in FUNCTION.split(file)[1:]:
        end = part.find(b"\n}\n")
        if end > 0:
            yield part[: end + 3]


def generated(count: int) -> list[bytes]:
    """Return functions of 8 to 60 lines, of which every third is a near copy of another."""
    chance = random.Random(1)  # noqa: S311 -- nothing is kept secret
    made: list[list[str]] = []
    for number in range(count):
        lines = [
            f"\tx{chance.getrandbits(32):x} := f(y{n})" for n in range(chance.randrange(8, 60))
        ]
        if number % 3 == 2:
            lines = list(made[chance.randrange(len(made))])
            lines[chance.randrange(len(lines))] = "\treturn edited"
        made.append(lines)
    return [f"func F{n}() {{\n{chr(10).join(one)}\n}}\n".encode() for n, one in enumerate(made)]


def best(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the CPU seconds of the cheapest round."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def plain(name: str, value: float) -> None:
    """Print a figure that has no goal."""
    print(f"{name:<62} {value:12,.1f}", flush=True)


def verdict(name: str, value: float, goal: float, *, at_most: bool = False) -> None:
    """Print a figure beside its goal."""
    met = value <= goal if at_most else value >= goal
    sign = "<=" if at_most else ">="
    told = f"goal {sign} {goal:,.0f}: {'met' if met else 'MISSED'}"
    print(f"{name:<62} {value:12,.1f}  {told}", flush=True)


# --- near duplicates ---


def deduplicated(texts: Sequence[bytes]) -> int:
    """Find the duplicates among `texts` as the phase does; return how many stay."""
    prints = fingerprints(texts)
    some = duplicates.texts_of([f"{n:032x}" for n in range(len(texts))], prints)
    found = duplicates.find(some, np.arange(len(texts)), tuple, ALIKE)
    return int((found.verdicts == duplicates.KEPT).sum())


def by_datasketch(texts: Sequence[bytes]) -> int:
    """Find the duplicates among `texts` as datasketch's manual does; return how many stay."""
    # It ships no types, and is no dependency of the product.
    from datasketch import (
        MinHash,
        MinHashLSH,
    )

    index = MinHashLSH(threshold=ALIKE, num_perm=128)
    kept = 0
    for number, text in enumerate(texts):
        lines = [b"".join(line.split()) for line in text.split(b"\n")]
        lines = [line for line in lines if line]
        print_of = MinHash(num_perm=128)
        print_of.update_batch(list({b"\n".join(pair) for pair in itertools.pairwise(lines)}))
        if not index.query(print_of):
            index.insert(number, print_of)
            kept += 1
    return kept


def near_duplicates(texts: Sequence[bytes]) -> None:
    """Measure the duplicates, and datasketch on a sample."""
    print(f"\n{len(texts):,} documents, {sum(map(len, texts)) / len(texts):,.0f} bytes on average")
    plain("documents that stay", deduplicated(texts))
    plain("shingles and signatures, documents a CPU-s",
          len(texts) / best(lambda: fingerprints(texts)))  # fmt: skip
    rate = len(texts) / best(lambda: deduplicated(texts))
    verdict("near duplicates end to end, documents a CPU-s", rate, GOAL_RATE)
    sample = texts[:SAMPLE]
    ours = len(sample) / best(lambda: deduplicated(sample))
    theirs = len(sample) / best(lambda: by_datasketch(sample), 1)
    plain("the same sample, ours, documents a CPU-s", ours)
    plain("the same sample, datasketch, documents a CPU-s", theirs)
    verdict("times datasketch, on the sample", ours / theirs, GOAL_TIMES)


def others(texts: Sequence[bytes], folder: str) -> None:
    """Measure the search for secrets, and for problems of benchmarks where there are some."""
    size = sum(map(len, texts)) / MB
    sensitive.find(texts[:100])
    verdict("secrets, MB a CPU-s", size / best(lambda: sensitive.find(texts)), GOAL_SECRETS)
    if folder:
        start = time.process_time()
        detector = Detector(benchmarks.read(folder).problems)
        plain("benchmarks read and made ready, CPU-s", time.process_time() - start)
        rate = len(texts) / best(lambda: detector.find(texts), 1)
        plain("contamination, documents a CPU-s", rate)


# --- the whole phase ---


def example(number: int, code: str) -> Example:
    """Make an example of which the solution is `code`."""
    return example_folders.example(
        number, code, id=f"{number:032x}", repository_id=f"R_{number % 100}",
        merged_at=example_folders.START + timedelta(minutes=number), path="store/store.go",
        title="Fix a race", details=f"It raced in {number}.\n\nSigned-off-by: A B",
    )  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Spent:
    """What a run of the phase took, and what it counted."""

    cpu_s: float
    peak_mib: float
    counts: dict[str, int]


def run(source: Path, index: Path) -> Spent:
    """Run the phase as a user does, in a process whose peak is known."""
    out, rejects = source.with_suffix(".out"), source.with_suffix(".rejects")
    told = ["--examples", source, "--cleaned", out, "--rejects", rejects, "--index", index]
    script = (
        "import resource, runpy, sys\n"
        "sys.argv = ['', *sys.argv[1:]]\n"
        "try:\n    runpy.run_module('codekiln.clean_corpus', run_name='__main__')\n"
        "finally:\n    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        # The peak that getrusage tells is that of the parent where that was larger.
        "    peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "    print(used.ru_utime + used.ru_stime, int(peak) / 1024)\n"
    )
    argv = [sys.executable, "-c", script, *map(str, told)]
    said = subprocess.run(
        argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    cpu, peak = map(float, said.stdout.split())
    return Spent(cpu, peak, manifest.read(out).counts)


def night(texts: Sequence[bytes], place: Path) -> None:
    """Measure a night that brings one new document for each hundred."""
    codes = [text.decode("utf-8", "replace") for text in texts]
    percent = len(codes) // 100
    fresh = [code.replace("func ", "func New", 1) for code in codes[: 2 * percent]]
    later = [example(len(codes) + n, code) for n, code in enumerate(fresh)]
    index = place / "index"
    every = run(built(place / "all", map(example, range(len(codes)), codes)), index)
    alone = run(built(place / "alone", later[:percent]), place / "empty")
    # Both are the first night after all others: the index does not grow with the second.
    some = run(built(place / "some", later[:percent]), copied(index, place / "index-1"))
    twice = run(built(place / "twice", later), copied(index, place / "index-2"))
    print(f"\nthe phase: {every.counts}")
    plain("all documents, documents a CPU-s", len(codes) / every.cpu_s)
    plain("all documents, CPU-s", every.cpu_s)
    plain("1 % news with no index, CPU-s", alone.cpu_s)
    plain("1 % news with the index of all others, CPU-s", some.cpu_s)
    plain("2 % news with the index of all others, CPU-s", twice.cpu_s)
    share = 100 * (twice.cpu_s - alone.cpu_s) / every.cpu_s
    verdict("1 % more news and the index, in % of all", share, GOAL_NIGHT, at_most=True)
    plain("1 % news, with what any run costs, in % of all", 100 * some.cpu_s / every.cpu_s)
    plain("peak MiB, all documents", every.peak_mib)


def copied(source: Path, target: Path) -> Path:
    """Copy a folder."""
    shutil.copytree(source, target)
    return target


def poison(place: Path) -> None:
    """Measure the memory that hostile examples take."""

    def some() -> Iterator[Example]:
        yield example(0, "x := 1\n" * (200_000_000 // 7))
        for number in range(1, 21):
            yield example(number, "x := `" + "y" * 10_000_000 + "`\n")
        yield example(21, "f(" * 30_000 + ")" * 30_000)
        yield from (example(number, f"x{number}\n") for number in range(100, 100_100))

    spent = run(built(place / "poison", some()), place / "poison-index")
    print(f"\npoison: {spent.counts}")
    plain("CPU-s", spent.cpu_s)
    verdict("peak MiB", spent.peak_mib, GOAL_MIB, at_most=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repository", default="", help="path of a git repository with Go")
    parser.add_argument("--documents", type=int, default=50_000, help="at most so many")
    parser.add_argument(
        "--benchmarks", default="", help="folder of benchmarks, to measure them too"
    )
    asked = parser.parse_args()
    texts = functions(asked.repository, asked.documents) if asked.repository else None
    texts = texts or generated(asked.documents)
    near_duplicates(texts)
    others(texts, asked.benchmarks)
    with tempfile.TemporaryDirectory(prefix="codekiln-bench-") as place:
        night(texts, Path(place))
        poison(Path(place))


if __name__ == "__main__":
    main()
