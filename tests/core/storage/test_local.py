import threading
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import ConflictError, local_path


def test_what_is_written_is_read_and_listed(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path)
    store.write("a/b", b"1")
    store.write("c", b"2")
    assert (store.read("a/b"), list(store.names()), list(store.names("a/"))) == (
        b"1", ["a/b", "c"], ["a/b"],
    )  # fmt: skip


def test_an_object_is_created_once_though_many_try(tmp_path: Path) -> None:
    store, won = LocalFolder(tmp_path), []

    def create(number: int) -> None:
        try:
            store.write("v/1", str(number).encode(), create=True)
            won.append(number)
        except ConflictError:
            pass

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(number).encode() for number in won] == [store.read("v/1")]
    assert list(store.names()) == ["v/1"]


def test_a_missing_object_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no x"):
        LocalFolder(tmp_path).read("x")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="lies outside"):
        LocalFolder(tmp_path / "in").write(name, b"")


def test_deleting_twice_is_no_error(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path)
    store.write("x", b"")
    store.delete("x")
    store.delete("x")
    assert list(store.names()) == []


def test_a_uri_is_a_path_or_a_file_url() -> None:
    assert local_path("file:///a%20b") == Path("/a b")
    assert local_path("a/b") == Path("a/b")
    with pytest.raises(InputError, match="is not a local folder"):
        local_path("s3://bucket/x")
