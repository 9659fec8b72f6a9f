"""Accounts as GraphQL shows them: people, bots, organizations."""

from functools import lru_cache

from codekiln.fake_github.people import Person


class Account:
    """A person, a bot or an organization."""

    __slots__ = ("id", "login", "name", "node_id", "since", "typename")

    def __init__(self, typename: str, ids: tuple[int, str], login: str, name: str) -> None:
        self.typename, self.login, self.name = typename, login, name
        self.id, self.node_id = ids
        self.since = 1_300_000_000 + 37 * (self.id % 4_000_000)


def account(person: Person | None) -> Account | None:
    """Return the view of a person, if there is one."""
    return None if person is None else _account(person)


@lru_cache(maxsize=4_096)
def _account(person: Person) -> Account:
    kind = "Bot" if person.is_bot else "User"
    return Account(kind, (person.id, person.node_id), person.login, person.name)
