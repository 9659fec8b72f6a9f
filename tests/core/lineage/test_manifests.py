"""Manifests below a place, read as a graph's nodes."""

from pathlib import Path

from lineages import step

from codekiln.core.lineage.manifests import walk
from codekiln.core.storage.objects import open_store


def test_every_manifest_below_a_place_is_a_node(tmp_path: Path) -> None:
    tokens = step(tmp_path / "run" / "steps" / "tokens", "tokenize", commits="c")
    model = step(tmp_path / "run" / "model", "train_model", tokens=tokens, written="w")
    (tmp_path / "run" / "steps" / "failed").mkdir()
    walked = walk(open_store(str(tmp_path)))
    assert {node.place for node in walked.nodes} == {
        str(tmp_path / "run" / "model"), str(tmp_path / "run" / "steps" / "tokens"),
    }  # fmt: skip
    trained = next(node for node in walked.nodes if node.phase == "train_model")
    assert trained.made == {model, "w"}
    assert trained.read == {tokens}
    assert trained.files == ["data.bin"]
    assert not walked.unreadable


def test_a_manifest_at_the_place_itself_is_a_node_too(tmp_path: Path) -> None:
    step(tmp_path / "model", "train_model")
    [node] = walk(open_store(str(tmp_path / "model"))).nodes
    assert node.place == str(tmp_path / "model")


def test_what_is_no_manifest_is_told(tmp_path: Path) -> None:
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"phase": "x"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(text)
    (tmp_path / "my-manifest.json").write_text("{}")
    walked = walk(open_store(str(tmp_path)))
    assert walked.nodes == []
    assert walked.unreadable == [str(tmp_path / name / "manifest.json") for name in "abc"]


def test_empty_outputs_are_not_taken_for_each_other(tmp_path: Path) -> None:
    empty = step(tmp_path / "rejects", "clean_corpus", files=())
    step(tmp_path / "other", "describe_corpus", rejects=empty)
    nodes = {node.phase: node for node in walk(open_store(str(tmp_path))).nodes}
    assert nodes["clean_corpus"].made == frozenset()
