"""Where GitHub is, from GitHub's own variables."""

import pytest

from codekiln.core.errors import InputError
from codekiln.core.github.endpoint import Endpoint, endpoint


def test_without_variables_it_is_github_com() -> None:
    assert endpoint({}) == Endpoint(
        "https://api.github.com", "https://api.github.com/graphql", "https://github.com"
    )


def test_the_variables_of_github_s_runners_are_taken_as_they_are() -> None:
    told = {
        "GITHUB_API_URL": "https://git.example/api/v3/",
        "GITHUB_GRAPHQL_URL": "https://git.example/api/graphql",
        "GITHUB_SERVER_URL": "https://git.example",
    }
    found = endpoint(told)
    assert found.api_url == "https://git.example/api/v3"
    assert found.git_url("a/b") == "https://git.example/a/b.git"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (
            {"GITHUB_API_URL": "https://git.example/api/v3"},
            (
                "https://git.example/api/v3",
                "https://git.example/api/graphql",
                "https://git.example",
            ),
        ),
        (
            {"GITHUB_SERVER_URL": "https://git.example"},
            (
                "https://git.example/api/v3",
                "https://git.example/api/graphql",
                "https://git.example",
            ),
        ),
        (
            {"GITHUB_SERVER_URL": "https://kiln.ghe.com"},
            (
                "https://api.kiln.ghe.com",
                "https://api.kiln.ghe.com/graphql",
                "https://kiln.ghe.com",
            ),
        ),
        (
            {"GITHUB_API_URL": "http://127.0.0.1:8080"},
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql", "http://127.0.0.1:8080"),
        ),
        (
            {"GITHUB_SERVER_URL": "https://github.com"},
            ("https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        ),
    ],
)
def test_one_address_tells_the_others(told: dict[str, str], wanted: tuple[str, str, str]) -> None:
    assert endpoint(told) == Endpoint(*wanted)


@pytest.mark.parametrize(
    "url",
    ["api.github.com", "ftp://api.github.com", "https://", "http:x", "https://[::1", "https://a:b"],
)
def test_what_is_no_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(InputError, match="GITHUB_API_URL is no address"):
        endpoint({"GITHUB_API_URL": url})


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        endpoint({"GITHUB_API_URL": "https://me:hunter2@api.github.com"})
    assert "hunter2" not in str(caught.value)
