"""reconcile_pulls: whether every pull request is accounted for, on one page and as a verdict."""
