"""An S3 server that costs next to nothing, so that a transfer takes what its client takes.

    python tests/core/storage/free_s3.py FILE [CERTIFICATE KEY]

Prints its port. Whatever is asked for is FILE, sent by the kernel out of memory (over TLS it must
be encrypted, which no server can avoid); whatever comes is dropped. For bench/storage.py --free.
"""

import hashlib
import http.server
import os
import re
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

BEGUN = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
ENDED = "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>"
PIECE = 1 << 18


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    server: "Free"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def begin(self, status: int, size: int) -> None:
        """Send the start of an answer whose body has `size` bytes."""
        self.send_response(status)
        self.send_header("Content-Length", str(size))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", self.date_time_string())
        self.send_header("x-amz-meta-sha256", self.server.digest)

    def do_GET(self) -> None:
        """Send the range that is asked for, or all; to HEAD its size alone."""
        size = os.fstat(self.server.file).st_size
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2] or size - 1)) if asked else (0, size - 1)
        stop = min(last + 1, size)
        self.begin(206 if asked else 200, stop - first)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{stop - 1}/{size}")
        self.end_headers()
        while self.command == "GET" and first < stop:
            first += self.send(first, stop - first)

    def send(self, start: int, size: int) -> int:
        """Send some bytes from `start`; return how many."""
        if isinstance(self.connection, ssl.SSLSocket):
            return self.connection.send(os.pread(self.server.file, min(size, PIECE), start))
        return os.sendfile(self.connection.fileno(), self.server.file, start, size)

    def do_PUT(self) -> None:
        """Drop what comes, and answer as S3 does."""
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        left = int(self.headers.get("Content-Length", 0))
        while left and (got := self.rfile.read(min(left, PIECE))):
            left -= len(got)
        posted = ENDED if "uploadId" in self.path else BEGUN
        answer = posted.encode() if self.command == "POST" else b""
        self.begin(200, len(answer))
        self.end_headers()
        self.wfile.write(answer)

    def do_HEAD(self) -> None:
        """Tell the size."""
        self.do_GET()

    def do_POST(self) -> None:
        """Begin or end an upload in parts."""
        self.do_PUT()


class Free(http.server.ThreadingHTTPServer):
    """Serves one file."""

    daemon_threads = True

    def __init__(self, path: Path, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.file, self.context = os.open(path, os.O_RDONLY), context
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()

    def finish_request(self, request: object, client_address: object) -> None:
        """Shake hands in the thread of the connection."""
        assert isinstance(request, socket.socket)
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        Handler(request, client_address, self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients hang up."""


def main(argv: Sequence[str]) -> None:
    """Serve until killed."""
    context = None
    if argv[1:]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*argv[1:])
    with Free(Path(argv[0]), context) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
