import pytest

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.git import trouble
from codekiln.core.git.trouble import MissingError, RemoteGoneError

URL = "https://github.com/acme/router.git"
SHA = "1" * 40


@pytest.mark.parametrize(
    "said",
    [
        f"fatal: remote error: upload-pack: not our ref {SHA}\n",
        f"fatal: git upload-pack: not our ref {SHA}\nfatal: remote error: upload-pack: not our ref",
        f"remote: error: want {SHA} not valid\n",
        f"error: Server does not allow request for unadvertised object {SHA}\n",
    ],
)
def test_an_object_that_the_remote_lacks_is_named(said: str) -> None:
    assert trouble.final(said.encode(), URL) == MissingError(frozenset([SHA]))


@pytest.mark.parametrize(
    "said",
    [
        f"remote: Repository not found.\nfatal: repository '{URL}/' not found\n",
        "fatal: '/srv/none.git' does not appear to be a git repository\n"
        "fatal: Could not read from remote repository.\n\nPlease make sure\n",
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n",
        "remote: Repository unavailable due to DMCA takedown.\n"
        f"fatal: unable to access '{URL}/': The requested URL returned error: 451\n",
        f"remote: Access to this repository has been disabled by GitHub staff.\nfatal: {URL}: no\n",
    ],
)
def test_a_repository_that_is_gone_or_not_for_us_is_gone(said: str) -> None:
    error = trouble.final(said.encode(), URL)
    assert isinstance(error, RemoteGoneError)
    assert "\n" not in str(error)


def test_a_full_disk_and_a_refused_token_are_told_from_a_lost_repository() -> None:
    full = trouble.final(b"fatal: write error: No space left on device\nfatal: index-pack\n", URL)
    refused = trouble.final(f"fatal: Authentication failed for '{URL}/'\n".encode(), URL)
    assert isinstance(full, ServiceError)
    assert "free some space" in str(full)
    assert isinstance(refused, InputError)
    assert "token" in str(refused)


@pytest.mark.parametrize(
    "said",
    [
        "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com\n",
        "error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\n",
        f"fatal: unable to access '{URL}/': The requested URL returned error: 429\n",
        "error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF\n",
        "fatal: fetch-pack: invalid index-pack output\n",
        "",
    ],
)
def test_anything_else_is_worth_another_try(said: str) -> None:
    assert trouble.final(said.encode(), URL) is None
    error = trouble.lasting(said.encode(), URL)
    assert isinstance(error, ServiceError)
    assert "run again" in str(error)


def test_being_forbidden_does_not_tell_that_a_repository_is_gone() -> None:
    said = f"fatal: unable to access '{URL}/': The requested URL returned error: 403\n".encode()
    assert trouble.final(said, URL) is None
    error = trouble.lasting(said, URL)
    assert isinstance(error, ServiceError)
    assert "run again" in str(error)
