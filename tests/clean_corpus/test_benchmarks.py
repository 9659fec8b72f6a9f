"""Problems are read from a folder."""

import gzip
import hashlib
import json
from pathlib import Path

import benchmark_edits
import pytest

from codekiln.clean_corpus import benchmarks
from codekiln.core.errors import InputError


def test_problems_are_known_by_the_names_of_their_fields(tmp_path: Path) -> None:
    rows = [
        {"task_id": "Go/1", "docstring": "// Add.", "declaration": "func Add(", "test": "t",
         "canonical_solution": "a, b int) int { return a + b }", "prompt": "all"},
        {"task_id": 7, "text": "Add.", "code": "def add(): pass",
         "test_list": ["assert 1", "assert 2"]},
    ]  # fmt: skip
    lines = "\n".join(map(json.dumps, rows)) + "\n\n"
    (tmp_path / "both.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "notes.txt").write_text("no benchmark")
    read = benchmarks.read(str(tmp_path))
    one, two = read.problems
    assert (one.benchmark, one.name, one.statement) == ("both", "Go/1", "// Add.")
    assert one.solution == "func Add(a, b int) int { return a + b }"
    assert (two.name, two.tests) == ("7", "assert 1\nassert 2")
    data = (tmp_path / "both.jsonl.gz").read_bytes()
    assert read.digests == {"both.jsonl.gz": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no benchmark"),
        ("{broken", "line 1 is not JSON"),
        ('{"answer_key": 3}', "that is no problem"),
        ("[1]", "is not a mapping"),
    ],
)
def test_a_folder_without_problems_is_one_clear_error(
    tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(InputError, match=said):
        benchmarks.read(str(tmp_path))


def test_the_real_benchmarks_are_all_read() -> None:
    read = benchmarks.read(str(benchmark_edits.real()))
    counted = {one.benchmark: 0 for one in read.problems}
    for one in read.problems:
        counted[one.benchmark] += 1
    assert counted == {
        "HumanEval": 164, "gsm8k_test": 1319, "gsm8k_train": 7473, "humaneval-x_go": 164,
        "humanevalpack_go": 164, "mbpp": 974, "multipl-e_humaneval-go": 154,
    }  # fmt: skip
    assert all(one.statement.strip() for one in read.problems)
