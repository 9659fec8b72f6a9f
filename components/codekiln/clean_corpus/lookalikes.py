"""What only looks like a secret or like somebody's data: examples, hashes, placeholders, tests."""

import ipaddress
import math
import string
from collections import Counter

from codekiln.clean_corpus.automaton import compiled

EXAMPLES = compiled(
    r"(?i)example|sample|dummy|fake|placeholder|changeme|change_me|redacted|your[_-]?|insert|"
    r"xxxx|\*\*\*\*|\.\.\.|0123456789|1234567890|abcdefgh|qwerty|deadbeef|"
    r"<[a-z_ -]+>|\$\{|\{\{|\$\(|%[svdq]"
)
"""What writers put where a secret belongs."""
JWT_EXAMPLE = b"eyJzdWIiOiIxMjM0NTY3ODkw"
"""The claims of the example on jwt.io, which all documentation copies."""

PLAIN_PASSWORDS = compiled(
    r"(?i)\A(?:pass(?:word|wd|phrase)?|passw0rd|secret|token|admin|root|user|test|guest|default|"
    r"none|null|empty|foo|bar|baz|hunter2|letmein)[0-9!_-]{0,6}\z"
)
RESERVED_DOMAINS = (b"example.com", b"example.org", b"example.net")
RESERVED_ENDS = (b".example", b".test", b".invalid", b".localhost", b".local", b".internal")
"""RFC 2606 and RFC 6761, and what private networks use."""
NOBODY = frozenset(
    b"git hg svn noreply no-reply donotreply postmaster root admin nobody user username test "
    b"foo bar you your me name info support security hello contact help team".split()
)
"""Local parts that are no person's."""
FILE_ENDS = frozenset(
    b"png jpg jpeg gif svg webp ico go js ts jsx tsx css scss json yaml yml toml md txt html "
    b"xml proto py rb rs java sh lock mod sum service socket timer target mount".split()
)
"""Ends of file names (`icon@2x.png`) and systemd units (`getty@tty1.service`), no domains."""
WELL_KNOWN_IPV4 = frozenset(
    b"8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 1.2.3.4 1.2.3.5 4.3.2.1 2.3.4.5 5.6.7.8 1.1.1.2 "
    b"2.2.2.2 3.3.3.3 4.4.4.4 5.5.5.5 6.6.6.6 7.7.7.7 9.8.7.6 11.22.33.44 12.34.56.78 "
    b"208.67.222.222".split()
)
"""Public resolvers and what tests make up."""


_ALPHANUMERIC = frozenset(string.ascii_letters.encode() + string.digits.encode())
_TO_DASHES = bytes.maketrans(b"_./:", b"----")


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of the bytes of `value`, in bits a byte."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def is_example(value: bytes) -> bool:
    """Say whether `value` says of itself that it is none."""
    return EXAMPLES.search(value) is not None or JWT_EXAMPLE in value


def is_random(value: bytes) -> bool:
    """Say whether a value of a known format is filled in: no example, not one letter repeated."""
    return entropy(value) >= 3.0 and not is_example(value)


def is_password(value: bytes) -> bool:
    """Say whether what is assigned to a password, secret, token or key is one.

    Words joined by dashes, dots or slashes name a secret (`my-db-secret`, `secrets/db`); a real one
    holds digits between its letters, or signs, and is no example.
    """
    if is_example(value) or PLAIN_PASSWORDS.match(value):
        return False
    digits = sum(48 <= byte <= 57 for byte in value)
    letters = sum(65 <= byte & 0xDF <= 90 for byte in value)
    signs = len(value) - digits - letters - sum(value.count(one) for one in b"-_./:,()[]{}")
    if len(value) < 16:
        return letters > 0 and digits + signs >= 2 and entropy(value) >= 2.7
    return letters > 0 and digits >= 2 and entropy(value) >= 3.2 and not _is_path(value)


def is_key(value: bytes) -> bool:
    """Say whether what follows `token=` without quotes is a key, not code."""
    return len(value) >= 16 and is_password(value) and entropy(value) >= 3.5


def is_url_password(value: bytes) -> bool:
    """Say whether the password in a URL is filled in."""
    is_filled = any(byte in _ALPHANUMERIC for byte in value) and not value.startswith(b"%")
    return is_filled and not is_example(value) and not PLAIN_PASSWORDS.match(value)


def _is_path(value: bytes) -> bool:
    """Say whether it is made of short words: a path, an image, an import."""
    return max(map(len, value.translate(_TO_DASHES).split(b"-"))) < 8


def is_email(value: bytes) -> bool:
    """Say whether an address can be somebody's."""
    local, _, domain = value.lower().rpartition(b"@")
    if local in NOBODY or domain.endswith(RESERVED_ENDS) or domain in RESERVED_DOMAINS:
        return False
    if domain.endswith(tuple(b"." + one for one in RESERVED_DOMAINS)):
        return False
    end = value.rpartition(b".")[2]
    # m.Path@m.Version is code.
    return end.lower() not in FILE_ENDS and (end.islower() or end.isupper())


def is_public_ipv4(value: bytes) -> bool:
    """Say whether an address is of the public internet, and nobody's example."""
    if value in WELL_KNOWN_IPV4:
        return False
    try:
        address = ipaddress.IPv4Address(value.decode("ascii"))
    except ValueError:
        return False
    # Object identifiers (2.5.4.10), sections and versions have small numbers: one host in 250 has.
    numbers = address.packed
    is_host = max(numbers) >= 64 and numbers[3] != 0
    return is_host and address.is_global and not address.is_multicast


def is_public_ipv6(value: bytes) -> bool:
    """Say whether an address is of the public internet; 2001:db8::/32 is for documentation."""
    try:
        address = ipaddress.IPv6Address(value.decode("ascii"))
    except ValueError:
        return False
    return address.is_global


def is_phone(value: bytes) -> bool:
    """Say whether it can be called: E.164 has 8 to 15 digits; +1 555 01xx is for fiction."""
    digits = bytes(byte for byte in value if 48 <= byte <= 57)
    if not 9 <= len(digits) <= 15 or len(set(digits)) < 4 or is_example(digits):
        return False
    separated = len(value) - 1 > len(digits)
    # +20130313144700 is the build of a version.
    return b"55501" not in digits and (separated or not digits.startswith((b"19", b"20")))
