import pytest

from codekiln.core import address


@pytest.mark.parametrize(
    "url", ["http://host", "https://host:9000/path", "http://[::1]:8333", "http://me:word@host"]
)
def test_what_names_a_host_can_be_asked(url: str) -> None:
    assert address.is_http(url)


@pytest.mark.parametrize(
    "url",
    ["", "host:9000", "ftp://host", "http://", "http://[::1", "http://host:port", "http://host:0",
     "http://host:65536", "http://ho st", "http://host\n", "http://host:9000\n"],
)  # fmt: skip
def test_what_no_client_can_ask_is_no_address(url: str) -> None:
    assert not address.is_http(url)
