"""Who asks: tokens and Apps from the environment."""

import asyncio
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.github.app import App
from codekiln.core.github.auth import tokens

KEY = "-----BEGIN RSA PRIVATE KEY-----\nSESAME\n-----END RSA PRIVATE KEY-----"


def secrets(environ: dict[str, str]) -> list[str]:
    async def each() -> list[str]:
        return [await one.token() for one in tokens(environ).each]

    return asyncio.run(each())


def test_nothing_told_is_nobody() -> None:
    assert tokens({}).anonymous
    assert secrets({"GITHUB_TOKEN": "  "}) == [""]


def test_github_token_goes_before_gh_token() -> None:
    assert secrets({"GITHUB_TOKEN": "one", "GH_TOKEN": "two"}) == ["one"]
    assert secrets({"GH_TOKEN": "two\n"}) == ["two"]


def test_several_tokens_are_separated_by_commas_and_one_twice_is_one() -> None:
    assert secrets({"GITHUB_TOKEN": "one, two,,one"}) == ["one", "two"]
    assert [one.name for one in tokens({"GITHUB_TOKEN": "one,two"}).each] == [
        "token 1 of GITHUB_TOKEN",
        "token 2 of GITHUB_TOKEN",
    ]


@pytest.mark.parametrize("bad", ["ses ame", "ses\name", "sésame", "ses\x00ame"])
def test_a_token_that_was_copied_badly_is_refused_and_not_repeated(bad: str) -> None:
    with pytest.raises(InputError, match="token 2 of GITHUB_TOKEN") as caught:
        tokens({"GITHUB_TOKEN": f"good,{bad}"})
    assert bad not in str(caught.value)


def test_no_repr_shows_a_secret() -> None:
    shown = repr(tokens({"GITHUB_TOKEN": "sesame"})) + repr(app())
    assert "sesame" not in shown.lower()


def test_what_a_server_repeats_is_hidden() -> None:
    assert tokens({"GITHUB_TOKEN": "sesame"}).scrub(b"bad sesame") == b"bad [token]"


def app(**more: str) -> App:
    told = {"GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY": KEY, "GITHUB_TOKEN": "x", **more}
    (found,) = tokens(told).each
    assert isinstance(found, App)
    return found


def test_an_app_goes_before_tokens() -> None:
    found = app(GITHUB_APP_INSTALLATION_ID="34", GITHUB_API_URL="https://git.example/api/v3")
    assert (found.app_id, found.installation) == ("12", 34)
    assert found.api_url == "https://git.example/api/v3"


def test_a_key_written_in_one_line_is_understood() -> None:
    assert app(GITHUB_APP_PRIVATE_KEY=KEY.replace("\n", "\\n")).key == KEY + "\n"


def test_a_key_may_be_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "app.pem"
    path.write_text(KEY)
    assert app(GITHUB_APP_PRIVATE_KEY="", GITHUB_APP_PRIVATE_KEY_FILE=str(path)).key == KEY + "\n"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"GITHUB_APP_ID": "12"}, "GITHUB_APP_ID without GITHUB_APP_PRIVATE_KEY or"),
        ({"GITHUB_APP_PRIVATE_KEY": KEY}, "GITHUB_APP_PRIVATE_KEY without GITHUB_APP_ID"),
        ({"GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY": "sesame"}, "holds no private key"),
        ({"GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY_FILE": "/no/x.pem"}, "cannot read /no/x"),
        (
            {
                "GITHUB_APP_ID": "1",
                "GITHUB_APP_PRIVATE_KEY": KEY,
                "GITHUB_APP_INSTALLATION_ID": "x",
            },
            "GITHUB_APP_INSTALLATION_ID is no number",
        ),
    ],
)
def test_half_an_app_is_refused_with_what_is_missing(told: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        tokens(told)
    assert "sesame" not in str(caught.value).lower()
