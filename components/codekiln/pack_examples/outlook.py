"""Whether the tokens are enough for the training that is meant, and if not, what to do."""

import math

from codekiln.core.tokens.packed_info import Outlook


def outlook(tokens: int, pulls: int, epochs: int, target: int) -> Outlook:
    """Hold `tokens` of the training side, made from `pulls` pull requests, against the target."""
    trained = tokens * epochs
    enough = math.ceil(target / tokens)
    return Outlook(
        tokens=tokens,
        epochs=epochs,
        trained=trained,
        target=target,
        share=round(trained / target, 4),
        epochs_to_target=enough,
        advice=_advice(tokens, pulls, epochs, target),
    )


def _advice(tokens: int, pulls: int, epochs: int, target: int) -> str:
    trained = tokens * epochs
    told = f"{tokens:,} tokens x {epochs} epochs = {trained:,} to train"
    if trained < target:
        times = target / trained
        wanted = math.ceil(pulls * (times - 1))
        return (
            f"{told}, {100 * trained / target:.1f} % of the target of {target:,}: collect about "
            f"{wanted:,} more pull requests that give examples ({times:,.1f} times as many): raise "
            "the cap of pull requests a repository (max_pulls of collect_pulls), or take more "
            "repositories"
        )
    enough = math.ceil(target / tokens)
    if enough < epochs:
        return f"{told}: the target of {target:,} is reached in {enough} of them"
    return f"{told}: the target of {target:,} is reached"
