"""The data sets that are there."""

import shutil
from pathlib import Path

import pytest
from forgetting import World

from codekiln.core.errors import InputError
from codekiln.forget.places import places


def test_every_data_set_that_is_there_is_a_place(world: World) -> None:
    found = places(world.data, f"{world.corpus}/")
    assert [one.what for one in found] == [
        "pull requests", "examples", "cleaned examples", "near duplicates",
    ]  # fmt: skip
    assert [one.keeps_out for one in found] == [True, True, True, False]


def test_data_sets_that_a_run_is_about_to_make_are_places_too(world: World) -> None:
    shutil.rmtree(Path(world.corpus) / "cleaned")
    assert [one.what for one in places(world.data, world.corpus)][2] == "cleaned examples"


@pytest.mark.parametrize(
    ("data", "corpus", "said"),
    [
        ("none", "", "holds no data set"),
        ("data", "none", "holds neither examples nor cleaned"),
        ("s3://user:secret@bucket/x", "", "names a bucket and a prefix, no user"),
    ],
)
def test_a_slip_in_a_uri_is_no_success(world: World, data: str, corpus: str, said: str) -> None:
    root = Path(world.root)
    with pytest.raises(InputError, match=said) as refused:
        places(data if "://" in data else str(root / data), corpus and str(root / corpus))
    assert "secret" not in str(refused.value)
