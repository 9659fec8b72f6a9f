"""Families of licenses, by their SPDX identifiers."""

from codekiln.core.errors import InputError

ONLY_A_NOTICE = (
    "0BSD AFL-3.0 Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause "
    "BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 CC0-1.0 "
    "CC-BY-4.0 ECL-2.0 HPND ISC MIT MIT-0 MIT-Modern-Variant MulanPSL-2.0 NCSA PostgreSQL "
    "Python-2.0 Unlicense UPL-1.0 Vim W3C WTFPL X11 Zlib"
)
"""Those that ask for no more than a notice (github.com/licensee and Blue Oak Council's list)."""
FILE_OR_LIBRARY = (
    "CDDL-1.0 CECILL-C EPL-1.0 EPL-2.0 EUPL-1.2 LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later "
    "LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later MPL-2.0 MS-RL OSL-3.0"
)
"""Those whose terms follow a file or a library."""
FAMILIES = {
    "permissive": frozenset(ONLY_A_NOTICE.split()),
    "weak-copyleft": frozenset(FILE_OR_LIBRARY.split()),
}
ANY = "any"


def accepted(told: str) -> frozenset[str] | None:
    """Read a setting: families and identifiers, in any order; None where any license will do.

    Raises InputError for a word that is neither.
    """
    words = told.replace(",", " ").split()
    if ANY in words:
        return None
    found: set[str] = set()
    for word in words:
        found |= FAMILIES.get(word, frozenset({word}))
        if word not in FAMILIES and not any(mark.isupper() or mark.isdigit() for mark in word):
            known = ", ".join([*FAMILIES, ANY])
            raise InputError(
                f"licenses names {word!r}; give SPDX identifiers such as MIT, or {known}"
            )
    return frozenset(found)
