"""Poisoned pull requests pass in bounded time and memory, and are accounted for."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from go_changes import go, package
from pull_folders import parquet
from pulls_made import TIME, pull

from codekiln.build_examples.assembly import of_pull
from codekiln.build_examples.limits import Limits
from codekiln.core import manifest
from codekiln.core.corpus import examples
from codekiln.core.corpus.pulls import ChangedFile, PullCommit, PullRequest
from codekiln.core.golang.judging import Judge

DEEP = 100_000
TABLE = ",\n".join(f"\t{n}" for n in range(60_000))
HOSTILE = {
    "long line": package('var s = "' + "a" * 10_000_000 + '"'),
    "line within the limit": package('var s = "' + "a" * 400_000 + '"'),
    "parens": package("func f() { x := " + "(" * DEEP + "1" + ")" * DEEP + " }"),
    "braces": package("func f() " + "{" * DEEP + "}" * DEEP),
    "open braces": package("func f() " + "{" * DEEP),
    "NUL": "package p\x00\nfunc f() {\x00}\n" + "\x00" * 300_000,
    "replaced bytes": package('var s = "\ufffd\ufffd"', "func \ufffd() {}"),
    "table": package("var t = []int{\n" + TABLE + ",\n}"),
    "constants": package("const (\n" + "".join(f"\tA{n} = {n}\n" for n in range(20_000)) + ")"),
    "no go": "<html>it's `open` \"quoted /* </html>\n" * 1_000,
    "line separators": "package p\r\n\u2028\x0b\x0c\x85func f() {}\r\n",
    "comment": "package p\n/*" + "*" * 400_000,
    "name": package("func " + "f" * 400_000 + "() {}"),
    "receiver": package("func (s " + "*" * 400_000 + "T) F() {}"),
    "one line each": package(*(f"var a{n} = {n}" for n in range(10_000))),
}

FEW = ("long line", "parens", "open braces", "NUL", "constants", "no go")
"""What one run of the whole phase is given, in less time."""


def poisoned(file: ChangedFile, number: int = 1) -> PullRequest:
    text = "`f` " * 100_000 + "\x00\ufffd\u202e" + "(" * DEEP
    commit = PullCommit(sha="a", author_name="", time=TIME, message=text)
    return pull(number, title=text, body=text, commits=(commit,) * 50, files=(file,))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_poisoned_file_is_accounted_for_in_seconds(name: str, judge: Judge) -> None:
    after = HOSTILE[name]
    start = time.process_time()
    for file in (go(None, after, patch="@@ -0,0 +1 @@\n+x"), go("package p\n", after, patch="")):
        made = of_pull(poisoned(file), Limits(), judge)
        assert made.files.total() == 1
        assert bool(made.examples) != bool(made.reason)
    assert time.process_time() - start < 20


MEASURE = """
import os, subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "codekiln.build_examples", *sys.argv[1:]])
_, status, used = os.wait4(process.pid, 0)
print(status, used.ru_maxrss >> 10)
"""


def run(*flags: object) -> tuple[int, int]:
    """Run the phase; return its status and the MiB of its largest process.

    Linux counts the memory of who starts a process as that process's, so a small one starts it.
    """
    argv = [sys.executable, "-c", MEASURE, *map(str, flags)]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
    return int(told[0]), int(told[1])


def test_a_folder_of_poison_gives_the_same_with_any_number_of_workers(tmp_path: Path) -> None:
    pulls = [
        poisoned(go("package p\n", text, f"a{number}.go", patch=""), number)
        for number, text in enumerate(HOSTILE[name] for name in FEW)
    ]
    folder = parquet(tmp_path / "pulls", pulls, group=1)
    written = []
    for workers in (1, 2):
        into = tmp_path / str(workers)
        told = ("--workers", workers, "--job-pulls", 2)
        status, peak_mib = run("--collected", folder, "--examples", into, *told)
        assert status == 0
        assert peak_mib < 1024
        written.append([path.read_bytes() for path in sorted(into.glob("*.parquet"))])
        assert all(len(one.solution.code) <= 1400 for one in examples.read(into))
    assert written[0] == written[1]
    assert manifest.read(into).counts["pull_requests"] == len(FEW)
