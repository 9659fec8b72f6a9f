"""Measure pack_examples on real examples: how full rows are, how fast they are made and read.

    python bench/pack_examples.py CLEANED TOKENIZER [--repositories N] [--kept FOLDER]

CLEANED is a folder of examples, TOKENIZER one that train_tokenizer wrote. Examples of one
repository alone are told apart by the number of the pull request, as if of so many repositories, so
that there are two sides. It prints what became of the examples, the fill of best fit against a row
for each example and against first fit in the order of arrival, the CPU and memory that packing
takes, and how fast rows are read at random.
"""

import argparse
import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from codekiln.core import manifest
from codekiln.core.corpus import example_source, examples
from codekiln.core.tokens.packed import Packed, Split, open_packed
from codekiln.core.tokens.packed_info import SPLITS, documents_name

READS = 100_000


def spread(source: Path, into: Path, repositories: int) -> Path:
    """Copy examples as those of so many repositories, and finish the folder like a phase."""
    into.mkdir()
    with examples.Writer(examples.shard(into, 0)) as writer:
        for one in example_source.read(source):
            name = f"part{one.number % repositories}"
            writer.add(
                dataclasses.replace(one, repository=f"acme/{name}", repository_id=name)
                if repositories > 1
                else one
            )
    files = manifest.files_of(into)
    told = manifest.Manifest(
        phase="bench", version="0", started="", seconds=0, settings={}, settings_digest="",
        inputs={}, counts={}, metrics={}, files=files, digest=manifest.digest_of(into),
    )  # fmt: skip
    manifest.write(into, told)
    return into


def packed(source: Path, tokenizer: Path, into: Path, workers: int) -> tuple[float, float]:
    """Run the phase; return its CPU and wall seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told = ("--cleaned", source, "--tokenizer", tokenizer, "--tokens", into, "--workers", workers)
    subprocess.run([sys.executable, "-m", "codekiln.pack_examples", *map(str, told)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start


def first_fit(sizes: Sequence[int], length: int) -> int:
    """Return how many rows it takes to put each, as it comes, into the first row that has room."""
    left: list[int] = []
    full = 0
    for size in sizes:
        place = next((n for n, room in enumerate(left) if room >= size), None)
        if place is None:
            place = len(left)
            left.append(length)
        left[place] -= size
        # What takes nothing any more need not be looked at.
        if left[place] < 32:
            del left[place]
            full += 1
    return full + len(left)


def fills(found: Packed) -> None:
    """Print how full the rows of the training side are, and would be otherwise."""
    table = pq.read_table(found.file(documents_name("train")), columns=["id", "length"])
    # The order of ids is that of no length: as good as one of arrival.
    sizes: list[int] = table.sort_by("id")["length"].to_pylist()
    total, length = sum(sizes), found.info.length
    told = found.info.splits["train"]
    print(f"a row each      {100 * total / (len(sizes) * length):6.2f} % full")
    print(f"first fit       {100 * total / (first_fit(sizes, length) * length):6.2f} %")
    print(f"best fit        {100 * told.tokens / (told.rows * length):6.2f} %")
    cut = sorted(sizes)
    shares = [cut[len(cut) * percent // 100] for percent in (5, 50, 95, 99)]
    print(f"tokens of an example: 5 % {shares[0]}, 50 % {shares[1]}, 95 % {shares[2]}, "
          f"99 % {shares[3]}")  # fmt: skip


def reads(split: Split) -> None:
    """Print how fast rows are read at random: as views, and as a copy of all three."""
    places: list[int] = np.random.default_rng(1).integers(0, len(split), READS).tolist()
    start = time.perf_counter()
    for place in places:
        split[place]
    views = READS / (time.perf_counter() - start)
    start = time.perf_counter()
    for place in places:
        row = split[place]
        row.ids.astype("int64"), row.sections.copy(), row.bounds.copy()
    copies = READS / (time.perf_counter() - start)
    print(f"random rows: {views:,.0f}/s as views, {copies:,.0f}/s copied "
          f"({copies * split.info.length / 1e6:,.0f} M tokens/s)")  # fmt: skip


def main() -> None:
    """Pack once with one worker and once with two; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cleaned", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--repositories", type=int, default=60)
    parser.add_argument("--kept", type=Path, help="keep the tokens in this folder")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = told.kept or Path(scratch)
        root.mkdir(exist_ok=True)
        source = spread(told.cleaned, Path(scratch) / "cleaned", told.repositories)
        spent = {n: packed(source, told.tokenizer, root / f"tokens-{n}", n) for n in (1, 2)}
        made = [manifest.read(root / f"tokens-{n}") for n in (1, 2)]
        for name, number in made[0].counts.items():
            print(f"{number:>12,}  {name}")
        start = time.perf_counter()
        found = open_packed(root / "tokens-1")
        opened = time.perf_counter() - start
        fills(found)
        tokens, size = made[0].metrics["tokens"], made[0].size
        print(f"{spent[1][0]:.1f} CPU-s, {spent[1][1]:.1f} s with one worker, {spent[2][1]:.1f} s "
              f"with two: {tokens / spent[1][0]:,.0f} tokens per CPU-second")  # fmt: skip
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"largest process {peak} MiB; {size / 1e6:.1f} MB; opened in {opened:.3f} s")
        reads(found.train)
        print(f"one and two workers write the same bytes: {made[0].digest == made[1].digest}")
        print("splits:", {name: found.info.splits[name].documents for name in SPLITS})


if __name__ == "__main__":
    main()
