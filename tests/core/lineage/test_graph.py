"""From data forward to models, and from a model back to the versions it was made from."""

from pathlib import Path

import pytest
from data_sets import add
from lineages import step

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.lineage.graph import Found, backward, forward, unexplained, versions_among
from codekiln.core.lineage.manifests import Node, walk
from codekiln.core.storage.objects import open_store


@pytest.fixture
def pulls(tmp_path: Path) -> Dataset:
    dataset = Dataset(open_store(str(tmp_path / "pulls")))
    add(dataset, "a", 1)
    add(dataset, "b", 1)
    return dataset


@pytest.fixture
def nodes(pulls: Dataset, tmp_path: Path) -> list[Node]:
    """Make two lines from data to models: of version 1, and of version 2; and a third of git."""
    for number in (1, 2):
        run = tmp_path / "runs" / f"run-{number}"
        day = f"2026-11-0{number}T0"
        version = pulls.version(number).digest
        pinned = step(run / "pinned", "snapshot_pulls", f"{day}1:00", data=version)
        step(
            run / "examples", "gather_examples", f"{day}2:00", ("reference.json",),
            collected=pinned, data=version, written=f"examples-{number}",
        )  # fmt: skip
        step(
            run / "cleaned", "clean_corpus", f"{day}3:00",
            examples=f"examples-{number}", written=f"cleaned-{number}",
        )  # fmt: skip
        tokens = step(run / "tokens", "pack_examples", f"{day}4:00", cleaned=f"cleaned-{number}")
        step(run / "model", "train_model", f"{day}5:00", tokens=tokens)
    step(tmp_path / "runs" / "other" / "model", "train_model", tokens="elsewhere")
    return list(walk(open_store(str(tmp_path / "runs"))).nodes)


def places(found: list[Node]) -> list[str]:
    return ["/".join(node.place.split("/")[-2:]) for node in found]


def test_forward_from_a_version_are_all_that_came_of_it_by_time(
    pulls: Dataset, nodes: list[Node]
) -> None:
    found = forward(nodes, {pulls.version(1).digest})
    wanted = ["pinned", "examples", "cleaned", "tokens", "model"]
    assert places(found) == [f"run-1/{name}" for name in wanted]


def test_forward_from_what_a_step_wrote_is_that_step_too(nodes: list[Node]) -> None:
    found = forward(nodes, {"cleaned-2"})
    assert places(found) == ["run-2/cleaned", "run-2/tokens", "run-2/model"]


def test_backward_from_a_model_are_the_versions_that_it_was_made_from(
    pulls: Dataset, nodes: list[Node]
) -> None:
    model = next(node for node in nodes if node.place.endswith("run-2/model"))
    past = backward(nodes, model.made)
    wanted = ["pinned", "examples", "cleaned", "tokens", "model"]
    assert places(list(past.nodes)) == [f"run-2/{name}" for name in wanted]
    found = versions_among(past.sources, [pulls])
    assert found == {pulls.version(2).digest: Found(pulls.uri, 2)}


def test_a_circle_ends() -> None:
    one = Node(place="one", phase="x", digest="1", inputs={"data": "2"})
    two = Node(place="two", phase="x", digest="2", inputs={"data": "1"})
    assert places(forward([one, two], {"1"})) == ["one", "two"]
    assert places(list(backward([one, two], {"1"}).nodes)) == ["one", "two"]


def test_what_was_made_from_versions_that_are_gone_is_told(
    pulls: Dataset, nodes: list[Node]
) -> None:
    known = {pulls.version(2).digest}
    assert places(unexplained(nodes, known)) == ["run-1/examples", "run-1/pinned"]
    assert unexplained(nodes, {*known, pulls.version(1).digest}) == []


def test_a_tokenizer_that_was_reused_is_unexplained_unless_its_making_is_known() -> None:
    made = Node(place="first", phase="train_tokenizer", digest="1", inputs={"written": "model"})
    reused = Node(place="later", phase="train_tokenizer", digest="2", inputs={"reused": "model"})
    assert places(unexplained([reused], ())) == ["later"]
    assert unexplained([made, reused], ()) == []
