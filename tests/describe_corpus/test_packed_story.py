import json
import shutil
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.tokens.packed_info import INFO, LOCATION
from codekiln.describe_corpus import packed_story
from codekiln.describe_corpus.card import Folders


def test_tokens_that_lie_elsewhere_are_read_like_those_beside(
    left: Folders, tmp_path: Path
) -> None:
    assert left.tokens is not None
    here = packed_story.read(left.tokens)
    told = {"tokens": str(left.tokens), "digest": here.info.digest}
    (tmp_path / LOCATION).write_text(json.dumps(told))
    elsewhere = packed_story.read(tmp_path)
    assert elsewhere.tokens_of == here.tokens_of
    assert elsewhere.lengths["whole"].sum == here.tokens == sum(here.tokens_of.values())
    assert list(here.faults) == []


def test_sums_of_tokens_that_are_wrong_are_said(left: Folders, tmp_path: Path) -> None:
    assert left.tokens is not None
    folder = shutil.copytree(left.tokens, tmp_path / "tokens")
    told = json.loads((folder / INFO).read_text())
    told["splits"]["train"]["padding"] += 3
    told["counts"]["packed"] += 1
    (folder / INFO).write_text(json.dumps(told))
    faults = "\n".join(packed_story.read(folder).faults)
    assert "of padding are not the" in faults
    assert "61 were packed" in faults


def test_a_location_that_names_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / LOCATION).write_text("{}")
    with pytest.raises(InputError, match="names no tokens"):
        packed_story.read(tmp_path)
