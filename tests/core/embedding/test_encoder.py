"""The encoder: which model, and vectors that mean something, with no network."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch

from codekiln.core.embedding import encoder
from codekiln.core.embedding.encoder import Encoder
from codekiln.core.errors import InputError


def refuse(*_: object) -> NoReturn:
    raise AssertionError("the network was asked")


@pytest.fixture(scope="module")
def model() -> Iterator[Encoder]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield Encoder(encoder.find())


def test_the_default_model_is_found_without_a_network(model: Encoder) -> None:
    assert model.source.name.startswith("all-MiniLM-L6-v2")
    assert len(model.source.digest) == 64
    assert model.dimensions == 384


def test_vectors_have_length_one_and_come_in_the_order_of_the_texts(model: Encoder) -> None:
    texts = ["fix a race in the cache", "x " * 400, "", "update the docs"]
    vectors = model.encode(texts)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert np.array(model.encode_one(texts[3])) @ vectors[3] == pytest.approx(1, abs=1e-3)


def test_a_text_is_nearer_to_its_subject_than_to_another(model: Encoder) -> None:
    asked, near, far = model.encode(
        ["race condition in cache", "lock the map that keeps answers", "change the license text"]
    )
    assert asked @ near > asked @ far


def test_no_texts_give_no_vectors(model: Encoder) -> None:
    assert model.encode([]).shape == (0, 384)


def test_a_folder_without_a_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no modules\.json; give the folder of a sentence"):
        encoder.find(tmp_path)


def test_a_broken_model_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / encoder.MARK).write_text("[]")
    (tmp_path / "config_sentence_transformers.json").write_text("{")
    with pytest.raises(InputError, match="cannot be loaded as a sentence-transformers model"):
        Encoder(encoder.find(tmp_path))


def test_bf16_is_taken_only_where_the_hardware_multiplies_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, bool] = {}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told)
    assert encoder.precision("cpu") == torch.float32
    told["amx_bf16"] = True
    assert encoder.precision("cpu") == torch.bfloat16
