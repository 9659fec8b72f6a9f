from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from codekiln.core.errors import InputError
from codekiln.core.models import gpt2
from codekiln.core.models.gpt2 import SHAPES, Vocabulary

VOCABULARY = Vocabulary(size=300, end_id=0, pad_id=1)


@pytest.fixture
def pretrained(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=290, n_positions=16, n_layer=2, n_head=2, n_embd=32,
        bos_token_id=0, eos_token_id=0, pad_token_id=1,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(str(tmp_path / "old"))
    return tmp_path / "old"


def test_medium_has_the_parameters_of_gpt2_medium_at_2048_positions() -> None:
    shape = SHAPES["medium"]
    config = GPT2Config(
        n_positions=2048, n_layer=shape.layers, n_head=shape.heads, n_embd=shape.width
    )
    with torch.device("meta"):
        assert GPT2LMHeadModel(config).num_parameters() == 355_871_744


def test_tiny_is_for_a_laptop() -> None:
    made = gpt2.from_scratch("tiny", 64, VOCABULARY, 0.1).network
    tables = made.transformer.wte.weight.numel() + made.transformer.wpe.weight.numel()
    assert 1_000_000 <= made.num_parameters() - tables <= 3_000_000


def test_known_positions_keep_their_logits_to_the_bit(pretrained: Path) -> None:
    old = GPT2LMHeadModel.from_pretrained(str(pretrained)).eval()
    new = GPT2LMHeadModel.from_pretrained(str(pretrained)).eval()
    gpt2.fit_positions(new, 48)
    ids = torch.arange(16)[None]
    assert new.config.n_positions == 48
    assert torch.equal(old(ids).logits, new(ids).logits)
    assert new(torch.arange(48)[None]).logits.isfinite().all()


def test_a_pretrained_model_gets_the_rows_that_the_tokenizer_needs(pretrained: Path) -> None:
    old = GPT2LMHeadModel.from_pretrained(str(pretrained))
    made = gpt2.from_pretrained(pretrained, 48, VOCABULARY, 0.1).network
    assert made.lm_head.weight.shape == (300, 32)
    assert made.lm_head.weight is made.transformer.wte.weight
    assert torch.equal(made.transformer.wte.weight[:290], old.transformer.wte.weight)


def test_a_tokenizer_with_fewer_ids_than_the_model_is_refused(pretrained: Path) -> None:
    with pytest.raises(InputError, match="own tokenizer"):
        gpt2.from_pretrained(pretrained, 48, Vocabulary(size=280, end_id=0, pad_id=1), 0.1)


def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no GPT-2"):
        gpt2.from_pretrained(tmp_path, 48, VOCABULARY, 0.1)


def test_the_loss_is_that_of_the_saved_model(tmp_path: Path) -> None:
    made = gpt2.from_scratch("tiny", 32, VOCABULARY, 0.0)
    ids = torch.randint(2, 300, (2, 32))
    targets = torch.full_like(ids, -100)
    targets[:, :-1] = ids[:, 1:]
    batch = {"ids": ids, "targets": targets}
    with torch.no_grad():
        ours = made(batch)["text"] / made.targets(batch)["text"]
        made.save(tmp_path)
        theirs = GPT2LMHeadModel.from_pretrained(str(tmp_path))(ids, labels=ids).loss
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
