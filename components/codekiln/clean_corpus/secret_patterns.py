"""What secrets and personal data look like: a table of patterns.

Each has an anchor, some bytes that are rare and cheap to look for: all anchors together are one
expression that an automaton runs over everything. Only around an anchor the whole pattern is tried;
its group 1 is what to mask. Formats are those that the issuers document; where they leave a length
open, so does the pattern.
"""

from collections.abc import Callable
from dataclasses import dataclass

from codekiln.clean_corpus import lookalikes

EMAIL, IPV4, IPV6, PHONE = PERSONAL = ("email", "ipv4", "ipv6", "phone")
PRIVATE_KEY = "private_key"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of secret; `check` sees group 1 and says whether it is real.

    A match lies between `before` bytes in front of the anchor and `after` bytes behind it.
    """

    kind: str
    anchor: str
    whole: str
    check: Callable[[bytes], bool] = lookalikes.is_random
    before: int = 1
    after: int = 280


def _starting(kind: str, start: str, rest: str) -> Pattern:
    """Return a pattern whose anchor is how it starts."""
    return Pattern(kind, start, rf"\b({start}{rest})")


QUOTE = "[\"'`]"
NAMES = (
    "passw(?:or)?d|passphrase|secret|token|credential|"
    "(?:api|access|auth|private|encryption|signing)[_-]?key"
)
WORD = "[A-Za-z0-9_]"
NAMED = rf"(?i:{NAMES}){WORD}{{0,20}}"
ASSIGNED = (
    rf"{NAMED}(?:\\?{QUOTE}?\]?\s{{0,4}}(?::=|=>|=|:)\s{{0,4}}|\s{{1,4}}string\s{{0,4}}=\s{{0,4}}|"
    rf"{QUOTE}, {{0,4}})\\?{QUOTE}"
)
"""What stands before the text that a name gets: `x := `, `var x string = `, `Setenv("X", `."""
BARE = rf"{NAMED}=[A-Za-z0-9+/]{{8}}"
BASIC_AUTH = rf"SetBasicAuth\({QUOTE}?[^\s\"'`,]{{1,60}}{QUOTE}?, {{0,4}}{QUOTE}"
AT = r"[^\s@]@[A-Za-z0-9]"

PATTERNS = (
    _starting("aws_access_key", "A(?:KI|SI)A", r"[A-Z2-7]{16}\b"),
    Pattern(
        "aws_secret_key",
        "(?i:aws_?secret)",
        r"(?i:aws_?secret_?(?:access_?)?key)[\"'` ]{0,3}(?::=|=>|=|:)[\"'` ]{0,3}"
        r"([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)",
    ),
    _starting("github_token", "gh[pousr]_", r"[A-Za-z0-9]{36,255}\b"),
    _starting("github_token", "github_pat_", r"[A-Za-z0-9_]{22,255}\b"),
    _starting("gitlab_token", "gl(?:pat|rt|dt|ptt|cbt|soat)-", "[A-Za-z0-9_.-]{20,120}"),
    _starting("slack_token", "xox[abeoprs]-", "[A-Za-z0-9-]{10,250}"),
    _starting("slack_token", "xapp-[0-9]-", "[A-Za-z0-9-]{20,250}"),
    Pattern(
        "slack_webhook",
        "hooks\\.slack\\.com",
        r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9]{6,14}/[A-Za-z0-9]{6,14}/[A-Za-z0-9/]{16,80})",
    ),
    Pattern(
        "discord_webhook",
        "com/api/webhooks/",
        r"discord(?:app)?\.com/api/webhooks/([0-9]{17,20}/[A-Za-z0-9_-]{60,80})",
        before=16,
    ),
    _starting("stripe_key", "[sr]k_live_", "[A-Za-z0-9]{20,200}"),
    _starting("stripe_key", "whsec_", "[A-Za-z0-9]{32,64}"),
    _starting("google_api_key", "AIza", r"[0-9A-Za-z_-]{35}"),
    _starting("google_oauth_secret", "GOCSPX-", r"[A-Za-z0-9_-]{28}"),
    _starting("npm_token", "npm_", r"[A-Za-z0-9]{36}\b"),
    _starting("pypi_token", "pypi-AgE", r"[A-Za-z0-9_-]{50,250}"),
    _starting("anthropic_key", "sk-ant-", "[A-Za-z0-9_-]{32,200}"),
    _starting("openai_key", "sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9]", "[A-Za-z0-9_-]{31,250}"),
    _starting("huggingface_token", "hf_[A-Za-z]{4}", r"[A-Za-z]{30}\b"),
    _starting("digitalocean_token", "do[opr]_v1_", r"[a-f0-9]{64}\b"),
    Pattern("azure_key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _starting("vault_token", r"hv[sbr]\.", "[A-Za-z0-9_-]{24,250}"),
    _starting("docker_token", "dckr_pat_", "[A-Za-z0-9_-]{27}"),
    _starting("shopify_token", "shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}\b"),
    _starting(
        "sendgrid_key", r"SG\.[A-Za-z0-9_-]{8}", r"[A-Za-z0-9_-]{8,24}\.[A-Za-z0-9_-]{16,64}"
    ),
    _starting("twilio_key", "SK[0-9a-f]{8}", r"[0-9a-f]{24}\b"),
    Pattern(
        "telegram_token", "[0-9]:AA", r"\b([0-9]{8,10}:AA[A-Za-z0-9_-]{33})", before=11, after=36
    ),
    _starting("mailgun_key", "key-[0-9a-f]{8}", r"[0-9a-f]{24}\b"),
    _starting("databricks_token", "dapi[0-9a-f]{8}", r"[0-9a-f]{24}\b"),
    _starting("grafana_token", "glsa_", r"[A-Za-z0-9]{32}_[a-f0-9]{8}\b"),
    _starting("linear_key", "lin_api_", r"[A-Za-z0-9]{40}\b"),
    _starting("age_key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}\b"),
    _starting(
        "jwt",
        r"eyJ[A-Za-z0-9_-]{8}",
        r"[A-Za-z0-9_-]{2,200}\.eyJ[A-Za-z0-9_-]{8,900}\.[A-Za-z0-9_-]{16,700}",
    ),
    Pattern(
        "bearer_token",
        "(?i:bearer|basic) [A-Za-z0-9._~+/-]{8}",
        r"(?i:authorization)[\"'`]?\s{0,3}[:,=]\s{0,3}[\"'`]?(?i:bearer|basic) "
        r"([A-Za-z0-9._~+/-]{16,250}={0,2})",
        before=28,
    ),
    Pattern(
        "password",
        ASSIGNED,
        rf"{ASSIGNED}([^\"'`\s]{{8,200}}?)\\?{QUOTE}",
        lookalikes.is_password,
    ),
    Pattern(
        "password",
        BASIC_AUTH,
        rf"{BASIC_AUTH}([^\"'`\s]{{8,200}}){QUOTE}",
        lookalikes.is_password,
    ),
    Pattern(
        "password",
        BARE,
        rf"{NAMED}=([A-Za-z0-9+/!@#%^*_.~-]{{12,200}}={{0,2}})",
        lookalikes.is_key,
    ),
    # In shells such names are of capital letters; in Go what follows `:` ends with a comma.
    Pattern(
        "password",
        BARE,
        r"(?:PASSW(?:OR)?D|PASSPHRASE|SECRET|TOKEN|KEY)[A-Z0-9_]{0,20}=([A-Za-z0-9+/!@#%^&*_.~-]{8,200})",
        lookalikes.is_password,
    ),
    Pattern(
        "password",
        rf"{NAMED}: {{1,4}}[A-Za-z0-9+/]{{4}}",
        r"(?:^|\n)[ \t-]{0,30}[A-Za-z_.-]{0,30}"
        rf"{NAMED}: {{1,4}}([^\s\"'`,(){{}}]{{8,200}})[ \t\r]*(?:\n|$)",
        lookalikes.is_password,
        before=70,
    ),
    Pattern(
        "url_password",
        AT,
        r"://[^\s:/@\"'`<>]{0,60}:([^\s:/@\"'`<>(){}\[\]]{3,100})@",
        lookalikes.is_url_password,
        before=166,
        after=1,
    ),
    # How Go's driver of MySQL is told where to connect: user:password@tcp(host)/name.
    Pattern(
        "url_password",
        AT,
        r"[^\s:/@\"'`<>]{1,60}:([^\s:/@\"'`<>(){}\[\]]{3,100})@(?:tcp|unix)\(",
        lookalikes.is_url_password,
        before=166,
        after=5,
    ),
    Pattern(
        EMAIL,
        AT,
        # Behind a slash or a colon it is one of a URL, but for these.
        r"(?:^|[^A-Za-z0-9._%+:/-]|(?i:mailto:)|(?:^|[^:])//)([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,4}[A-Za-z]{2,24})\b",
        lookalikes.is_email,
        before=70,
    ),
    Pattern(
        IPV4,
        r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        r"(?:^|[^0-9A-Za-z.+-])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?:[^0-9A-Za-z.+-]|\.[^0-9]|\.?$)",
        lookalikes.is_public_ipv4,
        before=5,
        after=5,
    ),
    Pattern(
        IPV6,
        "2[0-9a-fA-F]{3}:[0-9a-fA-F]{0,4}:",
        r"(?:^|[^0-9A-Za-z:.])(2[0-9a-fA-F]{3}:[0-9a-fA-F:]{4,34})(?:[^0-9A-Za-z:]|$)",
        lookalikes.is_public_ipv6,
        after=40,
    ),
    Pattern(
        PHONE,
        "\\+[1-9][0-9]{0,2}[ .(-]?[0-9(]",
        r"(?:^|[^0-9A-Za-z.+)-])(\+[1-9][0-9]{0,2}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?"
        r"[0-9]{1,4}(?:[ .-]?[0-9]{2,4}){2,4})(?:[^0-9A-Za-z]|$)",
        lookalikes.is_phone,
        after=40,
    ),
    # The other end of it may be far away: see `sensitive.private_key` and `sensitive.key_before`.
    Pattern(PRIVATE_KEY, "-----(?:BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY", "-----"),
)
"""Where two match the same bytes, the first one names them."""
