"""discover_repos: which repositories to collect from, by search or from a list of the user's."""
