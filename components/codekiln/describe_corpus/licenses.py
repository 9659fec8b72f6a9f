"""SPDX identifiers as the Hugging Face Hub writes licenses in a card."""

KNOWN = frozenset(
    (
        "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear", "isc",
        "unlicense", "cc0-1.0", "zlib", "bsl-1.0", "mpl-2.0", "gpl-2.0", "gpl-3.0", "lgpl-2.1",
        "lgpl-3.0", "agpl-3.0", "artistic-2.0", "epl-1.0", "epl-2.0", "eupl-1.1", "ms-pl", "ncsa",
        "ofl-1.1", "osl-3.0", "postgresql", "wtfpl", "afl-3.0", "ecl-2.0", "cc-by-4.0",
    )
)  # fmt: skip
"""Of huggingface.co/docs/hub/repositories-licenses; everything else is `other` there."""
OTHER, UNKNOWN = "other", "unknown"


def hub_name(spdx: str) -> str:
    """Return what the Hub calls the license `spdx`."""
    told = spdx.lower()
    if not told or told == "noassertion":
        return UNKNOWN
    return told if told in KNOWN else OTHER
