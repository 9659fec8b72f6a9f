from ledgers_made import NOW, LeftRun

from codekiln.reconcile_pulls import run


def test_a_run_tells_its_list_its_shards_and_what_was_left_out(left: LeftRun) -> None:
    left.discovered("a/b", "c/d", found=9, left_out_no_license=3, gone=1).collected([0, 1, 2, 3])
    told = run.read(str(left.root))
    assert [one.name for one in told.listed or ()] == ["a/b", "c/d"]
    assert (told.as_of, told.shards, told.missing) == (NOW, 4, [])
    assert told.left_out == {"no license": 3, "gone, or not for this token": 1}


def test_shards_that_left_nothing_are_missing(left: LeftRun) -> None:
    left.discovered("a/b").collected([0, 3]).failed("collect-pulls.1", "GitHub stays broken")
    told = run.read(str(left.root))
    assert told.missing == [1, 2]
    assert told.errors_of("collect_pulls") == ["GitHub stays broken"]


def test_a_run_whose_discovery_failed_has_no_list(left: LeftRun) -> None:
    left.failed("discover-repos", "no token")
    told = run.read(str(left.root))
    assert told.is_known
    assert told.listed is None
    assert told.errors_of("discover_repos") == ["no token"]


def test_without_a_run_nothing_is_known() -> None:
    assert not run.read("").is_known
    assert not run.read("gs://nowhere").is_known


def test_what_is_broken_is_left_out(left: LeftRun) -> None:
    left.discovered("a/b").collected([0], of=1)
    (left.root / "steps" / "x").mkdir()
    (left.root / "steps" / "x" / "failure.json").write_text("[")
    assert run.read(str(left.root)).failures == []


def test_a_list_that_cannot_be_read_is_no_run(left: LeftRun) -> None:
    left.discovered("a/b")
    (left.root / "steps" / "discover-repos" / "found" / "repositories.parquet").write_text("x")
    assert not run.read(str(left.root)).is_known
