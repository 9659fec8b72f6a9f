from pathlib import Path

import pytest

from codekiln.core.errors import CodekilnError
from codekiln.core.storage import folders
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import Objects

FILES = {f"{number % 5}/{number}.bin": bytes([number]) * number for number in range(40)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / "from" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "from" / name).write_bytes(data)
    return tmp_path / "from"


@pytest.mark.parametrize("prefix", ["", "runs/1", "runs/1/"])
def test_a_folder_comes_back_as_it_was(
    store: Objects, folder: Path, tmp_path: Path, prefix: str
) -> None:
    store.write("runs/10", b"not below the prefix") if prefix else None
    wanted = sorted(f"{prefix.rstrip('/')}/{name}".lstrip("/") for name in FILES)
    assert folders.upload(store, folder, prefix) == wanted
    assert folders.download(store, tmp_path / "into", prefix) == sorted(FILES)
    found = {n: (tmp_path / "into" / n).read_bytes() for n in FILES}
    assert found == FILES


def test_an_empty_folder_is_no_error(store: Objects, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert folders.upload(store, tmp_path / "empty") == []
    assert folders.download(store, tmp_path / "into") == []


def test_the_first_error_is_raised(store: Objects, folder: Path) -> None:
    with pytest.raises(CodekilnError, match="lies outside"):
        folders.upload(store, folder, "../x")


def test_what_is_removed_is_gone_and_what_lies_beside_it_stays(store: Objects) -> None:
    for name in ("runs/1/v/1", "runs/1/s/1", "runs/10"):
        store.write(name, b"data")
    folders.remove(f"{store.uri}/runs/1", first="v/")
    assert list(store.names()) == ["runs/10"]


def test_removed_in_its_order_what_comes_first_is_gone_whenever_it_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(LocalFolder, "delete", lambda _, name: gone.append(name))
    for name in ("a/1", "v/1", "z/1"):
        LocalFolder(tmp_path).write(name, b"data")
    folders.remove(str(tmp_path), first="v/")
    assert gone[0] == "v/1"
