"""Addresses of services, as settings name them."""

from urllib.parse import urlsplit


def is_http(url: str) -> bool:
    """Tell whether `url` names a host that can be asked by HTTP, and a port if any that can be."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # an address of IPv6 that does not end, a port that is no number or too large
        return False
    # urlsplit passes over line ends, which no client does
    return known and url.split() == [url] and url.isprintable()
