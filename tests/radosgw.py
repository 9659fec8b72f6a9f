"""A real S3 server for tests: Ceph's radosgw on loopback, one for all workers of a test run.

    server = radosgw.server()

The first who asks starts a keeper (`python tests/ceph.py FOLDER`), which stops the server when
nobody holds the file `users` locked any more. A lock ends with its process, so nothing is left
running after a test run, however that ended.
"""

import dataclasses
import fcntl
import functools
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import botocore.config
import botocore.session
import ceph
import pytest

from codekiln.core.errors import CodekilnError

PROGRAMS = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "monmaptool", "openssl")
INSTALL = "apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common openssl"
ACCESS_KEY, SECRET_KEY = ceph.ACCESS_KEY, ceph.SECRET_KEY


@dataclasses.dataclass(frozen=True, kw_only=True)
class Server:
    """A running server, over HTTP and over TLS."""

    folder: Path
    http: int
    https: int

    @property
    def authority(self) -> Path:
        """Return the certificate that signed the server's own."""
        return self.folder / "ca.pem"

    def endpoint(self, *, tls: bool = False) -> str:
        """Return the URL of the server."""
        return f"https://localhost:{self.https}" if tls else f"http://127.0.0.1:{self.http}"

    def environment(self, *, tls: bool = False) -> dict[str, str]:
        """Return the variables by which every S3 client finds the server."""
        found = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_ENDPOINT_URL": self.endpoint(tls=tls),
            "AWS_REGION": "us-east-1",
            **NOWHERE,
        }
        return {**found, "AWS_CA_BUNDLE": str(self.authority)} if tls else found

    def client(self, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Any:
        """Return AWS's own client, for what ours does not do."""
        return botocore.session.get_session().create_client(
            "s3",
            endpoint_url=self.endpoint(),
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=botocore.config.Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )

    def new_bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"test-{secrets.token_hex(8)}"
        self.client().create_bucket(Bucket=name)
        return name

    def admin(self, *words: str) -> str:
        """Run radosgw-admin and return what it says."""
        return ceph.said("radosgw-admin", "-c", str(self.folder / "ceph.conf"), *words)


NOWHERE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Settings that hide what this machine says of AWS."""


def settle(monkeypatch: pytest.MonkeyPatch, told: Mapping[str, str]) -> None:
    """Let AWS's variables be `told` alone, for one test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**NOWHERE, **told}.items():
        monkeypatch.setenv(name, value)


def told_of(action: Callable[[], object]) -> CodekilnError:
    """Return the error of `action`, which is one line and holds no secret."""
    with pytest.raises(CodekilnError) as caught:
        action()
    assert "\n" not in str(caught.value)
    assert SECRET_KEY not in repr(caught.value)
    return caught.value


@functools.cache
def server() -> Server:
    """Return the server of this test run, started if it is not there yet.

    It is kept until this process ends. Raises RuntimeError where Ceph is not installed.
    """
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise RuntimeError(f"no {', '.join(missing)}; to run the tests marked s3: {INSTALL}")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"codekiln-radosgw-{run}"
    folder.mkdir(exist_ok=True)
    # Never closed: it stays locked as long as this process lives.
    fcntl.flock(os.open(folder / "users", os.O_RDWR | os.O_CREAT), fcntl.LOCK_SH)
    with ceph.locked(folder / "starting", fcntl.LOCK_EX):
        return ready(folder) or start_keeper(folder)


def ready(folder: Path) -> Server | None:
    """Return the server in `folder`, if it answers."""
    try:
        return Server(folder=folder, **json.loads((folder / "ready.json").read_text()))
    except FileNotFoundError:
        return None


def start_keeper(folder: Path) -> Server:
    """Start the process that keeps the server, and wait until that answers."""
    with (folder / "keeper.log").open("w") as log:
        keeper = subprocess.Popen(
            [sys.executable, ceph.__file__, str(folder)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    while keeper.poll() is None:
        if found := ready(folder):
            keeper.returncode = 0  # it outlives us, and Python need not complain of that
            return found
        time.sleep(0.1)
    raise RuntimeError(f"radosgw did not start: {(folder / 'keeper.log').read_text()[-2000:]}")
