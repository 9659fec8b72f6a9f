"""Families of licenses, by their SPDX identifiers (spdx.org/licenses)."""

import difflib

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

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
PERMISSIVE = "permissive"
FAMILIES = {
    PERMISSIVE: frozenset(ONLY_A_NOTICE.split()),
    "weak-copyleft": frozenset(FILE_OR_LIBRARY.split()),
}
ANY = "any"
UNKNOWN = frozenset({"", "NOASSERTION", "NONE", "OTHER"})
"""What is said, in capitals, of a repository whose license nobody knows."""


def accepted(told: str) -> frozenset[str] | None:
    """Read a setting: families and identifiers, in any order; None where any license will do.

    Raises InputError for a word that is neither.
    """
    words = told.replace(",", " ").split()
    found = frozenset[str]().union(*(FAMILIES.get(word) or {identifier(word)} for word in words))
    return None if ANY in found else found


def identifier(word: str) -> str:
    """Return one SPDX identifier as SPDX spells it, or ANY; raises InputError if it is none."""
    if word == ANY:
        return word
    try:
        return canonicalize_license_expression(word)
    except InvalidLicenseExpression as error:
        raise InputError(
            f"licenses names {word!r}, which is no SPDX identifier: {_nearest(word)}"
        ) from error


def _nearest(word: str) -> str:
    families = [*FAMILIES, ANY]
    known = {one.lower(): one for one in (*families, *frozenset().union(*FAMILIES.values()))}
    near = difflib.get_close_matches(word.lower(), known, n=1)
    families_too = f"give one such as MIT, or {', '.join(families)}"
    return f"did you mean {known[near[0]]}?" if near else families_too


def checked(told: str) -> str:
    """Return the setting as it is; raises InputError as `accepted` does."""
    accepted(told)
    return told
