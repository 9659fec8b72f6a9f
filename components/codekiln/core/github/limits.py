"""GitHub's limits, and how much of them we use.

From "Rate limits for the REST API", "Rate limits and query limits for the GraphQL API" and "Best
practices for using the REST API" on docs.github.com. The hourly (primary) budgets are read from
each answer's headers; these secondary limits are told nowhere but in the documentation.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The secondary limits of one token, and our patience."""

    concurrent: int = 100
    """Requests under way, REST and GraphQL together."""
    rest_points_per_minute: int = 900
    """A GET costs 1."""
    graphql_points_per_minute: int = 2000
    """A query costs 1 here, whatever it costs of the hourly budget."""
    cpu_s_per_minute: float = 90.0
    """Of GitHub's processors; response times are the documented estimate."""
    graphql_cpu_s_per_minute: float = 60.0
    margin: float = 0.9
    """Share of the secondary limits that is used: GitHub measures by other clocks than ours."""
    reserve: float = 0.01
    """Share of the hourly budget that is left to others who use the same token."""
    burst: float = 0.2
    """Share of the hourly budget that may be spent at once before it is spread over the hour."""
    request_s: float = 300.0
    """Longest wait for one whole answer."""
    tries: int = 12
    """Attempts at a request that keeps failing while others succeed."""
    patience_s: float = 7200.0
    """Longest time that one request is tried again while GitHub fails or refuses everything."""

    def shared(self, share: int) -> "Limits":
        """Return the part of one of `share` collectors that use the same token at once."""
        return replace(
            self,
            concurrent=max(1, self.concurrent // share),
            rest_points_per_minute=max(1, self.rest_points_per_minute // share),
            graphql_points_per_minute=max(1, self.graphql_points_per_minute // share),
            cpu_s_per_minute=self.cpu_s_per_minute / share,
            graphql_cpu_s_per_minute=self.graphql_cpu_s_per_minute / share,
            burst=self.burst / share,
        )
