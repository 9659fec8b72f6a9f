"""GPT-2 for training: its sizes, its start from nothing or from a folder, its loss in slices.

What is saved is a plain GPT2LMHeadModel. What differs is how training computes it: attention
without dropout (so that the fused kernels serve), the other dropouts by fewer draws, GELU in one
pass, and a head that never holds the logits of the whole batch.
"""

import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.activations import GELUTanh, NewGELUActivation

from codekiln.core.errors import InputError
from codekiln.core.models import dropout as cheap_dropout
from codekiln.core.models.head import summed_cross_entropy
from codekiln.core.training.trainable import IGNORED, Batch, Trainable

logger = logging.getLogger(__name__)

Size = Literal["tiny", "small", "medium"]

LOSS = "text"
WEIGHTS = "model.safetensors"


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """Layers, heads and width of a GPT-2."""

    layers: int
    heads: int
    width: int


SHAPES: Mapping[Size, Shape] = {
    "tiny": Shape(6, 2, 128),
    "small": Shape(12, 12, 768),
    "medium": Shape(24, 16, 1024),
}
"""tiny: 1.2 M parameters beside embeddings; small and medium are OpenAI's, all heads 64 wide."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """The ids that a tokenizer gives."""

    size: int
    end_id: int
    """Ends a text, and generation."""
    pad_id: int


class GPT2(Trainable):
    """A GPT2LMHeadModel under the engine; batches hold `ids` and `targets`, both (rows, window)."""

    def __init__(self, network: GPT2LMHeadModel) -> None:
        super().__init__()
        self.network = network
        self.speed_up()

    def speed_up(self) -> None:
        """Compute GPT-2's own GELU by torch's one kernel for it, and dropout by fewer draws.

        The configuration stays.
        """
        cheap_dropout.cheapen(self.network)
        for block in self.network.transformer.h:
            if isinstance(block.mlp.act, NewGELUActivation):
                block.mlp.act = GELUTanh()

    @property
    def loss_weights(self) -> Mapping[str, float]:
        """Return the one loss."""
        return {LOSS: 1.0}

    def targets(self, batch: Batch) -> dict[str, int]:
        """Count the positions that have a target."""
        return {LOSS: int((batch["targets"] != IGNORED).sum())}

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Return the cross entropy summed over all targets.

        No mask: padding stands at the right end, where a causal model cannot see it.
        """
        transformer = self.network.transformer
        # Given ids, transformers would look for padding and warn of the missing mask.
        hidden = transformer(inputs_embeds=transformer.wte(batch["ids"]), use_cache=False)[0]
        return {LOSS: summed_cross_entropy(hidden, self.network.lm_head.weight, batch["targets"])}

    def save(self, folder: Path) -> None:
        """Write the model so that GPT2LMHeadModel.from_pretrained(folder) loads it.

        The weights are in the one file WEIGHTS.
        """
        self.network.save_pretrained(str(folder))

    def flops_per_token(self) -> float:
        """Return 6 a weight that multiplies, and 12 a layer, channel and seen position.

        Source: PaLM (arXiv 2204.02311), appendix B; half the window is seen on average.
        """
        network, config = self.network, self.network.config
        weights = sum(p.numel() for p in network.parameters())
        matrices = weights - int(network.transformer.wpe.weight.numel())
        seen = int(config.n_layer) * int(config.n_embd) * int(config.n_positions) / 2
        return float(6 * matrices + 12 * seen)


def from_scratch(size: Size, window: int, vocabulary: Vocabulary, dropout: float) -> GPT2:
    """Make a GPT-2 of `size` with random weights and `window` positions."""
    shape = SHAPES[size]
    config = GPT2Config(
        vocab_size=vocabulary.size,
        n_positions=window,
        n_layer=shape.layers,
        n_head=shape.heads,
        n_embd=shape.width,
        **_told(vocabulary, dropout),
    )
    network = GPT2LMHeadModel(config)
    logger.info(
        "GPT-2 %s from scratch: %s parameters, %d positions",
        size, f"{network.num_parameters():,}", window,
    )  # fmt: skip
    return GPT2(network)


def from_pretrained(folder: Path, window: int, vocabulary: Vocabulary, dropout: float) -> GPT2:
    """Load a GPT-2 from `folder` and make it fit `window` positions and the vocabulary.

    Raises InputError if `folder` holds no GPT-2.
    """
    try:
        network = GPT2LMHeadModel.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32, **_told(vocabulary, dropout)
        )
    except (OSError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise InputError(f"{folder} holds no GPT-2 ({first}); give one, or none") from error
    fit_positions(network, window)
    fit_vocabulary(network, vocabulary.size)
    return GPT2(network)


def _told(vocabulary: Vocabulary, dropout: float) -> dict[str, object]:
    """Return the part of a configuration that is ours to say."""
    return {
        "resid_pdrop": dropout,
        "embd_pdrop": dropout,
        # Fused attention has no dropout on the CPU; elsewhere it costs the fastest kernels.
        "attn_pdrop": 0.0,
        "bos_token_id": vocabulary.end_id,
        "eos_token_id": vocabulary.end_id,
        "pad_token_id": vocabulary.pad_id,
    }


def fit_positions(network: GPT2LMHeadModel, window: int) -> None:
    """Give `network` exactly `window` positions, and say so.

    Known positions keep their rows, so that their logits stay equal to the bit. New ones go on
    where the table ends: the last row, which is a better start than noise for a neighbor.
    """
    old = network.transformer.wpe
    if old.num_embeddings == window:
        return
    kept = min(old.num_embeddings, window)
    table = torch.nn.Embedding(window, old.embedding_dim, dtype=old.weight.dtype)
    with torch.no_grad():
        table.weight[:kept] = old.weight[:kept]
        table.weight[kept:] = old.weight[kept - 1] + torch.normal(
            0.0, network.config.initializer_range, (window - kept, old.embedding_dim)
        )
    network.transformer.wpe = table
    network.config.n_positions = window
    logger.info("position table: %d rows became %d, %d kept", old.num_embeddings, window, kept)


def fit_vocabulary(network: GPT2LMHeadModel, size: int) -> None:
    """Give `network` a row for each id; new ones start at the mean of the old, and say so.

    Raises InputError if the tokenizer has fewer ids than the model, for then it is another one.
    """
    old = network.config.vocab_size
    if size < old:
        raise InputError(
            f"the tokenizer has {size:,} ids, the pretrained model {old:,}: tokenize with the "
            "model's own tokenizer"
        )
    if size > old:
        # Mean and covariance of old rows (Hewitt 2021) would need a d x d factor; the mean does.
        network.resize_token_embeddings(size, mean_resizing=False)
        with torch.no_grad():
            rows = network.transformer.wte.weight
            rows[old:] = rows[:old].mean(0) + torch.normal(
                0.0, network.config.initializer_range, (size - old, rows.shape[1])
            )
        logger.info("token table: %d rows became %d", old, size)
