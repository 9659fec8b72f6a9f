import pytest

from codekiln.core.corpus import licenses
from codekiln.core.errors import InputError


def test_permissive_licenses_ask_for_a_notice_and_no_more() -> None:
    told = licenses.accepted("permissive")
    assert told is not None
    assert {"MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "Unlicense"} <= told
    assert not {"MPL-2.0", "GPL-3.0", "AGPL-3.0", "LGPL-3.0", "BUSL-1.1", ""} & told


def test_families_and_identifiers_can_be_mixed() -> None:
    told = licenses.accepted("permissive, weak-copyleft GPL-3.0")
    assert told is not None
    assert {"MIT", "MPL-2.0", "GPL-3.0"} <= told
    assert licenses.accepted("MIT") == frozenset({"MIT"})


def test_any_license_is_any() -> None:
    assert licenses.accepted("any") is None


def test_no_license_stands_in_two_families() -> None:
    families = list(licenses.FAMILIES.values())
    assert sum(map(len, families)) == len(frozenset().union(*families))


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        ("permisive", "did you mean permissive?"),
        ("MIT Aapche-2.0", "did you mean Apache-2.0?"),
        ("(MIT", "did you mean MIT?"),
        ("nonsense", "give one such as MIT, or permissive, weak-copyleft, any"),
    ],
)
def test_what_is_no_license_is_told_with_the_nearest(told: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        licenses.checked(told)
    word = told.split()[-1]
    assert str(refused.value) == f"licenses names {word!r}, which is no SPDX identifier: {hint}"


def test_licenses_are_spelled_as_spdx_spells_them() -> None:
    assert licenses.accepted("mit, APACHE-2.0") == frozenset({"MIT", "Apache-2.0"})


def test_every_license_of_a_family_is_one_of_spdx() -> None:
    for family in licenses.FAMILIES.values():
        assert licenses.accepted(" ".join(family)) == family
