from pathlib import Path

import pytest
from go_changes import go, package
from pull_folders import parquet
from pulls_made import pull

from codekiln.build_examples.__main__ import build_examples
from codekiln.build_examples.settings import Settings
from codekiln.core import digest, manifest, program
from codekiln.core.corpus import examples
from codekiln.core.golang.judging import Judge

OLD, NEW = package("func f() {}"), package("func f() { g() }", "func h() {}")


def source(folder: Path) -> Path:
    return parquet(folder, [pull(n, files=(go(OLD, NEW),)) for n in range(40)], group=5)


def run(collected: Path, into: Path, *more: str) -> manifest.Manifest:
    program.run(
        build_examples,
        Settings,
        ["--collected", str(collected), "--examples", str(into), *more],
    )
    return manifest.read(into)


def test_a_run_leaves_examples_and_a_manifest_that_accounts_for_all(
    tmp_path: Path, judge: Judge
) -> None:
    made = run(source(tmp_path / "pulls"), tmp_path / "out")
    assert made.counts["pull_requests"] == made.counts["pull_requests_with_examples"] == 40
    assert made.counts["examples"] == made.counts["syntax_valid"] == 80
    assert made.metrics["examples_a_pull_request"] == 2
    assert made.inputs["go"] == judge.version
    assert len(list(examples.read(tmp_path / "out"))) == 80


def test_the_bytes_depend_on_neither_workers_nor_an_earlier_run(tmp_path: Path) -> None:
    pulls = source(tmp_path / "pulls")
    digests = []
    for number, workers in enumerate(("1", "2", "3")):
        into = tmp_path / f"out-{number}"
        into.mkdir()
        (into / "examples-00099.parquet").write_bytes(b"of an earlier run")
        run(pulls, into, "--workers", workers, "--job-pulls", "10")
        names = [path.name for path in sorted(into.glob("*.parquet"))]
        assert names == [f"examples-{n:05d}.parquet" for n in range(4)]
        digests.append(digest.of_files(into, names))
    assert len(set(digests)) == 1


def test_limits_are_obeyed(tmp_path: Path) -> None:
    made = run(source(tmp_path / "pulls"), tmp_path / "out", "--max-examples", "1")
    assert made.counts["dropped_over_the_cap"] == 40


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--shard", "2", "--shards", "2"], "shard is 2 of 2 shards"),
        (["--max-code-chars", "1"], "max_code_chars is '1'"),
    ],
)
def test_a_wrong_setting_is_an_error_of_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, flags: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(source(tmp_path / "pulls"), tmp_path / "out", *flags)
    assert ended.value.code == 2
    assert said in caplog.text
