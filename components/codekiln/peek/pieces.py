"""What single tokens say, and a tokenizer brought from where it lies."""

from collections.abc import Sequence

from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import Objects
from codekiln.core.tokens.sections import CONTROLS
from codekiln.core.tokens.sentences import MODEL, Sentences


def fetched(store: Objects, name: str = MODEL) -> Sentences:
    """Return the tokenizer whose model is the object `name`; raises InputError if it is none."""
    with run_folder("codekiln-peek-") as folder:
        store.download(name, folder / MODEL)
        return Sentences.load(folder)


def texts(sentences: Sentences, ids: Sequence[int]) -> list[str]:
    """Return what each id says by itself; a control by its name, a byte as <0xE2>."""
    known = sentences.pieces() if any(map(sentences.is_byte, ids)) else []
    return [
        CONTROLS[one]
        if one < len(CONTROLS)
        else known[one].text
        if sentences.is_byte(one)
        else sentences.decode([one])
        for one in ids
    ]
