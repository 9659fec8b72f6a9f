"""How long GitHub takes: the seconds that a request costs its client, and GitHub's processors.

The defaults are about what api.github.com shows: a list of 100 pull requests takes one second, a
query over 100 pull requests with three connections each four.
"""

import math
from dataclasses import dataclass

from codekiln.fake_github.dice import Dice
from codekiln.fake_github.messages import Said

GRAPHQL_TIMEOUT_S = 10.0
"""GitHub ends a query after this long."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds: a base for each kind of request, then so much a row.

    `spread` is the factor between a usual and a slow answer (one in six is slower still);
    `network_s` is time on the wire, which costs no processor's.
    """

    rest_s: float = 0.15
    row_s: float = 0.0085
    search_s: float = 0.9
    graphql_s: float = 0.25
    node_s: float = 0.001
    connection_s: float = 0.0115
    unchanged_s: float = 0.08
    network_s: float = 0.04
    spread: float = 1.3

    def seconds(self, kind: str, said: Said, dice: Dice) -> float:
        """Return how long GitHub works on an answer."""
        return self._usual(kind, said) * math.pow(self.spread, _normal(dice))

    def _usual(self, kind: str, said: Said) -> float:
        if said.status == 304:
            return self.unchanged_s
        if kind == "graphql":
            return self.graphql_s + self.node_s * said.rows + self.connection_s * said.work
        return (self.search_s if kind == "search" else self.rest_s) + self.row_s * said.rows


NO_LATENCY = Latency(0, 0, 0, 0, 0, 0, 0, 0, 1)
"""A GitHub that answers at once."""


def _normal(dice: Dice) -> float:
    """Draw from about the normal distribution, within three deviations (Irwin-Hall)."""
    return sum(dice.share() for _ in range(12)) - 6
