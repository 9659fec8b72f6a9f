"""Placeholders stand for secrets."""

import hashlib
import json
import re

import planted_secrets

from codekiln.clean_corpus import sensitive
from codekiln.clean_corpus.masking import Masker

KEY = b"k" * 32


def masked(texts: list[str], owners: list[str], key: bytes = KEY) -> list[str]:
    made = Masker(key).masked([text.encode() for text in texts], owners)
    return [text.decode() for text in made]


def drawn(kind: str, seed: int = 3) -> str:
    return planted_secrets.SECRETS[kind](planted_secrets.Chance(seed))


def test_no_secret_is_left_and_the_rest_is_as_it_was() -> None:
    rows = list(planted_secrets.planted(4, 5))
    after = masked([text for *_, text in rows], ["R_1"] * len(rows))
    for (kind, secret, text), made in zip(rows, after, strict=True):
        kept = secret.split("@")[0] if kind == "url_password" else secret
        assert kept not in made, kind
        assert made.split("\n")[:3] == text.split("\n")[:3]
        assert made.endswith("return dial(ctx, key)\n}\n")


def test_a_secret_has_one_placeholder_in_a_repository_and_another_elsewhere() -> None:
    token = drawn("github_token")
    texts = [f'"{token}"', f"// {token} and {token}", f'"{token}"']
    one, two, other = masked(texts, ["R_1", "R_1", "R_2"])
    [name] = set(re.findall(r"REDACTED_\w+", one + two))
    assert name.startswith("REDACTED_GITHUB_TOKEN_")
    assert name not in other


def test_without_the_key_nobody_can_try_his_guesses() -> None:
    mail = drawn("email")
    one = masked([mail], ["R_1"])
    assert one != masked([mail], ["R_1"], b"another key")
    for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5):
        assert digest(mail.encode()).hexdigest()[:4] not in one[0]


def test_placeholders_are_no_secrets_so_masking_again_changes_nothing() -> None:
    texts = [text for *_, text in planted_secrets.planted(5, 5)]
    once = masked(texts, ["R_1"] * len(texts))
    assert sensitive.find([text.encode() for text in once]) == {}


def test_addresses_become_addresses_that_are_reserved_for_examples() -> None:
    made = masked([drawn("ipv4"), drawn("ipv6"), drawn("email"), drawn("phone")], ["R_1"] * 4)
    assert re.fullmatch(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]{1,3}", made[0])
    assert made[1].startswith("2001:db8::")
    assert re.fullmatch(r"user-[a-z2-7]{4}@example\.com", made[2])
    assert re.fullmatch(r"\+1-202-555-01[0-9]{2}", made[3])


def test_what_was_masked_is_counted_by_kind() -> None:
    masker = Masker(KEY)
    mail = drawn("email")
    masker.masked([f"{mail} {mail}".encode(), b"nothing"], ["R_1", "R_1"])
    assert masker.counts == {"email": 2}
    assert json.dumps(dict(masker.counts))
