from pathlib import Path

import numpy as np
import torch
from transformers import GPT2LMHeadModel, GPT2Tokenizer

from codekiln.core.models import gpt2
from codekiln.core.models.gpt2 import Vocabulary
from codekiln.core.tokens.folder import open_tokens
from codekiln.train_model import samples


def test_prompts_are_the_beginnings_of_texts() -> None:
    ids = np.array([9, 9, 0, 5, 6, 0, 7, 8, 0], dtype="<u2")
    assert samples.prompts(ids, 0, 2) == [[5, 6], [7, 8]]


def test_a_row_without_an_end_gives_its_front() -> None:
    assert samples.prompts(np.array([9, 8], dtype="<u2"), 0, 1) == [[9, 8]]


def test_the_same_seed_writes_the_same_texts_and_disturbs_no_generator(tokens: Path) -> None:
    opened = open_tokens(tokens)
    tokenizer = GPT2Tokenizer.from_pretrained(str(opened.tokenizer))
    vocabulary = Vocabulary(size=opened.vocab_size, end_id=0, pad_id=1)
    network: GPT2LMHeadModel = gpt2.from_scratch("tiny", 32, vocabulary, 0.0).network
    writing = samples.Writing(count=2, tokens=64, temperature=0.8, seed=42)
    beginnings = [[5, 6, 7], list(range(2, 26))]
    before = torch.get_rng_state()
    one = samples.write(network, tokenizer, beginnings, writing)
    assert one == samples.write(network, tokenizer, beginnings, writing)
    assert torch.equal(before, torch.get_rng_state())
    assert [sample.tokens <= 29 for sample in one] == [True, True]
