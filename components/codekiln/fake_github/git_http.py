"""Smart HTTP for git: `git http-backend` as a CGI program, as Apache would run it."""

import asyncio
import re
import subprocess
from pathlib import Path
from urllib.parse import urlencode

from codekiln.core.git.command import environment
from codekiln.fake_github.messages import Asked, Said

_PATH = re.compile(
    r"/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?P<rest>/(?:info/refs|git-upload-pack|HEAD|objects/.*))"
)


def is_git(path: str) -> bool:
    """Tell whether a path is git's, not the API's."""
    return _PATH.fullmatch(path) is not None


def name_of(path: str) -> tuple[str, str]:
    """Return the repository's name, and what of it a path asks for."""
    match = _PATH.fullmatch(path)
    return (match["name"], match["rest"]) if match else ("", path)


async def answer(asked: Asked, folder: Path, rest: str) -> Said:
    """Let git answer a request for `rest` of the bare repository `folder`."""
    done = await asyncio.to_thread(
        subprocess.run,
        ["git", "http-backend"],
        input=asked.body,
        capture_output=True,
        check=False,
        env=environment(_variables(asked, folder, rest)),
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    status = int(headers.pop("status", "200" if head else "500").split()[0])
    return Said(status, body, headers)


def _variables(asked: Asked, folder: Path, rest: str) -> dict[str, str]:
    told = {
        "GIT_PROJECT_ROOT": str(folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": rest,
        "QUERY_STRING": urlencode(asked.params),
        "REQUEST_METHOD": asked.method,
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "REMOTE_ADDR": "127.0.0.1",
        # Otherwise the owner of a folder in somebody's container decides whether git reads it.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    for header, name in (
        ("git-protocol", "GIT_PROTOCOL"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
    ):
        if header in asked.headers:
            told[name] = asked.headers[header]
    return told
