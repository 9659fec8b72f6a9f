"""A token folder with a real tokenizer, and a plan over it, small enough for a test."""

from pathlib import Path

import numpy as np
import pytest
from builders import finish
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Tokenizer

from codekiln.core.tokens import folder
from codekiln.core.tokens.folder import TokenInfo

END, PAD = "<|endoftext|>", "<|pad|>"


def texts(count: int) -> list[str]:
    """Make short texts with something to learn in them."""
    words = ["fix", "add", "remove", "race", "cache", "parser", "test", "lock", "index"]
    chosen = np.random.default_rng(7).choice(words, (count, 12))
    return [" ".join(line) + END for line in chosen]


def tokenizer_of(lines: list[str]) -> GPT2Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        show_progress=False,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator(lines, trainer)
    named = {"bos_token": END, "eos_token": END, "unk_token": END, "pad_token": PAD}
    return GPT2Tokenizer(tokenizer_object=made, **named)


def token_folder(into: Path, count: int, window: int = 64, overlap: int = 8) -> Path:
    into.mkdir(parents=True)
    lines = texts(count)
    tokenizer = tokenizer_of(lines)
    rows = [tokenizer.encode(line) for line in lines]
    total = folder.write_ids(into, rows, len(tokenizer))
    info = TokenInfo(
        tokens=total,
        window=window,
        overlap=overlap,
        vocab_size=len(tokenizer),
        pad_id=tokenizer.pad_token_id,
        dtype=folder.dtype_for(len(tokenizer)).str,
    )
    folder.write_info(into, info)
    tokenizer.save_pretrained(str(into / folder.TOKENIZER))
    return finish(into, "tokenize", {"unique_tokens": total, "sequences": len(info.windows)})


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return token_folder(tmp_path_factory.mktemp("data") / "tokens", 60)
