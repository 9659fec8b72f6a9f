"""Tokens of a GitHub App, made by PyGithub against a small real server."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from core.github.scripted import ENDPOINT, Script, answer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.github.app import RENEW_S, App
from codekiln.core.github.auth import Tokens
from codekiln.core.github.client import GitHub
from codekiln.fake_github import clock


def private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(*pem, serialization.NoEncryption()).decode()


KEY = private_key()


class GitHubsAppApi(BaseHTTPRequestHandler):
    """Makes installation tokens, numbered."""

    made: list[str]
    installations: list[int]
    status: int
    failures: list[int]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.made.append(self.path)
        if self.failures:
            self.say(self.failures.pop(), {"message": "Server Error"})
            return
        token = {"token": f"ghs_{len(self.made)}", "expires_at": "2030-01-01T00:00:00Z"}
        self.say(self.status, token if self.status == 201 else {"message": "Not good"})

    def do_GET(self) -> None:
        self.say(200, [{"id": one} for one in self.installations])

    def say(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Api:
    """The running server."""

    def __init__(self, url: str, handler: type[GitHubsAppApi]) -> None:
        self.url = url
        self.handler = handler

    def app(self, installation: int = 34, key: str = KEY) -> App:
        return App("the GitHub App 12", "12", key, installation, self.url)


@pytest.fixture
def api() -> Iterator[Api]:
    state = {"made": [], "installations": [34], "status": 201, "failures": []}
    handler = type("Handler", (GitHubsAppApi,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Api(f"http://127.0.0.1:{server.server_port}", handler)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_token_is_made_once_and_again_before_it_ends(api: Api) -> None:
    async def some() -> list[str]:
        app = api.app()
        first = await asyncio.gather(app.token(), app.token())
        await asyncio.sleep(RENEW_S + 1)
        return [*first, await app.token()]

    assert clock.run(some()) == ["ghs_1", "ghs_1", "ghs_2"]
    assert api.handler.made == ["/app/installations/34/access_tokens"] * 2


def test_the_only_installation_needs_no_number(api: Api) -> None:
    assert asyncio.run(api.app(installation=0).token()) == "ghs_1"


def test_several_installations_are_listed_to_choose_from(api: Api) -> None:
    api.handler.installations = [34, 56]
    with pytest.raises(InputError, match=r"2 installations \(34, 56\)"):
        asyncio.run(api.app(installation=0).token())


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, InputError, "does not accept the key"),
        (404, InputError, "no installation 34"),
        (422, ServiceError, "makes no token"),
    ],
)
def test_a_refusal_says_what_to_check(
    api: Api, status: int, error: type[Exception], words: str
) -> None:
    api.handler.status = status
    with pytest.raises(error, match=words):
        asyncio.run(api.app().token())


def test_a_broken_key_is_refused_without_being_shown(api: Api) -> None:
    broken = "-----BEGIN RSA PRIVATE KEY-----\nSESAME\n-----END RSA PRIVATE KEY-----\n"
    with pytest.raises(InputError, match="private key of the GitHub App 12") as caught:
        asyncio.run(api.app(key=broken).token())
    assert "SESAME" not in str(caught.value)


def test_a_token_that_ended_early_is_made_anew(api: Api) -> None:
    async def one() -> object:
        script = Script([answer(401, {"message": "Bad credentials"}), answer(body=[7])])
        async with GitHub(ENDPOINT, Tokens((api.app(),)), transport=script) as github:
            found = (await github.get("/x")).body
        return found, [request.headers["authorization"] for request in script.asked]

    assert clock.run(one()) == ([7], ["Bearer ghs_1", "Bearer ghs_2"])


def test_an_outage_while_a_token_is_renewed_is_waited_out(api: Api) -> None:
    api.handler.failures = [502, 503, 500]

    async def one() -> tuple[object, int]:
        made = GitHub(ENDPOINT, Tokens((api.app(),)), transport=Script([answer(body=[7])]))
        async with made as github:
            return (await github.get("/x")).body, github.usage.retries.total()

    assert clock.run(one()) == ([7], 3)


def test_no_log_however_loud_shows_what_was_made(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert asyncio.run(api.app().token()) == "ghs_1"
    assert "ghs_1" not in caplog.text
    assert "Bearer ey" not in caplog.text
