"""What the trained model writes when it is given the beginning of texts that it never saw."""

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import GPT2LMHeadModel, GPT2Tokenizer

from codekiln.core.manifest import write_json
from codekiln.core.tokens.folder import Ids

NAME = "samples.json"
PROMPT_TOKENS = 24
TOP_P = 0.95


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """How samples are drawn."""

    count: int
    tokens: int
    """Longest continuation."""
    temperature: float
    seed: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One text: what the model was given, and what it wrote."""

    prompt: str
    text: str
    tokens: int
    ended: bool
    """Whether the model ended the text itself."""
    seed: int


def prompts(ids: Ids, end_id: int, count: int) -> list[list[int]]:
    """Return the first tokens of `count` texts spread over `ids`; each text ends with `end_id`."""
    row = ids.astype(np.int64)
    ends = np.flatnonzero(row == end_id)
    starts = [0, *(int(end) + 1 for end in ends if end + 1 < len(row))][1 if len(ends) else 0 :]
    chosen = [starts[number * len(starts) // count] for number in range(count)] if starts else []
    return [beginning(row[start:], end_id) for start in chosen]


def beginning(text: npt.NDArray[np.int64], end_id: int) -> list[int]:
    """Return at most PROMPT_TOKENS of the front of `text`, and nothing past its end."""
    front = [int(token) for token in text[:PROMPT_TOKENS]]
    return front[: front.index(end_id)] if end_id in front[1:] else front


def write(
    model: GPT2LMHeadModel, tokenizer: GPT2Tokenizer, beginnings: list[list[int]], writing: Writing
) -> list[Sample]:
    """Continue each beginning; a function of the model and the seed alone."""
    model.eval()
    with torch.random.fork_rng():
        return [
            continued(model, tokenizer, ids, writing, writing.seed + number)
            for number, ids in enumerate(beginnings)
        ]


def continued(
    model: GPT2LMHeadModel,
    tokenizer: GPT2Tokenizer,
    beginning: list[int],
    writing: Writing,
    seed: int,
) -> Sample:
    """Continue one beginning, within the positions that the model has."""
    torch.manual_seed(seed)
    room = model.config.n_positions - 1
    ids = torch.tensor([beginning[:room]], device=model.device)
    written = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        temperature=writing.temperature,
        top_p=TOP_P,
        top_k=0,
        max_new_tokens=min(writing.tokens, room + 1 - ids.shape[1]),
    )[0, ids.shape[1] :].tolist()
    return Sample(
        prompt=tokenizer.decode(ids[0].tolist()),
        text=tokenizer.decode(written),
        tokens=len(written),
        ended=bool(written) and written[-1] == model.config.eos_token_id,
        seed=seed,
    )


def save(folder: Path, samples: list[Sample]) -> None:
    """Write `samples` into `folder`."""
    write_json(folder / NAME, [dataclasses.asdict(sample) for sample in samples])
