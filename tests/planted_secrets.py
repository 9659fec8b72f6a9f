"""Secrets of each kind, drawn by chance (none is written down here), and what only looks alike."""

import base64
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable, Iterator

HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits
BASE64URL = ALNUM + "-_"
BASE32 = string.ascii_uppercase + "234567"


class Chance:
    """Draws secrets."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- these open nothing

    def of(self, letters: str, size: int) -> str:
        return "".join(self.random.choices(letters, k=size))

    def bytes(self, size: int) -> bytes:
        return self.random.randbytes(size)


def _jwt(chance: Chance) -> str:
    claims = json.dumps({"sub": chance.of(ALNUM, 12), "iat": chance.random.randrange(10**9)})
    parts = (b'{"alg":"HS256","typ":"JWT"}', claims.encode(), chance.bytes(32))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _private_key(chance: Chance) -> str:
    return "\n".join(chance.of(ALNUM + "+/", 64) for _ in range(12))


def _address(chance: Chance) -> str:
    return f"{chance.random.choice((23, 52, 89, 141, 185))}.{chance.random.randrange(64, 250)}." + (
        f"{chance.random.randrange(1, 250)}.{chance.random.randrange(1, 250)}"
    )


def _password(chance: Chance) -> str:
    return chance.of(string.ascii_letters, 7) + chance.of(string.digits, 3) + chance.of("!#^*", 2)


def _url_password(chance: Chance) -> str:
    return f"postgres://svc:{chance.of(ALNUM, 14)}@db7.corp-data.net:5432/prod"


def _email(chance: Chance) -> str:
    name = chance.of(string.ascii_lowercase, 6)
    return f"{name}.k{chance.random.randrange(99)}@mail-{chance.of(HEX, 3)}.org"


def _phone(chance: Chance) -> str:
    return f"+49 30 {chance.random.randrange(200, 999)} {chance.random.randrange(1000, 9999)}"


SECRETS: dict[str, Callable[[Chance], str]] = {
    "aws_access_key": lambda c: "AKIA" + c.of(BASE32, 16),
    "aws_secret_key": lambda c: c.of(ALNUM + "/+", 40),
    "github_token": lambda c: c.random.choice(("ghp_", "gho_", "ghs_")) + c.of(ALNUM, 36),
    "gitlab_token": lambda c: "glpat-" + c.of(BASE64URL, 20),
    "slack_token": lambda c: (
        f"xoxb-{c.of(string.digits, 12)}-{c.of(string.digits, 12)}-{c.of(ALNUM, 24)}"
    ),
    "slack_webhook": lambda c: (
        f"https://hooks.slack.com/services/T{c.of(BASE32, 8)}/B{c.of(BASE32, 10)}/{c.of(ALNUM, 24)}"
    ),
    "discord_webhook": lambda c: (
        f"https://discord.com/api/webhooks/{c.of(string.digits, 18)}/{c.of(BASE64URL, 68)}"
    ),
    "stripe_key": lambda c: "sk_live_" + c.of(ALNUM, 24),
    "google_api_key": lambda c: "AIza" + c.of(BASE64URL, 35),
    "google_oauth_secret": lambda c: "GOCSPX-" + c.of(BASE64URL, 28),
    "npm_token": lambda c: "npm_" + c.of(ALNUM, 36),
    "pypi_token": lambda c: "pypi-AgEIcHlwaS5vcmc" + c.of(BASE64URL, 120),
    "openai_key": lambda c: "sk-proj-" + c.of(ALNUM, 48),
    "anthropic_key": lambda c: "sk-ant-api03-" + c.of(BASE64URL, 93),
    "huggingface_token": lambda c: "hf_" + c.of(string.ascii_letters, 34),
    "digitalocean_token": lambda c: "dop_v1_" + c.of(HEX, 64),
    "azure_key": lambda c: "AccountKey=" + base64.b64encode(c.bytes(64)).decode(),
    "vault_token": lambda c: "hvs." + c.of(BASE64URL, 90),
    "docker_token": lambda c: "dckr_pat_" + c.of(BASE64URL, 27),
    "shopify_token": lambda c: "shpat_" + c.of(HEX, 32),
    "sendgrid_key": lambda c: f"SG.{c.of(BASE64URL, 22)}.{c.of(BASE64URL, 43)}",
    "twilio_key": lambda c: "SK" + c.of(HEX, 32),
    "telegram_token": lambda c: f"{c.of('123456789', 10)}:AA{c.of(BASE64URL, 33)}",
    "mailgun_key": lambda c: "key-" + c.of(HEX, 32),
    "databricks_token": lambda c: "dapi" + c.of(HEX, 32),
    "grafana_token": lambda c: f"glsa_{c.of(ALNUM, 32)}_{c.of(HEX, 8)}",
    "linear_key": lambda c: "lin_api_" + c.of(ALNUM, 40),
    "age_key": lambda c: "AGE-SECRET-KEY-1" + c.of("023456789ACDEFGHJKLMNPQRSTUVWXYZ", 58),
    "jwt": _jwt,
    "bearer_token": lambda c: c.of(BASE64URL, 40),
    "password": _password,
    "url_password": _url_password,
    "private_key": _private_key,
    "email": _email,
    "ipv4": _address,
    "ipv6": lambda c: f"2a01:4f8:{c.of(HEX[1:], 3)}:{c.of(HEX[1:], 4)}::{c.of(HEX[1:], 2)}",
    "phone": _phone,
}
"""How to draw a secret of each kind."""

FRAMES = {
    "aws_secret_key": 'aws_secret_access_key = "{}"',
    "bearer_token": 'req.Header["Authorization"] = "x"\n// -H "Authorization: Bearer {}" https://api',
    "password": 'cfg := Config{{Password: "{}"}}',
    "private_key": "pem = `-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----`",
    "phone": "// call {} at night",
}
"""What a secret that cannot be told by itself stands in; all others stand in a Go string."""
CODE = "package store\n\nfunc Dial(ctx context.Context) error {{\n\tkey := {}\n"
CODE += "\treturn dial(ctx, key)\n}}\n"


def planted(seed: int, each: int) -> Iterator[tuple[str, str, str]]:
    """Yield so many texts of each kind: kind, secret, text that holds it."""
    chance = Chance(seed)
    for kind, draw in SECRETS.items():
        for _ in range(each):
            secret = draw(chance)
            framed = FRAMES[kind].format(secret) if kind in FRAMES else f'"{secret}"'
            yield kind, secret, CODE.format(framed)


LOOKALIKES: dict[str, Callable[[Chance], str]] = {
    "git sha": lambda c: f'const commit = "{c.of(HEX, 40)}"',
    "short sha": lambda c: f"fixes {c.of(HEX, 8)} in main",
    "go.sum line": lambda c: f"golang.org/x/net v0.1.0 h1:{base64.b64encode(c.bytes(32)).decode()}",
    "sha256 digest": lambda c: f"image@sha256:{c.of(HEX, 64)}",
    "uuid": lambda c: f'id := "{uuid.UUID(bytes=c.bytes(16))}"',
    "base64 test data": lambda c: f'want := "{base64.b64encode(c.bytes(48)).decode()}"',
    "hex test data": lambda c: f'{{in: "{c.of(HEX, 64)}", out: "{c.of(HEX, 32)}"}},',
    "md5 of a file": lambda c: (
        f'"{hashlib.md5(c.bytes(9), usedforsecurity=False).hexdigest()}  store.go"'
    ),
    "documented key": lambda _: 'AccessKeyID: "AKIAIOSFODNN7EXAMPLE",',
    "documented secret": lambda _: (
        'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"'
    ),
    "placeholder": lambda _: 'Password: "<your-password>", Token: "${GITHUB_TOKEN}"',
    "name of a secret": lambda _: 'SecretName: "my-database-secret", tokenPath: "/var/run/token"',
    "password of a test": lambda _: 'password := "password123"',
    "format": lambda _: 'fmt.Sprintf("token=%s&secret=%s", token, secret)',
    "module version": lambda c: f'require "github.com/acme/store@v1.{c.random.randrange(99)}.2"',
    "ssh remote": lambda _: "git clone git@github.com:acme/store.git",
    "example address": lambda _: 'to := "jane@example.com"; from := "noreply@acme.dev"',
    "retina image": lambda _: "logo@2x.png",
    "private ip": lambda c: f'Dial("tcp", "10.{c.random.randrange(255)}.0.7:2379")',
    "object identifier": lambda c: f"asn1 2.5.4.{c.random.randrange(20)} in names",
    "time stamp": lambda c: f"20{c.random.randrange(10, 25)}-01-02T12:30:45+02:00",
    "build of a version": lambda _: "v1.2.3+20240102150405",
    "redacted": lambda _: 'key := "REDACTED_GITHUB_TOKEN_ab3d"',
}
"""How to draw texts that hold no secret."""


def lookalikes(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """Yield so many texts of each kind: kind, text."""
    chance = Chance(seed)
    for kind, draw in LOOKALIKES.items():
        yield from ((kind, draw(chance)) for _ in range(each))
