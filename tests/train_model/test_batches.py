import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.errors import InputError
from codekiln.core.tokens.folder import TokenInfo
from codekiln.core.tokens.windows import Window
from codekiln.train_model.batches import Collate, Rows, hold_out


def info(tokens: int, window: int = 8, overlap: int = 2) -> TokenInfo:
    return TokenInfo(
        tokens=tokens, window=window, overlap=overlap, vocab_size=300, pad_id=1, dtype="<u2"
    )


@given(st.integers(10, 5_000), st.integers(4, 64), st.floats(0.01, 0.9))
def test_no_token_is_both_trained_and_validated_on(tokens: int, window: int, share: float) -> None:
    try:
        split = hold_out(info(tokens, window, window // 4), share)
    except InputError:
        assert tokens <= window + 1
        return
    assert split.training[0].start == 0
    assert split.validation[0].start == split.training[-1].stop
    assert split.validation[-1].stop == tokens
    assert split.validation[-1].stop - split.validation[0].start >= 2


@pytest.mark.parametrize(("tokens", "message"), [(8, "one sequence only"), (9, "leave nothing")])
def test_too_little_to_hold_out_is_a_clear_error(tokens: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hold_out(info(tokens), 0.1)


def test_each_position_predicts_the_token_after_it_and_padding_nothing() -> None:
    rows = Rows(np.arange(10, 20, dtype="<u2"), [Window(0, 4), Window(6, 9)], each_token_once=False)
    batch = Collate(rows=3, window=4, pad_id=1)([rows[0], rows[1]])
    assert batch["ids"].tolist() == [[10, 11, 12, 13], [16, 17, 18, 1], [1, 1, 1, 1]]
    assert batch["targets"].tolist() == [
        [11, 12, 13, -100], [17, 18, -100, -100], [-100, -100, -100, -100],
    ]  # fmt: skip


def test_validation_scores_each_token_once() -> None:
    ids = np.arange(100, 130, dtype="<u2")
    split = hold_out(info(30), 0.5)
    rows = Rows(ids, split.validation, each_token_once=True)
    collate = Collate(rows=1, window=8, pad_id=1)
    scored = torch.cat([collate([rows[n]])["targets"].flatten() for n in range(len(rows))])
    first = split.validation[0].start + 101
    assert sorted(scored[scored != -100].tolist()) == list(range(first, 130))
