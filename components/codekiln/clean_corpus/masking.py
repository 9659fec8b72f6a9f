"""Secrets and personal data give way to placeholders.

The same secret gets the same placeholder everywhere in one repository, and another one elsewhere. A
placeholder is 20 bits of a keyed hash (HMAC-SHA-256) over repository and secret: a million secrets
share each of them, so it names none, and without the key nobody can try his guesses.

Addresses become addresses that are reserved for examples, so code that parses them still does.
"""

import hmac
from base64 import b32encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from codekiln.clean_corpus import sensitive
from codekiln.clean_corpus.secret_patterns import EMAIL, IPV4, IPV6, PHONE
from codekiln.clean_corpus.sensitive import Finding

TAG_BYTES = 3
NETS = ("192.0.2", "198.51.100", "203.0.113")
"""RFC 5737."""


@dataclass
class Masker:
    """Masks texts under one key, and counts what it masked by kind."""

    key: bytes
    counts: Counter[str] = field(default_factory=Counter)

    def masked(self, texts: Sequence[bytes], owners: Sequence[str]) -> list[bytes]:
        """Return `texts` without secrets; `owners` are the ids of their repositories."""
        made = list(texts)
        for place, findings in sensitive.find(texts).items():
            made[place] = self._without(texts[place], findings, owners[place])
        return made

    def taken(self) -> Counter[str]:
        """Return what was masked since this was asked last."""
        counts, self.counts = self.counts, Counter()
        return counts

    def _without(self, text: bytes, findings: Sequence[Finding], owner: str) -> bytes:
        parts, end = [], 0
        for one in findings:
            self.counts[one.kind] += 1
            parts += [text[end : one.start], self._placeholder(one.kind, text, one, owner)]
            end = one.stop
        return b"".join([*parts, text[end:]])

    def _placeholder(self, kind: str, text: bytes, one: Finding, owner: str) -> bytes:
        told = b"\0".join([owner.encode(), kind.encode(), text[one.start : one.stop]])
        return placeholder(kind, hmac.digest(self.key, told, sha256)[:TAG_BYTES]).encode()


def placeholder(kind: str, tag: bytes) -> str:
    """Return what stands for a secret of `kind`; of `tag` 20 bits count, for some kinds fewer."""
    number = int.from_bytes(tag, "big")
    letters = b32encode(tag)[:4].decode().lower()
    if kind == EMAIL:
        return f"user-{letters}@example.com"
    if kind == IPV4:
        return f"{NETS[number % 3]}.{1 + number // 3 % 254}"
    if kind == IPV6:
        return f"2001:db8::{number & 0xFFFF:x}"
    if kind == PHONE:
        return f"+1-202-555-01{number % 100:02d}"
    return f"REDACTED_{kind.upper()}_{letters}"
