"""What every store promises, held against each kind: a folder, S3 over HTTP, S3 over TLS."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import (
    ConflictError,
    MissingError,
    Objects,
    local_path,
    open_store,
    place_of,
)

NAMES = [
    "a b",
    "a+b",
    "a%b",
    "a%20b",
    "é",
    "日本/語",
    "a=b&c",
    "a:b@c",
    "~a",
    "a'b",
    "A",
    "-",
    "a..b",
]


class TestEveryStore:
    def test_what_is_written_is_read_listed_and_measured(self, store: Objects) -> None:
        store.write("a/b", b"12")
        store.write("a/bc", b"3")
        store.write("c", b"")
        assert [store.read(name) for name in ("a/b", "a/bc", "c")] == [b"12", b"3", b""]
        assert [store.size(name) for name in ("a/b", "a/bc", "c")] == [2, 1, 0]
        assert list(store.names()) == ["a/b", "a/bc", "c"]
        assert list(store.names("a/")) == ["a/b", "a/bc"]
        assert list(store.names("a/bc")) == ["a/bc"]
        assert list(store.names("b")) == []

    def test_a_second_write_replaces_the_first(self, store: Objects) -> None:
        store.write("a", b"first")
        store.write("a", b"2")
        assert store.read("a") == b"2"

    def test_a_range_ends_where_the_object_does(self, store: Objects) -> None:
        store.write("a", b"0123456789")
        ranges = [(0, 3), (8, 99), (10, 12), (4, 4)]
        assert [store.read_range("a", *r) for r in ranges] == [b"012", b"89", b"", b""]

    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_may_hold_any_character(self, store: Objects, name: str) -> None:
        store.write(name, b"x")
        assert (store.read(name), list(store.names())) == (b"x", [name])

    def test_names_are_sorted_though_there_are_many(self, store: Objects) -> None:
        wanted = sorted(f"{number % 7}/{number}" for number in range(60))
        for name in wanted:
            store.write(name, b"")
        assert list(store.names()) == wanted

    @pytest.mark.parametrize("size", [0, 1, 3 << 20, (17 << 20) + 1])
    def test_a_file_comes_back_as_it_was(self, store: Objects, tmp_path: Path, size: int) -> None:
        data = os.urandom(size)
        (tmp_path / "up").write_bytes(data)
        store.upload("deep/file", tmp_path / "up")
        store.download("deep/file", tmp_path / "new" / "down")
        assert (tmp_path / "new" / "down").read_bytes() == data
        assert store.size("deep/file") == size
        assert store.read("deep/file") == data

    def test_an_object_is_created_once_though_many_try(self, opened: Callable[[], Objects]) -> None:
        won = []

        def create(number: int) -> None:
            try:
                opened().write("v/1", str(number).encode(), create=True)
                won.append(number)
            except ConflictError:
                pass

        threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [str(number).encode() for number in won] == [opened().read("v/1")]
        assert list(opened().names()) == ["v/1"]

    def test_a_missing_object_is_one_line(self, store: Objects, tmp_path: Path) -> None:
        for read in (
            lambda: store.read("x"),
            lambda: store.size("x"),
            lambda: store.read_range("x", 0, 1),
            lambda: store.download("x", tmp_path / "x"),
        ):
            with pytest.raises(MissingError, match="x") as caught:
                read()
            assert "\n" not in str(caught.value)
        assert not (tmp_path / "x").exists()

    @pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", "", "a/", "."])
    def test_a_name_cannot_leave_the_store(self, store: Objects, name: str) -> None:
        with pytest.raises(InputError, match="lies outside"):
            store.write(name, b"")

    def test_deleting_twice_is_no_error(self, store: Objects) -> None:
        store.write("x", b"")
        store.delete("x")
        store.delete("x")
        assert list(store.names()) == []

    def test_a_person_is_told_where_an_object_is(self, store: Objects) -> None:
        assert store.location("a/b") == f"{store.uri}/a/b"


def test_a_uri_is_a_path_or_a_file_url() -> None:
    assert local_path("file:///a%20b") == Path("/a b")
    assert local_path("a/b") == Path("a/b")
    with pytest.raises(InputError, match="no store that is known here"):
        local_path("gs://bucket/x")


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://b", ("b", "")),
        ("s3://b/", ("b", "")),
        ("s3://b/p/q/", ("b", "p/q")),
        ("minio://mlpipeline/v2/artifacts", ("mlpipeline", "v2/artifacts")),
    ],
)
def test_an_s3_uri_names_a_bucket_and_a_prefix(uri: str, place: tuple[str, str]) -> None:
    assert place_of(uri) == place


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("s3://", "names no bucket"),
        ("s3://b/a/../x", "lies outside"),
        ("s3://b/p?endpoint=h", "set AWS_ENDPOINT_URL"),
    ],
)
def test_a_wrong_uri_is_one_line(uri: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        open_store(uri)


def test_a_uri_with_a_password_is_refused_without_saying_it() -> None:
    with pytest.raises(InputError, match="AWS_ACCESS_KEY_ID") as caught:
        open_store("s3://me:hunter2@bucket/x")
    assert "hunter2" not in str(caught.value)
