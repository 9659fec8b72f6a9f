"""Global node ids as GitHub makes them: a prefix, then base64 of MessagePack `[0, id...]`.

`R_kgDO...` is a repository, `PR_kwDO...` a pull request: its repository's id, then its own.
"""

import base64
import binascii
import struct

_WIDE = 1 << 32
"""From here on MessagePack needs eight bytes."""


def encode(prefix: str, *ids: int) -> str:
    """Return the node id of the object `ids` of the kind `prefix`, as "R" or "PR"."""
    head = (0x91 + len(ids)) << 8
    if len(ids) == 2 and ids[0] < _WIDE and ids[1] < _WIDE:
        packed = struct.pack(">HBIBI", head, 0xCE, ids[0], 0xCE, ids[1])
    else:
        packed = struct.pack(">H", head) + b"".join(map(_packed, ids))
    return f"{prefix}_{base64.b64encode(packed, b'-_').decode('ascii').rstrip('=')}"


def _packed(number: int) -> bytes:
    return struct.pack(">BI", 0xCE, number) if number < _WIDE else struct.pack(">BQ", 0xCF, number)


def decode(node_id: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the prefix and the ids of a node id, or None where it is none."""
    prefix, _, text = node_id.partition("_")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return prefix, tuple(_unpacked(packed[2:], packed[0] - 0x91))
    except (binascii.Error, IndexError, struct.error, ValueError):
        return None


def _unpacked(packed: bytes, count: int) -> list[int]:
    ids = []
    for _ in range(count):
        wide = packed[0] == 0xCF
        ids.append(struct.unpack_from(">Q" if wide else ">I", packed, 1)[0])
        packed = packed[9 if wide else 5 :]
    return ids
