"""The one spelling of a repository's node id: data are kept, split and forgotten by it.

GitHub spells the ids of older repositories in an old way, unless it is asked not to, and will spell
them in the new one:
https://docs.github.com/graphql/guides/migrating-graphql-global-node-ids
"""

import base64
import re
import struct

LEGACY = re.compile(rb"\d+:Repository(\d{1,19})")
"""What the old kind holds: MDEwOlJlcG9zaXRvcnkx is `010:Repository1`. 19 digits fit in 64 bits."""
NEW = b"\x92\x00"
"""How the new kind begins: R_kgDOAWBuKA is a MessagePack of 0 and the number."""
WIDTHS = (("B", 0xCC, 8), ("H", 0xCD, 16), ("I", 0xCE, 32), ("Q", 0xCF, 64))
"""How MessagePack writes a number from 128 on: a format of struct, a mark, and the most bits."""


def canonical(node_id: str) -> str:
    """Return the node id of a repository as GitHub writes new ones; any other word as it is."""
    found = LEGACY.fullmatch(_decoded(node_id))
    if not found:
        return node_id
    word = base64.urlsafe_b64encode(NEW + _packed(int(found[1]))).decode("ascii")
    return f"R_{word.rstrip('=')}"


def number_of(node_id: str) -> int | None:
    """Return the number in the node id of a repository, None where there is none to be read."""
    data = _decoded(node_id.partition("_")[2] or node_id)
    if found := LEGACY.fullmatch(data):
        return int(found[1])
    packed = data.removeprefix(NEW)
    return int.from_bytes(packed[1:] or packed) if packed and packed != data else None


def _decoded(word: str) -> bytes:
    word = word.rstrip("=")
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _packed(number: int) -> bytes:
    """Return `number`, under 2^64, as MessagePack writes it: in as few bytes as there can be."""
    if number < 0x80:
        return bytes([number])
    code, mark, _ = next(width for width in WIDTHS if number < 1 << width[2])
    return struct.pack(f">B{code}", mark, number)
