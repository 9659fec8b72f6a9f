"""Secrets and personal data are found, look-alikes are not."""

from collections import Counter

import planted_secrets
import pytest

from codekiln.clean_corpus import sensitive
from codekiln.clean_corpus.secret_patterns import PATTERNS

EACH = 20


def found_in(text: str) -> list[tuple[str, str]]:
    data = text.encode()
    found = sensitive.find([data]).get(0, [])
    return [(one.kind, data[one.start : one.stop].decode()) for one in found]


def test_there_are_planted_secrets_of_every_kind() -> None:
    assert {pattern.kind for pattern in PATTERNS} == {*planted_secrets.SECRETS}


def test_every_planted_secret_is_found_under_its_kind() -> None:
    rows = list(planted_secrets.planted(1, EACH))
    found = sensitive.find([text.encode() for _, _, text in rows])
    missed: Counter[str] = Counter()
    for place, (kind, secret, text) in enumerate(rows):
        findings = found.get(place, [])
        if {one.kind for one in findings} != {kind}:
            missed[kind] += 1
            continue
        [one] = findings
        told = text.encode()[one.start : one.stop].decode()
        assert told in secret, kind
        assert len(told) >= min(8, len(secret) // 2), kind
    assert not missed


def test_nothing_is_found_in_what_only_looks_alike() -> None:
    rows = list(planted_secrets.lookalikes(2, EACH))
    found = sensitive.find([text.encode() for _, text in rows])
    assert [rows[place] for place in found] == []


def test_secrets_stand_apart_in_their_order_and_a_format_names_what_is_assigned() -> None:
    chance = planted_secrets.Chance(5)
    token = planted_secrets.SECRETS["github_token"](chance)
    mail = planted_secrets.SECRETS["email"](chance)
    text = f'authToken := "{token}"\nnotify("{mail}") // {mail}'
    assert found_in(text) == [("github_token", token), ("email", mail), ("email", mail)]


@pytest.mark.parametrize(
    "text",
    [
        'var apiKey string = "{}"',
        'os.Setenv("API_TOKEN", "{}")',
        'r.Header.Set("X-Api-Key", "{}")',
        '"{{\\"password\\": \\"{}\\"}}"',
        'const encryptionKey = "{}"',
        'req.SetBasicAuth("svc", "{}")',
        "run it with\nexport DB_PASSWORD={} and wait",
        "```yaml\nauth:\n  - db-password: {}\n```",
        "password: {}",
    ],
)
def test_a_password_is_found_however_it_is_written_down(text: str) -> None:
    word = planted_secrets.SECRETS["password"](planted_secrets.Chance(3))
    assert found_in(text.format(word)) == [("password", word)]


def test_the_password_of_a_data_source_of_mysql_is_found() -> None:
    word = planted_secrets.Chance(4).of(planted_secrets.ALNUM, 14)
    assert found_in(f'sql.Open("mysql", "svc:{word}@tcp(db:3306)/x")') == [("url_password", word)]
    assert found_in('sql.Open("mysql", "root:password@tcp(db:3306)/x")') == []


@pytest.mark.parametrize("before", ["[mail](mailto:", "//", "x := 1 //"])
def test_an_address_is_found_behind_what_opens_it(before: str) -> None:
    mail = planted_secrets.SECRETS["email"](planted_secrets.Chance(4))
    assert found_in(before + mail) == [("email", mail)]
    assert found_in("https://" + mail) == []


@pytest.mark.parametrize(
    "text",
    [
        '[]string{"token", "refresh_token", "accessToken"}',
        'fmt.Errorf("password %s", "must have 8 letters")',
        'case "secret", "configmap", "my-secret-v1":',
        'flags.String("token", "", "the token")',
        "password string // at least 8",
        '"go/token",\n\t"hash/adler32",',
        "export TOKEN=$(cat token) TOKEN_FILE=/run/secrets/x1",
        "x := Config{\n\tToken: newToken22,\n}",
        "// token: parsed12 by the reader",
        "password: ${DB_PASSWORD}",
        "token: a word, or two22",
        "secret: my-secret-v12",
    ],
)
def test_a_name_beside_another_text_is_no_password(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize("place", [0, 1])
def test_a_secret_at_either_end_of_a_text_is_found(place: int) -> None:
    token = planted_secrets.SECRETS["npm_token"](planted_secrets.Chance(6))
    text = (token + " x", "x " + token)[place]
    assert found_in(text) == [("npm_token", token)]


def test_a_private_key_in_a_go_string_with_escapes_is_found_without_its_frame() -> None:
    body = planted_secrets.SECRETS["private_key"](planted_secrets.Chance(7)).replace("\n", "\\n")
    text = f'k := "-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n"'
    assert found_in(text) == [("private_key", body)]


def test_a_key_block_without_an_end_is_found_as_far_as_it_goes() -> None:
    body = planted_secrets.SECRETS["private_key"](planted_secrets.Chance(8))
    [(kind, told)] = found_in(f"-----BEGIN EC PRIVATE KEY-----\n{body}")
    assert kind == "private_key"
    assert told == body


@pytest.mark.parametrize("line", ["{}\n", '\t"{}\\n" +\n', "// {}\n"])
def test_a_key_block_without_a_beginning_is_found_as_far_back_as_it_goes(line: str) -> None:
    lines = planted_secrets.SECRETS["private_key"](planted_secrets.Chance(8)).split("\n")[:3]
    text = "".join(map(line.format, [*lines, lines[0][:30] + "=="]))
    [(kind, told)] = found_in(f"x := f(1) {text}-----END EC PRIVATE KEY-----")
    assert kind == "private_key"
    assert told.startswith(lines[0])
    assert told.endswith("==")


def test_code_before_the_end_of_a_key_is_no_key() -> None:
    assert found_in('// A comment of 2 lines\nreturn s, "-----END RSA PRIVATE KEY-----"') == []


def test_a_frame_without_a_key_is_no_key() -> None:
    assert found_in('strings.Contains(s, "-----BEGIN RSA PRIVATE KEY-----")') == []


def test_texts_are_told_apart_in_a_batch() -> None:
    mail = planted_secrets.SECRETS["email"](planted_secrets.Chance(9)).encode()
    texts = [b"", b"none", mail, b"x" * 10, b"to " + mail, b""]
    found = sensitive.find(texts)
    assert {place: texts[place][one[0].start :] for place, one in found.items()} == {
        2: mail,
        4: mail,
    }


def test_a_long_line_of_almost_secrets_takes_no_longer_than_its_length() -> None:
    text = (b"a@b." * 50_000) + (b"1.1.1." * 50_000) + (b"eyJ" * 50_000) + b"=" * 50_000
    sensitive.find([text, b"x:y@" * 50_000, b"-----BEGIN PRIVATE KEY-----" * 5_000])
    sensitive.find([b"-----END PRIVATE KEY-----" * 5_000, b"A" * 500_000 + b"-----END PRIVATE KEY"])
