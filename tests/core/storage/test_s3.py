"""Objects in a real S3 server, over a network that fails."""

import hashlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import radosgw
import s3_proxy
from radosgw import SECRET_KEY, Server
from s3_proxy import BUSY, Fate, Refusal, Request

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import DamagedError, Objects, open_store

pytestmark = pytest.mark.s3


@pytest.fixture
def store(place: str) -> Objects:
    return open_store(place)


FATES = [BUSY, Fate.NEVER_ARRIVES, Fate.LOSES_ITS_ANSWER, Fate.IS_CUT]


@pytest.mark.parametrize("fate", FATES)
def test_each_request_may_fail_once(
    through: Callable[[s3_proxy.Rule], Objects], tmp_path: Path, fate: Fate | Refusal
) -> None:
    """Small and large objects travel whole, though every third request comes to grief."""
    store = through(lambda request: fate if request.number % 3 == 1 else Fate.PASSES)
    store.write("w", b"written")
    store.write("c", b"created", create=True)
    data = os.urandom(20 << 20)
    (tmp_path / "up").write_bytes(data)
    store.upload("u", tmp_path / "up")
    store.download("u", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == data
    assert [store.read(name) for name in ("w", "c")] == [b"written", b"created"]
    assert (store.size("u"), list(store.names())) == (len(data), ["c", "u", "w"])
    store.delete("w")
    assert list(store.names()) == ["c", "u"]


@pytest.mark.parametrize("tls", [False, True])
def test_parts_that_share_memory_arrive_whole(
    server: Server, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, tls: bool
) -> None:
    """Twelve parts, two in flight: the memory of each is filled again while others travel."""
    radosgw.settle(monkeypatch, server.environment(tls=tls))
    transfer = "[default]\ns3 =\n  multipart_chunksize = 5MB\n  max_concurrent_requests = 2\n"
    (tmp_path / "config").write_text(transfer)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    data = os.urandom((60 << 20) + 1)
    (tmp_path / "up").write_bytes(data)
    store = open_store(place)
    store.upload("u", tmp_path / "up")
    assert store.read("u") == data


def test_a_file_that_changes_while_it_is_uploaded_makes_no_object(
    server: Server, bucket: str, place: str, store: Objects, tmp_path: Path
) -> None:
    path = tmp_path / "up"
    path.write_bytes(bytes(40 << 20))

    class Shorter(type(path)):  # type: ignore[misc]
        """A file of which a megabyte is gone when it is read."""

        def stat(self, **told: bool) -> os.stat_result:
            found = super().stat(**told)
            return os.stat_result((*found[:6], found.st_size + (1 << 20), *found[7:10]))

    with pytest.raises(InputError, match="was changed while it was uploaded"):
        store.upload("u", Shorter(path))
    assert list(store.names()) == []
    prefix = place.rpartition("/")[2]
    left = server.client().list_multipart_uploads(Bucket=bucket, Prefix=prefix)
    assert "Uploads" not in left


def test_bytes_that_change_on_their_way_are_fetched_again(
    through: Callable[[s3_proxy.Rule], Objects], tmp_path: Path
) -> None:
    seen = []

    def rule(request: Request) -> Fate:
        seen.append(request.method)
        return Fate.IS_DAMAGED if seen.count("GET") in (1, 3) else Fate.PASSES

    store = through(rule)
    store.write("a", b"as it was")
    assert store.read("a") == b"as it was"
    store.download("a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"as it was"


def test_bytes_that_are_wrong_in_the_store_are_never_handed_out(
    server: Server, bucket: str, place: str, store: Objects, tmp_path: Path
) -> None:
    key = f"{place.rpartition('/')[2]}/a"
    wrong = {"sha256": hashlib.sha256(b"as it was").hexdigest()}
    server.client().put_object(Bucket=bucket, Key=key, Body=b"as it is", Metadata=wrong)
    for action in (lambda: store.read("a"), lambda: store.download("a", tmp_path / "a")):
        assert isinstance(radosgw.told_of(action), DamagedError)
    assert list(tmp_path.iterdir()) == []


# --- and besides ---


def test_what_others_wrote_can_be_read(
    server: Server, bucket: str, place: str, store: Objects, tmp_path: Path
) -> None:
    key = f"{place.rpartition('/')[2]}/theirs"
    server.client().put_object(Bucket=bucket, Key=key, Body=b"no digest")
    store.download("theirs", tmp_path / "theirs")
    assert (store.read("theirs"), (tmp_path / "theirs").read_bytes()) == (b"no digest",) * 2


def test_a_listing_of_several_pages_is_whole_and_sorted(store: Objects) -> None:
    """S3 lists a thousand names at a time."""
    wanted = [f"{number % 3}/{number:04}" for number in range(1100)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: store.write(name, b""), wanted))
    assert list(store.names()) == sorted(wanted)
    assert list(store.names("1/03")) == [name for name in sorted(wanted) if name[:4] == "1/03"]


def test_an_upload_that_never_ended_is_dropped(
    server: Server, bucket: str, place: str, store: Objects
) -> None:
    prefix, client = place.rpartition("/")[2], server.client()
    for key in (f"{prefix}/half", "others/half"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    store.drop_unfinished()
    left = {upload["Key"] for upload in client.list_multipart_uploads(Bucket=bucket)["Uploads"]}
    assert f"{prefix}/half" not in left
    assert "others/half" in left


def test_kubeflows_own_scheme_is_the_same_store(bucket: str, place: str, store: Objects) -> None:
    store.write("a", b"1")
    theirs = open_store(place.replace("s3://", "minio://"))
    assert theirs.read("a") == b"1"
    assert theirs.location("a").startswith(f"minio://{bucket}/")


def test_no_secret_is_shown(
    store: Objects, caplog: pytest.LogCaptureFixture, through: Callable[[s3_proxy.Rule], Objects]
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = through(lambda _: Refusal(403, "SignatureDoesNotMatch"))
    with pytest.raises(InputError) as caught:
        broken.write("a", b"")
    shown = [repr(store), str(vars(store)), repr(caught.value), repr(caught.value.__cause__)]
    assert SECRET_KEY not in " ".join([*shown, caplog.text])


def test_no_session_token_is_logged(
    place: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "planted-token-77aa")
    store = open_store(place)
    store.drop_unfinished()
    error = radosgw.told_of(lambda: store.read("a"))
    shown = [caplog.text, repr(error), repr(error.__cause__), repr(vars(store))]
    assert "planted-token-77aa" not in " ".join(shown)
