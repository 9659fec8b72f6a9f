"""Sets of tokens: nobody writes one while some are removed, and what is left of one goes too."""

from pathlib import Path

import pytest
from forgetting import Forget, World, objects

from codekiln.core.corpus import layout
from codekiln.core.datasets import held
from codekiln.core.storage.objects import open_store
from codekiln.core.tokens.packed_info import MANIFEST


def sets(world: World) -> set[str]:
    return {name.split("/")[0] for name in open_store(f"{world.corpus}/tokens").names()}


@pytest.mark.usefixtures("impatient")
def test_a_set_that_is_being_published_is_not_removed_under_its_writer(
    world: World, forget: Forget, capsys: pytest.CaptureFixture[str]
) -> None:
    before = objects(open_store(f"{world.corpus}/tokens"))
    with (
        held.writer(open_store(world.corpus), layout.TOKENS_WRITER),
        pytest.raises(SystemExit) as exit_,
    ):
        forget("acme/router", "--erase")
    assert exit_.value.code == 75
    assert "wait for it or stop it, then run this again" in capsys.readouterr().err
    assert objects(open_store(f"{world.corpus}/tokens")) == before
    forget("acme/router", "--erase")
    assert sets(world) == {"one"}


def test_a_set_whose_manifest_outlived_its_documents_is_told_and_erased(
    world: World, forget: Forget
) -> None:
    store = open_store(f"{world.corpus}/tokens/lone")
    store.write("train-00000.ids", b"ids")
    store.write(MANIFEST, b'{"digest": "lone", "files": {"train-documents.parquet": {}}}')
    said = forget("acme/router", json_=False)
    assert f"{store.uri}: what is left of a set whose removal had begun" in said
    forget("acme/router", "--erase")
    assert sets(world) == {"one"}
    assert not list((Path(world.corpus) / "tokens/lone").glob("*"))


def test_what_a_killed_run_left_unfinished_is_told_and_erased(world: World, forget: Forget) -> None:
    """Nothing in it says whose it is: its documents come after its tokens."""
    store = open_store(f"{world.corpus}/tokens/half")
    store.write("train-00000.ids", b"ids")
    assert f"{store.uri}: no manifest that can be read" in forget("acme/router", json_=False)
    assert "half" in sets(world)
    said = forget("acme/router", "--erase", json_=False)
    assert f"{store.uri}: what a killed run left, unfinished" in said
    assert sets(world) == {"one"}
