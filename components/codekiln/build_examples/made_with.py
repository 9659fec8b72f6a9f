"""What decides, beside the pull requests, which examples come out: if it changes, all are old."""

import dataclasses
import importlib.metadata

from codekiln.build_examples.limits import Limits
from codekiln.core import digest
from codekiln.core.corpus import examples

REVISION = 3
"""Raised with each change of this phase that makes other examples of the same pull requests."""
PARSERS = ("tree-sitter", "tree-sitter-go")


def made_with(limits: Limits, go: str) -> str:
    """Return one digest of the settings, of Go's version, the parsers', the schema's and ours."""
    return digest.of_json(
        {
            "revision": REVISION,
            "schema": examples.VERSION,
            "go": go,
            "parsers": {name: importlib.metadata.version(name) for name in PARSERS},
            "limits": dataclasses.asdict(limits),
        }
    )
