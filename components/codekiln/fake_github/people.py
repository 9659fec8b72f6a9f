"""Who works in the made-up world: people, and bots with GitHub's own names."""

from dataclasses import dataclass
from functools import lru_cache

from codekiln.fake_github import node_ids
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.words import words

BOTS = ("dependabot", "github-actions", "renovate")
_FIRST_ID = 1_200_000
_BOT_IDS = {"dependabot": 49699333, "github-actions": 41898282, "renovate": 29139614}
POPULATION = 1_600


@dataclass(frozen=True, slots=True)
class Person:
    """An account: `login` as GraphQL gives it (a bot's without its "[bot]")."""

    id: int
    login: str
    name: str
    is_bot: bool = False

    @property
    def handle(self) -> str:
        """Return the login as REST and git give it: a bot's ends with [bot]."""
        return f"{self.login}[bot]" if self.is_bot else self.login

    @property
    def email(self) -> str:
        """Return the address in commits: GitHub's own, which tells no real one."""
        return f"{self.id}+{self.handle}@users.noreply.github.com"

    @property
    def node_id(self) -> str:
        """Return the global node id."""
        return node_ids.encode("BOT" if self.is_bot else "U", self.id)


@lru_cache(maxsize=POPULATION)
def person(number: int) -> Person:
    """Return inhabitant `number` of the world, 0 up to POPULATION; logins are unique."""
    first = words("first names")[number % 40]
    last = words("last names")[(number // 40 + 7 * number) % 40]
    return Person(_FIRST_ID + 7 * number, _login(first, last, number), f"{first} {last}")


def _login(first: str, last: str, number: int) -> str:
    # Each of the 40 x 40 pairs of names comes once, so that all three styles stay unique.
    given, family = first.lower(), last.lower().translate(str.maketrans("öäü", "oau"))
    return Dice("login", number).pick([f"{given}-{family}", f"{given}{family}", f"{family}{given}"])


@lru_cache(maxsize=len(BOTS))
def bot(name: str) -> Person:
    """Return the bot account `name`, one of BOTS."""
    return Person(_BOT_IDS[name], name, name, is_bot=True)


def by_login(login: str) -> Person:
    """Return who bears `login`: somebody new with an id of their own for a name never heard."""
    stem = login.removesuffix("[bot]")
    if stem in BOTS:
        return bot(stem)
    return Person(90_000_000 + Dice("person", login).below(9_000_000), login, login)
