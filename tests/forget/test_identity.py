"""Which repository is meant."""

import pytest
from forgetting import Forget, World, commit

from codekiln.core.datasets.dataset import Entry
from codekiln.core.errors import InputError
from codekiln.forget.identity import asked, find
from codekiln.forget.places import places


@pytest.mark.parametrize(
    ("told", "by"),
    [
        ("acme/router", "its name"),
        ("Acme/Router", "its name"),
        ("https://github.com/acme/router.git", "its name"),
        ("R_router", "its node id"),
        ("acme/old", "what version 2 of the pull requests calls it"),
    ],
)
def test_it_is_found_by_any_name_that_it_had_and_by_its_node_id(
    world: World, told: str, by: str
) -> None:
    found = find(places(world.data, world.corpus), told)
    assert (found.key, found.name, found.by) == ("R_router", "acme/router", by)


def test_one_that_only_a_search_told_of_is_found_too(world: World) -> None:
    world.dataset("data").commit({"R_router": lambda _: None}, run="test")
    assert find(places(world.data, ""), "acme/router").key == "R_router"


def test_one_that_was_forgotten_is_found_by_its_name(world: World, forget: Forget) -> None:
    forget("acme/router", "--erase")
    found = find(places(world.data, world.corpus), "ACME/router")
    assert (found.key, found.name, found.by) == ("R_router", "acme/router", "its name")
    assert found.since.startswith("20")


def test_who_has_the_name_now_comes_before_who_had_it(world: World) -> None:
    commit(world.dataset("data"), R_new=Entry("R_new", {}, {"name": "acme/old"}))
    assert find(places(world.data, world.corpus), "acme/old").key == "R_new"


def test_of_two_with_one_name_the_node_id_is_asked_for(world: World) -> None:
    twin = world.pulls("R_mux", "acme/router", 1)
    commit(world.dataset("data"), R_mux=twin)
    with pytest.raises(InputError, match="2 repositories are called acme/router: R_mux, R_router"):
        find(places(world.data, ""), "acme/router")


def test_one_that_nobody_collected_is_told_with_what_to_do(world: World) -> None:
    with pytest.raises(InputError, match=r"hold no acme/none, by no name .* give GitHub's node id"):
        find(places(world.data, world.corpus), "acme/none")


@pytest.mark.parametrize("told", ["", "acme/", "ghp_0123", "R_1;", "a/b/c"])
def test_what_is_neither_a_name_nor_an_id_is_refused_unsaid(told: str) -> None:
    with pytest.raises(InputError, match="neither OWNER/NAME nor GitHub's node id") as refused:
        asked(told)
    assert not told or told not in str(refused.value)


def test_a_node_id_of_the_old_kind_is_spelled_as_in_the_data() -> None:
    assert asked("MDEwOlJlcG9zaXRvcnkxMjk2MjY5MQ==") == asked("R_kgDOAMXLgw")


def test_a_token_in_an_address_is_not_repeated(world: World) -> None:
    with pytest.raises(InputError) as refused:
        find(places(world.data, ""), "https://user:ghp_secret@github.com/acme/none")
    assert "ghp_secret" not in str(refused.value)
