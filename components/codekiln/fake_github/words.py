"""The words of the made-up world, from words.yaml."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import yaml


def words(kind: str) -> Sequence[str]:
    """Return all words or texts of a `kind`; raises KeyError for one that words.yaml lacks."""
    return _all()[kind]


@cache
def _all() -> Mapping[str, Sequence[str]]:
    text = resources.files("codekiln.fake_github").joinpath("words.yaml").read_text("utf-8")
    told = yaml.safe_load(text)
    return {kind: tuple(v.split() if isinstance(v, str) else v) for kind, v in told.items()}
