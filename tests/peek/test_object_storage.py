"""A look into a data set and tokens that lie in a bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest
import radosgw

from codekiln.core.storage.objects import open_store

pytestmark = pytest.mark.s3


@pytest.mark.parametrize(
    ("name", "flags", "said"),
    [
        ("data", ("--number", "7"), "acme/queue #7"),
        ("data", ("--sample", "2"), "2 of 4 shown"),
        ("packed", ("--number", "1"), "row 1  "),
        ("tokenizer", (), "a tokenizer of 600 tokens"),
        ("corpus", (), "/corpus/examples"),
        ("examples/examples-00001.parquet", (), "20 examples in examples-00001.parquet"),
    ],
)
def test_what_lies_in_a_bucket_is_shown_like_a_folder(
    shelf: Path, peek: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
    name: str, flags: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    bucket = open_store(f"s3://{server.new_bucket()}")
    top = name.partition("/")[0]
    for path in (shelf / top).rglob("*"):
        if path.is_file():
            bucket.upload(path.relative_to(shelf).as_posix(), path)
    assert said in peek(f"{bucket.uri}/{name}", *flags)
