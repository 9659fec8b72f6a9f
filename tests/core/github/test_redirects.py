"""Where a redirect may lead."""

import httpx2
import pytest

from codekiln.core.github.redirects import followed, is_home

ASKED = httpx2.URL("https://api.test/repos/a/b/pulls?state=closed&page=3")


def test_a_redirect_without_a_query_keeps_ours() -> None:
    found = followed(ASKED, "https://api.test/repositories/7/pulls")
    assert str(found) == "https://api.test/repositories/7/pulls?state=closed&page=3"


def test_a_redirect_with_a_query_keeps_what_it_leaves_out() -> None:
    found = followed(ASKED, "/repositories/7/pulls?state=closed")
    assert found
    assert sorted(found.params.multi_items()) == [("page", "3"), ("state", "closed")]


def test_a_name_and_a_password_in_a_redirect_are_dropped() -> None:
    found = followed(ASKED, "https://eve:sesame@api.test/x")
    assert found
    assert found.userinfo == b""


@pytest.mark.parametrize(
    "location", ["http://api.test/x", "ftp://api.test/x", "file:///etc/passwd", "https://[", ""]
)
def test_nobody_goes_where_the_token_could_be_read(location: str) -> None:
    found = followed(ASKED, location)
    assert found is None or found.scheme == "https"


def test_another_host_port_or_scheme_is_not_home() -> None:
    home = httpx2.URL("https://api.test/api/v3")
    assert is_home(httpx2.URL("https://api.test:443/x"), home)
    for other in ("https://api.test:8443/x", "http://api.test/x", "https://evil.test/x"):
        assert not is_home(httpx2.URL(other), home)
