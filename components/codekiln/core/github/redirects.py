"""Following GitHub when it says that a thing is elsewhere: a renamed repository, mostly. Pure.

The method, the body and the query stay (PyGithub and others lose the query on a 301, and then get
another list than they asked for); the token goes only where it belongs.
"""

import httpx2

MOST = 5
"""Redirects in a row."""

PORTS = {"http": 80, "https": 443}


def followed(asked: httpx2.URL, location: str) -> httpx2.URL | None:
    """Return where `location` sends a request to `asked`; None if nobody should go there."""
    try:
        target = asked.join(location)
    except (httpx2.InvalidURL, ValueError):
        return None
    if target.scheme not in PORTS or not target.host:
        return None
    if (asked.scheme, target.scheme) == ("https", "http"):
        return None
    kept = [(key, value) for key, value in asked.params.multi_items() if key not in target.params]
    # Neither a name nor a password of the server's choice is ours to send.
    target = target.copy_with(username=None, password=None, fragment=None)
    return target.copy_with(params=[*target.params.multi_items(), *kept]) if kept else target


def is_home(url: httpx2.URL, home: httpx2.URL) -> bool:
    """Say whether `url` is at the origin of `home`, so that our token may go there."""
    return _origin(url) == _origin(home)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or PORTS.get(url.scheme)
