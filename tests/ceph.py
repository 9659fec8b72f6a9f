"""One Ceph monitor, disk and gateway on loopback, kept until nobody uses them.

    python tests/ceph.py FOLDER

FOLDER/ready.json tells the ports once the gateway answers. See radosgw.py, which starts this.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

ACCESS_KEY = "testkey"
SECRET_KEY = "planted-secret-9f3b"  # noqa: S105 -- of a server that lives for one test run
PATIENCE_S = 180

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
keyring = /dev/null
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
mon max pg per osd = 1000
bluestore block size = 21474836480
osd memory target = 1073741824
run dir = {folder}
log file = {folder}/$name.log
log to stderr = false
err to stderr = false
mon cluster log to stderr = false
admin socket = {folder}/$name.asok
mon data = {folder}/mon
osd data = {folder}/osd
# What a user may have is looked up for each request, so that a test need not wait.
rgw bucket quota ttl = 0
rgw user quota bucket sync interval = 1
[client.rgw]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{http} ssl_endpoint=127.0.0.1:{https} \
ssl_certificate={folder}/server.pem ssl_private_key={folder}/server.key tcp_nodelay=1
"""


class Daemons:
    """The processes of one server, in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Choose ports, and write what the daemons read."""
        self.folder = folder
        self.http, self.https, self.monitor = free_ports(3)
        self.fsid = str(uuid.uuid4())
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        certify(folder)
        text = CONFIGURATION.format(
            fsid=self.fsid, folder=folder, monitor=self.monitor, http=self.http, https=self.https
        )
        (folder / "ceph.conf").write_text(text)

    def start(self) -> None:
        """Start all three, and make the user."""
        configured = ["-c", str(self.folder / "ceph.conf")]
        monmap = str(self.folder / "monmap")
        address = f"[v1:127.0.0.1:{self.monitor}]"
        said("monmaptool", "--create", "--addv", "a", address, "--fsid", self.fsid, monmap)
        said("ceph-mon", *configured, "--mkfs", "-i", "a", "--monmap", monmap)
        self.keep("mon", "ceph-mon", *configured, "-i", "a")
        disk = str(uuid.uuid4())
        said("ceph", *configured, "osd", "new", disk)
        said("ceph", *configured, "osd", "crush", "add", "osd.0", "1", "root=default")
        said("ceph-osd", *configured, "-i", "0", "--mkfs", "--osd-uuid", disk)
        self.keep("osd", "ceph-osd", *configured, "-i", "0")
        self.keep("rgw", "radosgw", *configured, "-n", "client.rgw")
        self.wait(("mon", "osd", "rgw"))
        user = ["--uid=dev", "--display-name=dev"]
        keys = [f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}"]
        said("radosgw-admin", *configured, "user", "create", *user, *keys)

    def keep(self, name: str, *command: str) -> None:
        """Start one daemon, which ends with this process."""
        alone = ["setpriv", "--pdeathsig", "KILL", *command, "-f"]
        with (self.folder / f"{name}.out").open("ab") as out:
            self.running[name] = subprocess.Popen(alone, stdout=out, stderr=out)

    def wait(self, names: tuple[str, ...]) -> None:
        """Wait until the gateway listens; a daemon that lost a race at its start gets another."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for name in names:
                if self.running[name].poll() is not None:
                    command = [str(word) for word in self.running[name].args][3:-1]  # type: ignore[union-attr]
                    self.keep(name, *command)
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.http)):
                return
            time.sleep(0.2)
        raise TimeoutError(f"no answer in {PATIENCE_S} s")

    def stop(self) -> None:
        """End all of them at once: nobody will read their data again."""
        for process in self.running.values():
            process.kill()
            process.wait()


def said(*command: str) -> str:
    """Run a program and return what it says; raises with what it complained of."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")
    return done.stdout


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def certify(folder: Path) -> None:
    """Make an authority of our own, and let it sign a certificate for this machine."""
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-batch"]
    authority = ["-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem"]
    said(*new, "-x509", "-days", "30", "-subj", "/CN=codekiln tests", *authority)
    server = ["-keyout", f"{folder}/server.key", "-out", f"{folder}/server.csr"]
    said(*new, "-subj", "/CN=localhost", *server)
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    signed = ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial"]
    into = ["-extfile", f"{folder}/names", "-out", f"{folder}/server.pem", "-days", "30"]
    said("openssl", "x509", "-req", "-in", f"{folder}/server.csr", *signed, *into)


@contextlib.contextmanager
def locked(path: Path, kind: int) -> Iterator[None]:
    """Lock the file `path`, however long that takes."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, kind)
    try:
        yield
    finally:
        os.close(descriptor)


def keep(folder: Path) -> None:
    """Run a server in `folder` until nobody uses it."""
    daemons = Daemons(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        daemons.start()
        partial = folder / "ready.partial"
        partial.write_text(json.dumps({"http": daemons.http, "https": daemons.https}))
        partial.rename(folder / "ready.json")
        with locked(folder / "users", fcntl.LOCK_EX):
            pass
    finally:
        daemons.stop()
    shutil.rmtree(folder)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
