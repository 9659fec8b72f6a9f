"""Where data that outlive a run lie, and how their tables tell whose a row is.

CORPUS/examples   examples, an entry a repository (its node id)
CORPUS/cleaned    examples after cleaning, the same
CORPUS/near/R     signatures of what stayed, an entry a night, and some of what the last one
                  dropped; R: digest of the rules of cleaning
CORPUS/tokens/T   packed tokens; T: digest of what they were made from
CORPUS/leases     who writes sets of tokens, or removes some (see `datasets.held`)
"""

from codekiln.core.datasets.traces import Shared

EXAMPLES, CLEANED, NEAR, TOKENS = "examples", "cleaned", "near", "tokens"

SEARCHES = Shared(prefix="discovery/", table="repositories", column="node_id")
"""Answers of searches, in the data set of pull requests: an entry a query."""

REJECTS = "rejects"
"""The table of what a night dropped."""
SIGNATURES = Shared(prefix="", table="signatures", column="repository_id", beside=(REJECTS,))
"""What is under CORPUS/near/R."""

TOKENS_WRITER = "tokens"
"""What whoever publishes sets of tokens, or removes some, calls its part (see `datasets.held`)."""

NEAR_WRITER = "clean-corpus"
"""What the writer of CORPUS/cleaned and CORPUS/near/R calls its part (see `datasets.held`)."""
