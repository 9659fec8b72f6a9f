from pathlib import Path

from go_changes import go, package
from pull_folders import parquet
from pulls_made import changed, pull

from codekiln.build_examples import pulls_source, work
from codekiln.build_examples.limits import Limits
from codekiln.build_examples.work import Job
from codekiln.core.corpus import examples


def job(folder: Path) -> Job:
    source = parquet(
        folder / "pulls",
        [
            pull(n, files=(go(None, package(f"func f{n}() {{}}")), changed("a.md")))
            for n in range(3)
        ],
        [pull(3, files=(changed("a_test.go"),)), pull(4, merged_at=None)],
    )
    parts = pulls_source.source(source, "", 0, 1).parts
    return Job(number=2, parts=parts, folder=folder, limits=Limits(), program=None)


def test_a_job_writes_one_file_in_the_order_of_its_input(tmp_path: Path) -> None:
    work.do(job(tmp_path), lambda _: None)
    found = list(examples.read_file(tmp_path / "examples-00002.parquet"))
    assert [one.number for one in found] == [0, 1, 2]


def test_the_counts_add_up(tmp_path: Path) -> None:
    tally = work.do(job(tmp_path), lambda _: None)
    for name in ("pull_requests", "files"):
        parts = [n for key, n in tally.items() if key.startswith(f"{name}_with")]
        assert tally[name] == sum(parts)
    assert tally["pull_requests"] == 5
    assert tally["files"] == 3 * 2 + 1 + 1
    assert tally["candidates"] == tally["examples"] == 3
    assert tally["intent_ADD"] == tally["syntax_unknown"] == tally["kind_declaration"] == 3
    assert tally["pull_requests_without_not_merged"] == tally["pull_requests_without_test"] == 1


def test_progress_tells_every_pull_request(tmp_path: Path) -> None:
    told: list[int] = []
    work.do(job(tmp_path), told.append)
    assert sum(told) == 5


def test_a_job_without_pull_requests_writes_an_empty_file(tmp_path: Path) -> None:
    work.do(Job(0, [], tmp_path, Limits(), None), lambda _: None)
    assert not list(examples.read(tmp_path))
