import pytest

from codekiln.core.errors import InputError
from codekiln.discover_repos import licenses


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


def test_a_slip_in_the_name_of_a_family_is_told() -> None:
    with pytest.raises(InputError, match="licenses names 'permisive'; give SPDX identifiers"):
        licenses.accepted("permisive")
