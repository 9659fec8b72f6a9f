from pathlib import Path

import pytest

from codekiln.core import manifest
from codekiln.core.errors import InputError


def test_a_folder_without_manifest_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no manifest\.json"):
        manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"phase": "x"}'])
def test_a_broken_manifest_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.NAME).write_text(text)
    with pytest.raises(InputError, match="is not a manifest of this version"):
        manifest.read(tmp_path)


def test_the_digest_follows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = manifest.digest_of(tmp_path)
    (tmp_path / manifest.NAME).write_text("{}")
    assert manifest.digest_of(tmp_path) == first
    (tmp_path / "a").rename(tmp_path / "b")
    assert manifest.digest_of(tmp_path) != first


def test_json_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    manifest.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        manifest.write_json(path, {(1, 2): "keys of JSON are text"})
    assert path.read_text() == '{\n  "a": 1\n}\n'


def test_json_is_not_written_through_a_link_that_lies_in_wait(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "run.json.partial").symlink_to(precious)
    manifest.write_json(tmp_path / "run.json", {"a": 1})
    assert precious.read_text() == "precious"
    assert not (tmp_path / "run.json").is_symlink()
