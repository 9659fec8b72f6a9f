"""A request and an answer, before they take the shape of a socket or of an httpx2 transport."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

JSON = "application/json; charset=utf-8"
Cut = Literal["", "reset", "truncated"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `base` is how the client calls us (scheme://host), header names are lower case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str

    @classmethod
    def at(
        cls,
        root: str,
        path: str,
        *,
        method: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> "Asked":
        """Return a request to `path` of the server `root`, which may be an Enterprise server's."""
        path = path.rstrip("/") or "/"
        if path == "/api/graphql":
            path = "/graphql"
        elif path.startswith("/api/v3/"):
            root, path = f"{root}/api/v3", path.removeprefix("/api/v3")
        return cls(method, path, params, headers, body, root)


@dataclass(slots=True)
class Said:
    """An answer; `rows` and `work` tell what it cost to make, `cut` how the wire breaks it."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    cut: Cut = ""
    points: int = 1
    work: int = 0

    @classmethod
    def of_json(cls, body: object, *, points: int = 1) -> "Said":
        """Answer 200 with `body` as JSON."""
        return cls(200, json.dumps(body).encode(), {"content-type": JSON}, points=points)


def problem(status: int, message: str, documentation: str = "rest", **more: object) -> Said:
    """Answer with an error in GitHub's shape."""
    url = f"https://docs.github.com/{documentation}"
    body = {"message": message, **more, "documentation_url": url, "status": str(status)}
    return Said(status, json.dumps(body).encode(), {"content-type": JSON})
