import pytest

from codekiln.core.corpus.licenses import FAMILIES
from codekiln.describe_corpus import licenses


@pytest.mark.parametrize(
    ("spdx", "wanted"),
    [("Apache-2.0", "apache-2.0"), ("MIT", "mit"), ("0BSD", "other"), ("", "unknown")],
)
def test_licenses_are_called_as_the_hub_calls_them(spdx: str, wanted: str) -> None:
    assert licenses.hub_name(spdx) == wanted


def test_most_of_what_cleaning_lets_pass_has_a_name_there() -> None:
    family = FAMILIES["permissive"]
    assert sum(licenses.hub_name(one) == "other" for one in family) < len(family) / 2
