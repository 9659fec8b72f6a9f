"""Measure core/storage against boto3's defaults and bare obstore, on a real server, in one run.

    python bench/storage.py [--rounds N] [--mib 1024] [--files 2000] [--kib 100] [--tls] [--free]

The server is Ceph's radosgw on this machine (see tests/radosgw.py), so its CPU is part of what each
client waits for; with --free it is one that costs next to nothing, as a server elsewhere does, and
only the large file travels. A transfer runs in a process of its own, which counts its wall time,
its CPU and its peak memory from the first request on: loading a library is not counted. The clients
take turns, and the median of the rounds counts. Who is who:

  ours         core/storage: every byte has its SHA-256 before it leaves and after it comes
  boto3        upload_file and download_file as they come: 8 MiB parts, ten threads to an object
  boto3-pool   the same from a pool of ten threads, as one does it with many files: the peer there
  obstore      the Rust client under ours, bare: no digest, its own defaults; 32 threads for many
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import radosgw

FREE = Path(radosgw.__file__).parent / "core" / "storage" / "free_s3.py"

GOAL = 0.6
TASKS = ("up", "down", "up-many", "down-many")
CLIENTS = ("ours", "boto3", "boto3-pool", "obstore")
POOL = 10
MANY = 32
"""Transfers at once of bare obstore."""

Row = dict[str, Any]


# --- the clients: each moves one file, or a folder of files, under or from a prefix ---


class Ours:
    """core/storage, as the phases use it."""

    def __init__(self, bucket: str) -> None:
        from codekiln.core.storage import folders
        from codekiln.core.storage.objects import open_store

        self.store, self.folders = open_store(f"s3://{bucket}"), folders

    def up(self, path: Path, name: str) -> None:
        """Write one file."""
        self.store.upload(name, path)

    def down(self, path: Path, name: str) -> None:
        """Fetch one file."""
        self.store.download(name, path)

    def up_many(self, folder: Path, prefix: str) -> None:
        """Write all files of a folder."""
        self.folders.upload(self.store, folder, prefix)

    def down_many(self, folder: Path, prefix: str) -> None:
        """Fetch all files under a prefix."""
        self.folders.download(self.store, folder, prefix)


class Boto3:
    """boto3 as it comes."""

    def __init__(self, bucket: str) -> None:
        import boto3
        from botocore.config import Config

        self.bucket = bucket
        pooled = Config(s3={"addressing_style": "path"}, max_pool_connections=POOL)
        self.client = boto3.client("s3", config=pooled)

    def up(self, path: Path, name: str) -> None:
        """Write one file."""
        self.client.upload_file(str(path), self.bucket, name)

    def down(self, path: Path, name: str) -> None:
        """Fetch one file."""
        self.client.download_file(self.bucket, name, str(path))

    def each(self, move: Callable[[str], None], names: Sequence[str]) -> None:
        """Move one file after the other."""
        for name in names:
            move(name)

    def up_many(self, folder: Path, prefix: str) -> None:
        """Write all files of a folder."""
        names = [path.name for path in sorted(folder.iterdir())]
        self.each(lambda name: self.up(folder / name, f"{prefix}/{name}"), names)

    def down_many(self, folder: Path, prefix: str) -> None:
        """Fetch all files under a prefix."""
        pages = self.client.get_paginator("list_objects_v2")
        listed = pages.paginate(Bucket=self.bucket, Prefix=f"{prefix}/")
        names = [entry["Key"] for page in listed for entry in page["Contents"]]
        self.each(lambda name: self.down(folder / name.rpartition("/")[2], name), names)


class Boto3Pool(Boto3):
    """boto3 from ten threads."""

    def each(self, move: Callable[[str], None], names: Sequence[str]) -> None:
        """Move ten files at a time."""
        with ThreadPoolExecutor(POOL) as pool:
            list(pool.map(move, names))


class Obstore:
    """obstore without anything of ours."""

    def __init__(self, bucket: str) -> None:
        import obstore
        from obstore.store import S3Store

        self.obstore = obstore
        certificates = os.environ.get("AWS_CA_BUNDLE")
        options: Any = {"allow_http": True, "timeout": "5m"}
        if certificates:
            options["root_certificate"] = Path(certificates).read_bytes()
        self.store = S3Store(bucket, client_options=options)

    def up(self, path: Path, name: str) -> None:
        """Write one file."""
        self.obstore.put(self.store, name, path)

    def down(self, path: Path, name: str) -> None:
        """Fetch one file."""
        with path.open("wb") as file:
            for piece in self.obstore.get(self.store, name).stream():
                file.write(piece)

    def up_many(self, folder: Path, prefix: str) -> None:
        """Write all files of a folder."""
        with ThreadPoolExecutor(MANY) as pool:
            list(pool.map(lambda path: self.up(path, f"{prefix}/{path.name}"), folder.iterdir()))

    def down_many(self, folder: Path, prefix: str) -> None:
        """Fetch all files under a prefix."""
        names = [e["path"] for page in self.obstore.list(self.store, prefix) for e in page]
        with ThreadPoolExecutor(MANY) as pool:
            list(pool.map(lambda name: self.down(folder / name.rpartition("/")[2], name), names))


MAKERS: dict[str, Callable[[str], Any]] = {
    "ours": Ours, "boto3": Boto3, "boto3-pool": Boto3Pool, "obstore": Obstore,
}  # fmt: skip


# --- one transfer, in a process of its own ---


def transfer(task: str, client: str, bucket: str, path: Path) -> Row:
    """Do `task` and return what it took."""
    move = getattr(MAKERS[client](bucket), task.replace("-", "_"))
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    move(path, f"{client}/{'many' if 'many' in task else 'large'}")
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "cpu_s": cpu, "peak_mib": after.ru_maxrss / 1024}


def measured(task: str, client: str, bucket: str, data: Path) -> Row:
    """Run one transfer and return what it took."""
    source = data / ("many" if "many" in task else "large")
    with tempfile.TemporaryDirectory(dir=data) as scratch:
        into = source if task.startswith("up") else Path(scratch) / "got"
        if task == "down-many":
            into.mkdir()
        words = [sys.executable, __file__, "--transfer", task, client, bucket, str(into)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        if task.startswith("down") and size(into) != size(source):
            raise SystemExit(f"{client} fetched {size(into)} bytes of {size(source)}")
        if client == "ours" and task == "down":
            subprocess.run(["cmp", str(into), str(source)], check=True)
    found: Row = json.loads(done.stdout)
    return found


def size(path: Path) -> int:
    """Return the bytes of a file, or of the files of a folder."""
    return sum(p.stat().st_size for p in path.iterdir()) if path.is_dir() else path.stat().st_size


# --- all of them, in turn ---


def make(data: Path, told: argparse.Namespace) -> None:
    """Write what is to be moved: bytes that nothing can compress."""
    with (data / "large").open("wb") as file:
        for _ in range(told.mib):
            file.write(os.urandom(1 << 20))
    (data / "many").mkdir()
    for number in range(told.files):
        (data / "many" / f"{number:06d}.bin").write_bytes(os.urandom(told.kib << 10))


def compare(bucket: str, data: Path, told: argparse.Namespace) -> dict[tuple[str, str], Row]:
    """Return the median round of each task and client."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for number in range(1, told.rounds + 1):
        for task in TASKS[:2] if told.free else TASKS:
            # One file, one object: the pool is for many.
            for client in [c for c in CLIENTS if "many" in task or c != "boto3-pool"]:
                found = measured(task, client, bucket, data)
                print(f"round {number}: {task:10}{client:12}{found['wall_s']:8.2f} s", flush=True)
                rows.setdefault((task, client), []).append(found)
    return {
        each: {key: statistics.median(row[key] for row in found) for key in found[0]}
        for each, found in rows.items()
    }


def tell(medians: dict[tuple[str, str], Row]) -> None:
    """Print a line for each task and client, with our share of its wall time and CPU."""
    print(f"\n{'task':10}{'client':12}{'wall s':>8}{'CPU s':>8}{'MiB':>7}{'ours/it':>9}{'CPU':>7}")
    for (task, client), row in medians.items():
        ours = medians[task, "ours"]
        share, cpu = ours["wall_s"] / row["wall_s"], ours["cpu_s"] / row["cpu_s"]
        peer = client == ("boto3-pool" if "many" in task else "boto3")
        verdict = ("  ok" if share <= GOAL else f"  MISSED: goal {GOAL}") if peer else ""
        figures = f"{row['wall_s']:8.2f}{row['cpu_s']:8.2f}{row['peak_mib']:7.0f}"
        print(f"{task:10}{client:12}{figures}{share:9.2f}{cpu:7.2f}{verdict}")


@contextlib.contextmanager
def free(server: radosgw.Server, data: Path, *, tls: bool) -> Iterator[None]:
    """Let a server that costs next to nothing stand in for `server`, for a block."""
    certificate = [str(server.folder / name) for name in ("server.pem", "server.key")]
    words = [sys.executable, str(FREE), str(data / "large"), *(certificate if tls else [])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        where = "https://localhost" if tls else "http://127.0.0.1"
        os.environ["AWS_ENDPOINT_URL"] = f"{where}:{process.stdout.readline().strip()}"
        try:
            yield
        finally:
            process.kill()


def main(argv: Sequence[str]) -> None:
    """Run one transfer, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mib", type=int, default=1024, help="size of the large object")
    parser.add_argument("--files", type=int, default=2000, help="number of small objects")
    parser.add_argument("--kib", type=int, default=100, help="size of each")
    parser.add_argument("--tls", action="store_true", help="over TLS, not HTTP")
    parser.add_argument("--free", action="store_true", help="a server that costs nothing")
    parser.add_argument("--transfer", nargs=4, help=argparse.SUPPRESS)
    told = parser.parse_args(argv)
    if told.transfer:
        task, client, bucket, path = told.transfer
        print(json.dumps(transfer(task, client, bucket, Path(path))))
        return
    server = radosgw.server()
    os.environ.update(server.environment(tls=told.tls))
    if told.tls:
        # boto3's own default over TLS, a checksum behind the body, is refused by radosgw 16 (411).
        os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        make(Path(scratch), told)
        bucket = server.new_bucket()
        if told.free:
            stack.enter_context(free(server, Path(scratch), tls=told.tls))
        tell(compare(bucket, Path(scratch), told))


if __name__ == "__main__":
    main(sys.argv[1:])
