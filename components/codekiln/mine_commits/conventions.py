"""What a commit message says of its commit, by the habits of those who write them."""

import re
from collections.abc import Mapping, Sequence

MOST_RELATED = 50
"""A message that names more is a list of releases, not a relation."""

# A fixed text is found far faster than a pattern.
SQUASHED_HEAD, REVERTS_HEAD = "Squashed commit of the following:", "This reverts commit "
SQUASHED = re.compile(f"^{SQUASHED_HEAD}", re.MULTILINE)
# GitHub ends the subject of a squash merge (and of nothing else that it makes) like this.
SQUASH_MERGE = re.compile(r" \(#\d+\)$")
FIXUP = re.compile(r"^(?:fixup|amend)! ")
REVERT = re.compile(r"^(?:Revert(?:s|ed)? \"|revert(?:\([^)]*\))?!?: )", re.IGNORECASE)
REVERTS_COMMIT = re.compile(f"^{REVERTS_HEAD}[0-9a-f]{{7,40}}", re.MULTILINE)

# Each of these begins with a fixed text, which is found fast; what stands before is looked at then.
# Every repetition has an end: a hostile message must not cost the square of its length.
URL = re.compile(
    r"://[^\s/]{1,253}/([\w.-]{1,39}/[\w.-]{1,100})/(?:-/)?"
    r"(?:issues|pull|pulls|merge_requests)/(\d{1,8})\b"
)
NUMBER = re.compile(r"#(\d{1,8})\b")
KEY = re.compile(r"-(\d{1,8})\b(?![.-]\w)")
BEFORE_NUMBER = re.compile(r"(?:(?<![\w&/#.-])([\w.-]{1,39}/[\w.-]{1,100})|(?<![\w&/#]))\Z")
BEFORE_KEY = re.compile(r"(?<![\w/.-])([A-Z][A-Z0-9]{1,9})\Z")
LONGEST_REPOSITORY, LONGEST_KEY = 140, 10

NO_PROJECT = frozenset([
    "AES", "AGPL", "ANSI", "APACHE", "ARM", "ASCII", "BASE", "BSD", "COVID", "CP", "CRC",
    "CVE", "CWE", "ECDSA", "ECMA", "ED", "EN", "ES", "FIPS", "FLOAT", "GHSA", "GMT", "GO",
    "GPL", "GPT", "H2", "HMAC", "HTTP", "IEEE", "INT", "ISO", "KOI8", "LGPL", "MD", "MPL",
    "PEP", "PKCS", "PY", "PYTHON", "RFC", "RSA", "SHA", "SSL", "TLS", "UCS", "UINT", "UTC",
    "UTF", "X86",
])  # fmt: skip
"""Words before a dash and a number that name a standard, not a project of a tracker."""

CUED = re.compile(
    r"\(cherry picked from commit (?P<picked>[0-9a-f]{7,64})"
    r"|\b[Rr]evert(?:s|ed|ing)? (?:commit )?(?P<reverted>[0-9a-f]{7,64})\b"
    r"|^Fixes: (?P<fixed>[0-9a-f]{7,64})\b",
    re.MULTILINE,
)
HEX = re.compile(r"(?<![\w/+=.-])[0-9a-f]{7,64}(?![\w/+=-])")
HEX_AS_ZEROS = bytes.maketrans(b"0123456789abcdef", b"0" * 16)
SHORTEST_HASH = b"0" * 7
WHOLE = (40, 64)


def is_squash(subject: str, message: str, parents: int) -> bool:
    """Tell whether this is, or asks for, many commits in one."""
    merged = parents == 1 and SQUASH_MERGE.search(subject) is not None
    listed = SQUASHED_HEAD in message and SQUASHED.search(message) is not None
    return merged or subject.startswith("squash! ") or listed


def is_fixup(subject: str) -> bool:
    """Tell whether this corrects an earlier commit and waits to be folded into it."""
    return FIXUP.match(subject) is not None


def is_revert(subject: str, message: str) -> bool:
    """Tell whether this takes an earlier commit back."""
    told = REVERTS_HEAD in message and REVERTS_COMMIT.search(message) is not None
    return told or REVERT.match(subject) is not None


def issues(message: str) -> list[str]:
    """Return the issues and pull requests that `message` names, each once, in order.

    As `#12`, `owner/name#12` or `KEY-12`; words such as UTF-8 are none.
    """
    found: list[tuple[int, str | None]] = []
    if "://" in message:
        found += [(m.start(), f"{m[1]}#{m[2]}") for m in URL.finditer(message)]
    if "#" in message:
        found += [(m.start(), numbered(message, m)) for m in NUMBER.finditer(message)]
    if "-" in message:
        found += [(m.start(), keyed(message, m)) for m in KEY.finditer(message)]
    return list(dict.fromkeys(name for _, name in sorted(found) if name))[:MOST_RELATED]


def numbered(message: str, match: re.Match[str]) -> str | None:
    """Return the issue that `#12` names, with the repository before it if there is one."""
    before = message[max(0, match.start() - LONGEST_REPOSITORY - 1) : match.start()]
    told = BEFORE_NUMBER.search(before)
    return None if told is None else f"{told[1] or ''}#{match[1]}"


def keyed(message: str, match: re.Match[str]) -> str | None:
    """Return the issue that ends in `-12`: GH-12 is GitHub's, UTF-8 is none."""
    before = message[max(0, match.start() - LONGEST_KEY - 1) : match.start()]
    told = BEFORE_KEY.search(before)
    if told is None or told[1] in NO_PROJECT:
        return None
    return f"#{match[1]}" if told[1] == "GH" else f"{told[1]}-{match[1]}"


def commits(message: str, names: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Return the commits that `message` names, each once, in order; `names` are its `named_hashes`.

    `known` leads from names to the full hashes of commits of this repository. A hash that is none
    here is kept only if it is whole and the words before it say that it is a commit: picked,
    reverted or fixed commits may live elsewhere.
    """
    cued = {m[m.lastgroup or 0] for m in CUED.finditer(message)} if names else set()
    found: list[str | None] = []
    for name in names:
        elsewhere = name if name in cued and len(name) in WHOLE else None
        found.append(known.get(name, elsewhere))
    return list(dict.fromkeys(filter(None, found)))


def named_hashes(message: str) -> Sequence[str]:
    """Return the words of `message` that may be hashes; `1234567` and `defaced` hardly are."""
    if SHORTEST_HASH not in message.encode().translate(HEX_AS_ZEROS):
        return []  # as with most: eight times faster than to search
    words: dict[str, None] = dict.fromkeys(HEX.findall(message))
    mixed = (w for w in words if len(w) in WHOLE or not (w.isdigit() or w.isalpha()))
    return list(mixed)[:MOST_RELATED]
