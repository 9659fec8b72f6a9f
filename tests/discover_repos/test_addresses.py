import json
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.discover_repos import addresses, names

HIDDEN = "ghp_X"
CARRIERS = [
    f"https://me:{HIDDEN}@github.com/acme/router",
    f"https://{HIDDEN}@github.com/acme/router",
    f"a/b,https://me:{HIDDEN},more@github.com/acme/router",
    f"https://me:{HIDDEN}/more@github.com/acme/router",
    f"{HIDDEN}@github.com:acme/router",
    f"s3://me:{HIDDEN}@bucket/list.txt",
]


@pytest.mark.parametrize("word", CARRIERS)
def test_an_address_with_a_secret_is_refused_and_not_repeated(word: str) -> None:
    config = json.dumps({"discover_repos": {"repositories": word}})
    for told in ((word,), ("", config)):
        with pytest.raises(InputError) as caught:
            addresses.refuse_secrets(*told)
        assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize("word", [*CARRIERS, f"https://me:{HIDDEN}#more@github.com/acme/router"])
def test_a_line_with_a_secret_is_not_repeated(tmp_path: Path, word: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(word)
    with pytest.raises(InputError, match=r"line 1: found .*\*\*\*|found 's3://") as caught:
        names.read(str(path))
    assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize(
    "told",
    ["", "acme/router a/b", "git@github.com:a/b,git@github.com:c/d", "ssh://git@github.com/a/b",
     "https://github.com:443/a/b", "s3://bucket/list@1.txt", "/home/me@corp/list.txt", "a/b@v1"],
)  # fmt: skip
def test_other_lists_are_let_through(told: str) -> None:
    addresses.refuse_secrets(told, json.dumps({"discover_repos": {"language": "Go"}}))
