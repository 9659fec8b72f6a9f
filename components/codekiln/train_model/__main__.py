"""Container entry: `python -m codekiln.train_model --tokens DIR --plan DIR --model DIR`."""

import os

from codekiln.core import program
from codekiln.core.program import Done
from codekiln.train_model.settings import Settings


def train_model(settings: Settings) -> Done:
    """Train as planned, then write the model, its report, charts and samples."""
    # OpenMP reads this once, when torch loads it. Threads that spin while they wait cost a machine
    # that is also used for something else nine tenths of its speed.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from codekiln.train_model import run

    return run.train(settings)


if __name__ == "__main__":
    program.run(train_model, Settings)
