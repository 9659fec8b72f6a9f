from hypothesis import given
from hypothesis import strategies as st

from codekiln.fake_github import node_ids


def test_ids_look_like_githubs_own() -> None:
    # R_kgDOABCDEF: kgDO is MessagePack for an array of 0 and a 32-bit number.
    assert node_ids.encode("R", 0x10203040) == "R_kgDOECAwQA"
    assert node_ids.encode("PR", 1, 2).startswith("PR_kwDO")


@given(st.lists(st.integers(0, 1 << 60), min_size=1, max_size=3))
def test_an_id_gives_back_what_it_was_made_from(ids: list[int]) -> None:
    assert node_ids.decode(node_ids.encode("PR", *ids)) == ("PR", tuple(ids))


@given(st.text(max_size=30))
def test_nonsense_is_no_id(text: str) -> None:
    found = node_ids.decode(text)
    assert found is None or node_ids.encode(found[0], *found[1])
