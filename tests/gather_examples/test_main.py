import json
import secrets
from itertools import combinations
from pathlib import Path

import pytest
import radosgw
from example_corpora import Corpus

from codekiln.build_examples.__main__ import build_examples
from codekiln.build_examples.settings import Settings
from codekiln.core import manifest, program
from codekiln.core.corpus import example_source
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.storage.objects import open_store

TOLD = {"a": ("--max-examples", "1"), "b": ("--tests", "true")}
"""What two runs are told: of each pull request `a` makes one example, `b` two."""
MADE = {"a": 3, "b": 6}
ORDERS = ["".join("ab"[n in of_b] for n in range(6)) for of_b in combinations(range(1, 6), 3)]
"""All orders in which two runs of three steps may take turns; `a` is the one that began."""
SIZES = {"pull_shards", "pull_shards_made", "repositories", "repositories_gone"}


def refused(corpus: Corpus, capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    """Gather in vain; return what is said."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        corpus.gather(*flags)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_the_sums_are_those_of_the_parts_and_of_a_run_without_a_corpus(corpus: Corpus) -> None:
    parts = [corpus.build("--shards", "2", "--shard", shard) for shard in ("0", "1")]
    gathered = corpus.gather()
    argv = ["--collected", str(corpus.scratch / "collected"), "--workers", "1"]
    program.run(build_examples, Settings, [*argv, "--examples", str(corpus.scratch / "plain")])
    plain = manifest.read(corpus.scratch / "plain").counts
    assert plain["examples"] == 6
    for name in {*plain, *gathered.counts} - SIZES:
        assert gathered.counts[name] == plain[name], name
        assert sum(part.counts.get(name, 0) for part in parts) == plain[name], name
    told = json.loads((corpus.scratch / "examples" / "counts.json").read_text())
    assert told == gathered.counts
    ids = [
        [one.id for one in example_source.read(corpus.scratch / n)] for n in ("examples", "plain")
    ]
    assert ids[0] == ids[1]


def test_the_version_has_a_name_and_what_only_led_to_it_goes(corpus: Corpus) -> None:
    corpus.build("--commit-seconds", "0")
    made = corpus.gather("--keep-versions", "1")
    told = reference.read(corpus.scratch / "examples")
    assert [*corpus.examples.names().values()] == [told.version.number]
    assert next(iter(corpus.examples.names())).startswith("examples-")
    assert told.version.digest == made.inputs["written"]
    data = reference.read(corpus.scratch / "collected").version
    assert made.inputs["data"] == data.digest
    assert len(corpus.examples.numbers()) == 2
    assert corpus.gather().inputs == made.inputs


def test_a_repository_that_is_gone_is_taken_out(corpus: Corpus) -> None:
    corpus.build()
    corpus.night(R_a=[1, 2, 11])
    assert corpus.build().counts["pull_shards_made"] == 0
    assert corpus.gather().counts["repositories_gone"] == 1
    assert list(corpus.made()) == ["R_a"]


@pytest.mark.parametrize("is_made", [True, False])
def test_a_repository_that_is_forgotten_while_a_run_goes_on_stays_out_of_it(
    corpus: Corpus, is_made: bool
) -> None:
    if is_made:
        corpus.build()
    one = Forgotten(key="R_d", name="acme/d", when="")
    data = Dataset(open_store(f"{corpus.root}/data"))
    data.commit({}, run="forget", state=forgotten.kept_out(one))
    corpus.build()
    gathered = corpus.gather()
    assert list(corpus.made()) == ["R_a"]
    assert (gathered.counts["repositories"], gathered.counts["pull_requests"]) == (1, 3)


def test_a_part_that_was_not_made_is_named(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "holds no examples: run build_examples" in refused(corpus, capsys)
    corpus.build()
    corpus.night(R_a=[1, 2, 11, 12], R_d=[3], R_c=[1])
    said = refused(corpus, capsys)
    assert "2 of 3 repositories have no examples of these pull requests yet: acme/R_a" in said
    assert "run build_examples once more, all of its shards" in said


def test_parts_made_with_different_settings_are_no_whole(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus.build()
    corpus.build("--shards", "2", "--shard", "0", "--tests", "true")
    assert "1 of 2 repositories were made with other settings" in refused(corpus, capsys)


def step(corpus: Corpus, run: str, number: int) -> int:
    """Do the next step of a run: part 0, part 1, gathering; return the examples handed on."""
    if number < 2:
        into = f"{run}/steps/build-examples.{number}/examples"
        corpus.build("--shards", "2", "--shard", str(number), *TOLD[run], into=into)
        return 0
    corpus.gather("--run", str(corpus.scratch / run))
    return example_source.source(corpus.scratch / "examples").rows


@pytest.mark.parametrize("order", ORDERS)
def test_two_runs_with_other_settings_each_get_their_own_or_are_refused(
    corpus: Corpus, capsys: pytest.CaptureFixture[str], order: str
) -> None:
    refusals = []
    for place, run in enumerate(order):
        number = order[:place].count(run)
        try:
            assert step(corpus, run, number) == (MADE[run] if number == 2 else 0)
        except SystemExit:
            refusals.append(run)
            assert "with other settings, or another Go, than this run" in capsys.readouterr().err
    for run in refusals:
        first, second = [n for n, one in enumerate(order) if one == run][:2]
        assert second > first + 1, "nobody came between its parts"


def test_what_another_run_wrote_since_is_left_as_it_is(corpus: Corpus) -> None:
    for run, number in (("a", 0), ("a", 1), ("b", 0), ("b", 1)):
        step(corpus, run, number)
    before = corpus.examples.newest()
    assert step(corpus, "a", 2) == MADE["a"]
    assert corpus.examples.newest() == before
    mine = reference.read(corpus.scratch / "examples").version.number
    assert [*corpus.examples.names().values()] == [mine]
    assert step(corpus, "b", 2) == MADE["b"]


def test_what_a_run_left_is_not_taken_when_a_repository_was_forgotten_since(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    for run, number in (("a", 0), ("a", 1), ("b", 0), ("b", 1)):
        step(corpus, run, number)
    one = Forgotten(key="R_d", name="acme/d", when="")
    corpus.examples.commit({}, run="forget", state=forgotten.kept_out(one))
    assert "1 of 1 repositories were made with" in refused(corpus, capsys, "--run", root(corpus))


def test_a_run_of_which_a_part_is_missing_is_refused(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    step(corpus, "a", 0)
    assert "has no examples of 1 of the 2 parts" in refused(corpus, capsys, "--run", root(corpus))


def root(corpus: Corpus) -> str:
    """Return where the run `a` lies."""
    return str(corpus.scratch / "a")


@pytest.mark.s3
def test_a_corpus_in_object_storage_is_built_and_gathered_night_after_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    corpus = Corpus(tmp_path, f"s3://{server.new_bucket()}/{secrets.token_hex(4)}")
    corpus.night(R_a=[1, 2, 11], R_b=[3])
    assert corpus.build().counts["pull_shards_made"] == 3
    corpus.night(R_a=[1, 2, 11, 21])
    assert corpus.build("--workers", "2").counts["pull_shards_made"] == 1
    assert corpus.gather().counts["examples"] == 6
    assert sorted({number for _, number in corpus.numbers()}) == [1, 11, 21]
    assert example_source.source(tmp_path / "examples").rows == 6
