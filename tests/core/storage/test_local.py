from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder, whole


def test_a_link_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="lies outside"):
        LocalFolder(tmp_path / "in").read("link")


def test_a_half_written_file_has_no_name(tmp_path: Path) -> None:
    def fail() -> None:
        with whole(tmp_path / "a") as partial:
            partial.write_bytes(b"half")
            assert list(LocalFolder(tmp_path).names()) == []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
