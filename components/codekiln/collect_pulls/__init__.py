"""collect_pulls: a list of repositories in, every pull request of them in a versioned data set."""
