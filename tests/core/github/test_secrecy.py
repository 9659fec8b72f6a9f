"""No token of ours is ever shown, whatever happens and however loud the log is."""

import logging
import traceback
from collections.abc import Iterator

import httpx2
import pytest
from core.github.scripted import TOKEN, Script, Step, answer, ask

from codekiln.core.errors import CodekilnError
from codekiln.core.github.client import GitHub
from codekiln.core.github.limits import Limits

ECHO = {"message": f"Bad credentials: {TOKEN}", "errors": [{"message": TOKEN}]}

ENDS: list[Step] = [
    answer(401, ECHO),
    answer(403, ECHO),
    answer(404, ECHO),
    answer(422, ECHO),
    answer(403, {"message": f"secondary rate limit for {TOKEN}"}),
    answer(500, ECHO),
    answer(301, {}, location=f"ftp://{TOKEN}@x"),
    answer(raw=f"<html>{TOKEN}".encode()),
    httpx2.ConnectError("no route"),
]


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    before = logging.getLogger("httpx2").level
    logging.getLogger("httpx2").setLevel(logging.DEBUG)
    yield caplog
    logging.getLogger("httpx2").setLevel(before)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", ["rest", "graphql"])
def test_no_error_and_no_log_shows_the_token(
    end: Step, kind: str, loud: pytest.LogCaptureFixture
) -> None:
    async def asking(github: GitHub) -> object:
        if kind == "rest":
            return await github.get("/x")
        return await github.graphql("query { viewer { login } }", {})

    with pytest.raises(CodekilnError) as caught:
        ask(Script([end]), asking, limits=Limits(patience_s=200))
    error = caught.value
    shown = [str(error), repr(error), repr(vars(error)), loud.text]
    shown += traceback.format_exception(error)
    assert TOKEN not in "".join(shown)


def test_an_answer_that_repeats_the_token_does_not_carry_it_on() -> None:
    async def asking(github: GitHub) -> object:
        return (await github.get("/x")).body

    found = ask(Script([answer(body={"token": TOKEN, "id": 1})]), asking)
    assert found == {"token": "[token]", "id": 1}


def test_the_client_s_own_parts_do_not_show_it_either() -> None:
    async def asking(github: GitHub) -> str:
        await github.get("/x")
        parts = [*vars(github).values(), *vars(github._asker).values()]
        return " ".join(map(repr, parts))

    assert TOKEN not in ask(Script([answer(body=[])]), asking)
