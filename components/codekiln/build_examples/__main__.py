"""Container entry: `python -m codekiln.build_examples --collected DIR --examples DIR`."""

import os

from codekiln.build_examples.into_corpus import into_corpus
from codekiln.build_examples.into_folder import into_folder
from codekiln.build_examples.settings import Settings
from codekiln.core import program
from codekiln.core.program import Done


def build_examples(settings: Settings) -> Done:
    """Read the pull requests, write their examples, account for all of them."""
    if settings.corpus:
        return into_corpus(settings, os.environ)
    return into_folder(settings, os.environ)


if __name__ == "__main__":
    program.run(build_examples, Settings)
