"""A byte-level BPE as GPT-2 has it: trained on the history, or taken from a folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Tokenizer

from codekiln.core.errors import InputError
from codekiln.tokenize import markers

BYTES = 256
"""A byte-level vocabulary has a token for each."""


def train(texts: Iterable[str], vocab_size: int) -> GPT2Tokenizer:
    """Train a tokenizer of at most `vocab_size` ids, markers included, on `texts`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        show_progress=False,
        special_tokens=list(markers.ALL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    return with_markers(GPT2Tokenizer(tokenizer_object=tokenizer, **_special()))


def load(folder: Path) -> GPT2Tokenizer:
    """Load the tokenizer of `folder` and add the markers it lacks.

    Raises InputError if the folder holds none.
    """
    wanted = "give a folder with tokenizer.json, or leave --tokenizer out to train one"
    try:
        tokenizer = GPT2Tokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{folder} holds no GPT-2 tokenizer ({first}); {wanted}") from error
    # transformers 5 makes an empty tokenizer of a folder without one, and says nothing.
    if len(tokenizer) < BYTES:
        raise InputError(
            f"{folder} holds no GPT-2 tokenizer (it knows {len(tokenizer)} tokens, not every byte);"
            f" {wanted}"
        )
    return with_markers(tokenizer)


def with_markers(tokenizer: GPT2Tokenizer) -> GPT2Tokenizer:
    """Make every marker one token of `tokenizer`."""
    added = [AddedToken(marker, special=True, normalized=False) for marker in markers.ALL]
    tokenizer.add_tokens(added, special_tokens=True)
    tokenizer.pad_token = markers.PAD
    return tokenizer


def encode(tokenizer: GPT2Tokenizer, texts: list[str]) -> Iterator[list[int]]:
    """Yield the ids of each text; the library encodes them side by side, without offsets."""
    for encoding in tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False):
        yield encoding.ids


def _special() -> dict[str, str]:
    return {
        "bos_token": markers.END,
        "eos_token": markers.END,
        "unk_token": markers.END,
        "pad_token": markers.PAD,
    }
