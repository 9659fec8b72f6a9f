"""Rules about licenses and about those who asked to be left out."""

import example_folders
import pytest

from codekiln.clean_corpus.content import parts_of
from codekiln.clean_corpus.licenses import licensed, opted_out
from codekiln.core.corpus.licenses import accepted


@pytest.mark.parametrize(
    ("license", "wanted"),
    [
        ("MIT", None),
        ("apache-2.0", None),
        ("", "license unknown"),
        ("NOASSERTION", "license unknown"),
        ("GPL-3.0", "license not allowed"),
        ("AGPL-3.0-only", "license not allowed"),
        ("(GPL-2.0-only OR MIT)", None),
        ("MIT AND GPL-2.0-only", "license not allowed"),
    ],
)
def test_only_allowed_licenses_stay(license: str, wanted: str | None) -> None:  # noqa: A002 -- the field's name
    parts = parts_of(example_folders.example(1, license=license))
    assert licensed(accepted("permissive"))(parts) == wanted


@pytest.mark.parametrize("license", ["", "NOASSERTION", "GPL-3.0"])
def test_any_license_is_any_and_none(license: str) -> None:  # noqa: A002 -- the field's name
    parts = parts_of(example_folders.example(1, license=license))
    assert licensed(accepted("any"))(parts) is None


@pytest.mark.parametrize(
    ("header", "stays"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-or-later", False),
        ("Apache-2.0 AND GPL-2.0-only", False),
    ],
)
def test_a_file_may_say_that_it_is_under_another_license(header: str, stays: bool) -> None:
    before = f"// SPDX-License-Identifier: {header}\npackage x\n"
    found = licensed(accepted("permissive"))(parts_of(example_folders.example(1, before=before)))
    assert (found is None) == stays


@pytest.mark.parametrize("name", ["acme/store", "ACME/Store", "acme", "R_1"])
def test_those_who_opted_out_are_left_out_by_any_of_their_names(name: str) -> None:
    assert opted_out([name])(parts_of(example_folders.example(1))) == "opted out"


@pytest.mark.parametrize("name", ["acme/other", "acm", "store", "other"])
def test_others_are_not(name: str) -> None:
    assert opted_out([name])(parts_of(example_folders.example(1))) is None
