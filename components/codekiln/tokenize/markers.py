"""The markers that give a commit its shape; each is one token of the tokenizer."""

from codekiln.core.tokens.markers import Markers

COMMIT = "<|commit|>"
AUTHOR = "<|author|>"
DATE = "<|date|>"
MESSAGE = "<|message|>"
FILES = "<|files|>"
DIFF = "<|diff|>"
END = "<|endoftext|>"
"""GPT-2's own end of text: it ends every commit, and generation."""
PAD = "<|pad|>"

ALL = (END, PAD, COMMIT, AUTHOR, DATE, MESSAGE, FILES, DIFF)

_ALL = Markers(ALL)
remove, places = _ALL.remove, _ALL.places
