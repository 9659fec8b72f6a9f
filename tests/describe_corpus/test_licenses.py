import pytest

from codekiln.clean_corpus.licenses import PERMISSIVE
from codekiln.describe_corpus import licenses


@pytest.mark.parametrize(
    ("spdx", "wanted"),
    [("Apache-2.0", "apache-2.0"), ("MIT", "mit"), ("0BSD", "other"), ("", "unknown")],
)
def test_licenses_are_called_as_the_hub_calls_them(spdx: str, wanted: str) -> None:
    assert licenses.hub_name(spdx) == wanted


def test_most_of_what_cleaning_lets_pass_has_a_name_there() -> None:
    assert {one for one in PERMISSIVE if licenses.hub_name(one) == "other"} == {"MIT-0", "0BSD"}
