import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from example_corpora import Corpus, merged
from killing import begun, in_child
from pull_folders import parquet

from codekiln.build_examples import work
from codekiln.build_examples.work import Count, Job
from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset, Shard
from codekiln.core.errors import ServiceError
from codekiln.core.golang import toolchain

PULLS = [("R_a", 1), ("R_a", 11), ("R_a", 21), ("R_b", 3)]
TALLIED = ("pull_requests", "files", "candidates", "examples")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path)


def test_only_what_is_new_is_made_and_what_is_gone_goes(corpus: Corpus) -> None:
    corpus.night(R_a=[1, 2, 11, 21], R_b=[3], R_c=[2])
    first = corpus.build()
    assert first.counts["pull_shards_made"] == first.counts["pull_shards"] == 5
    assert corpus.numbers() == [(key, n) for key, n in PULLS for _ in range(2)]
    before = corpus.made()
    assert before["R_c"].counts["pull_requests_without_not_go"] == 1

    corpus.night(R_a=[1, 2, 11, 13, 31], R_b=[3], R_c=[2])
    second = corpus.build()
    assert second.counts["pull_shards_made"] == 2
    assert [second.counts[name] for name in TALLIED] == [7, 12, 10, 10]
    after = corpus.made()
    kept = before["R_a"].given.keys() & after["R_a"].given.keys()
    assert len(kept) == 1
    assert [shard.first for shard in corpus.shards_of("R_a")] == [1, 11, 31]
    assert (after["R_b"], after["R_c"]) == (before["R_b"], before["R_c"])


def test_a_second_run_over_the_same_version_writes_nothing_and_needs_no_judge(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.night(R_a=[1, 11], R_b=[2])
    first = corpus.build()

    def refused(*_: object) -> None:
        raise AssertionError("nothing is to be judged or written")

    monkeypatch.setattr(toolchain, "judge", refused)
    monkeypatch.setattr(Dataset, "put", refused)
    monkeypatch.setattr(Dataset, "commit", refused)
    second = corpus.build()
    assert second.counts == {**first.counts, "pull_shards_made": 0}
    assert second.inputs == first.inputs
    assert reference.read(corpus.scratch / "built").version.digest == second.inputs["written"]


def test_other_settings_or_another_go_make_all_anew(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.night(R_a=[1, 11])
    told = corpus.build().settings_digest
    other = corpus.build("--max-examples", "1")
    assert (other.counts["pull_shards_made"], other.counts["examples"]) == (2, 2)
    assert other.settings_digest != told
    monkeypatch.setattr(toolchain, "version", lambda _: "go9.99")
    assert corpus.build("--max-examples", "1").counts["pull_shards_made"] == 2
    assert corpus.build("--max-examples", "1", "--workers", "7").counts["pull_shards_made"] == 0


def test_a_killed_run_goes_on_and_neither_kills_nor_nights_show(
    corpus: Corpus, tmp_path: Path
) -> None:
    pulls = {"R_a": [1, 11, 21, 31, 41], "R_b": [3, 13]}
    corpus.night(**pulls)
    assert in_child(lambda: killed_at_put(corpus, 4)) == signal.SIGKILL
    assert sum(len(made.given) for made in corpus.made().values()) == 3
    assert corpus.build("--commit-seconds", "0").counts["pull_shards_made"] == 4

    whole = Corpus(tmp_path / "whole")
    whole.night(R_a=[1, 11], R_b=[13])
    whole.build()
    whole.night(**pulls)
    whole.build()
    assert corpus.made() == whole.made()


def killed_at_put(corpus: Corpus, number: int) -> None:
    """Run until a shard of examples is to be stored for the `number`-th time, and die there."""
    put, left = Dataset.put, number

    def dying(dataset: Dataset, path: Path, *, rows: int, first: int, last: int) -> Shard:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return put(dataset, path, rows=rows, first=first, last=last)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Dataset, "put", dying)
        corpus.build("--commit-seconds", "0")


def test_a_run_that_fails_keeps_what_was_made(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.night(R_a=[1, 11, 21])
    do = work.do

    def failing(job: Job, count: Count) -> Counter[str]:
        if job.number == 2:
            raise ServiceError("the network is gone")
        return do(job, count)

    monkeypatch.setattr(work, "do", failing)
    with pytest.raises(SystemExit):
        corpus.build()
    assert len(corpus.made()["R_a"].given) == 2


def test_parts_work_side_by_side_and_together_are_the_whole(corpus: Corpus) -> None:
    corpus.night(**{f"R_{n}": [1, 11] for n in range(6)})
    whole = Corpus(corpus.scratch / "whole")
    parts = ["--shards", "2", "--commit-seconds", "0", "--shard"]
    other = begun(lambda: corpus.build(*parts, "0", into="other"))
    mine = corpus.build(*parts, "1", into="mine")
    assert os.waitpid(other, 0)[1] == 0
    assert 0 < mine.counts["repositories"] < 6
    whole.night(**{f"R_{n}": [1, 11] for n in range(6)})
    whole.build()
    assert corpus.made() == whole.made()


def test_a_folder_of_files_cannot_go_into_a_corpus(
    corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet(tmp_path / "collected", merged("R_a", 1))
    with pytest.raises(SystemExit) as ended:
        corpus.build()
    assert ended.value.code == 2
    assert "holds no reference.json" in capsys.readouterr().err
