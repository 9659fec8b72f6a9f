"""Bringing objects of a remote repository here, and nothing else of it.

A `Remote` is a bare folder of ours that only ever fetches objects by their hashes, into packs. The
remote's refs, hooks, settings, submodules and tags have no way in; nothing is ever checked out.
"""

import base64
import json
import logging
import re
import shutil
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from codekiln.core.errors import InputError
from codekiln.core.git import running, trouble
from codekiln.core.git.command import Git, folder, last_words
from codekiln.core.git.repository import refuse_password
from codekiln.core.git.running import Bounds, StoppedError, Watched
from codekiln.core.git.trouble import MissingError

logger = logging.getLogger(__name__)

SCHEME = re.compile(r"^(https|http|ssh|git|file)://[^\x00-\x20]+$")

FETCH = (
    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no",
    "--no-auto-maintenance", "--no-show-forced-updates",
)  # fmt: skip

SETTINGS = {
    "protocol.allow": "never",
    # Objects stay in the pack they came in: no file for each, no second copy.
    "fetch.unpackLimit": "1",
    "fetch.writeCommitGraph": "false",
    "fetch.recurseSubmodules": "false",
    "transfer.bundleURI": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "credential.helper": "",
    "http.lowSpeedLimit": "1000",
    # A server that prepares a pack is silent for a while.
    "http.lowSpeedTime": "300",
    # index-pack keeps smaller blobs in memory; larger ones go through it in pieces.
    "core.bigFileThreshold": "4m",
    "core.deltaBaseCacheLimit": "16m",
    "pack.threads": "1",
}
NOT_ASKED = {"GIT_ASKPASS": "", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
"""Nobody sits there to type a password."""

COMMITS_ONLY, NO_FILES = "tree:0", "blob:none"
"""What a fetch leaves out: all but commits, or the contents of files."""


CONFIG = """[core]
	repositoryFormatVersion = 1
	bare = true
[extensions]
	partialClone = origin
[remote "origin"]
	promisor = true
	url = %s
"""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a remote that fails is asked again; the waits between double."""

    attempts: int = 5
    wait_s: float = 2.0
    longest_s: float = 60.0

    def before(self, attempt: int) -> float:
        """Return the seconds to wait before attempt number `attempt`; the first, 0, comes now."""
        return min(self.longest_s, self.wait_s * 2 ** (attempt - 1)) if attempt else 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a remote is talked to; setting `stop` ends what is under way."""

    bounds: Bounds = field(default_factory=Bounds)
    patience: Patience = field(default_factory=Patience)
    stop: threading.Event = field(default_factory=threading.Event)
    variables: Mapping[str, str] = field(default_factory=dict)


def credentials(server_url: str, token: str) -> dict[str, str]:
    """Return the variables that let git sign in to `server_url` with `token` ("" for none).

    They are settings by way of the environment, so no command line shows them, and they count for
    this server alone.
    """
    if not token:
        return {}
    word = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{server_url.rstrip('/')}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {word}",
    }


class Remote:
    """Objects of the repository at `url`, in the folder `path` that is this remote's alone.

    `fetched` counts the bytes of all that came, with git's index of it, whatever became of it.
    Raise InputError if `url` is none that git may fetch.
    """

    def __init__(self, url: str, path: Path, terms: Terms) -> None:
        scheme = SCHEME.match(url)
        refuse_password(url)
        if not scheme:
            raise InputError(
                f"{url!r} cannot be fetched: give a URL such as https://HOST/REPOSITORY"
            )
        self.url, self.path, self.terms = url, path, terms
        self.settings = {**SETTINGS, f"protocol.{scheme[1]}.allow": "always"}
        self.fetched = 0
        self.sign_in(terms.variables)
        self.clear()

    def sign_in(self, variables: Mapping[str, str]) -> None:
        """Talk to the remote with these variables from now on."""
        self.git = Git({**NOT_ASKED, **variables, "GIT_DIR": folder(self.path)}, self.settings)

    @property
    def objects(self) -> Path:
        """The folder of the objects that were fetched."""
        return self.path / "objects"

    def clear(self) -> None:
        """Begin anew with nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        (self.objects / "pack").mkdir(parents=True)
        (self.path / "refs").mkdir()
        (self.path / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
        # A partial clone by its settings: what a filter left out is not missed.
        (self.path / "config").write_text(CONFIG % json.dumps(self.url), encoding="utf-8")

    def size(self) -> int:
        """Return the bytes of what was fetched."""
        return running.size(self.objects)

    def packs(self) -> int:
        """Return the number of packs that were fetched."""
        return sum(1 for _ in self.objects.glob("pack/*.pack"))

    def fetch(
        self, shas: Iterable[str], without: str, tips: Sequence[str] | None = None
    ) -> set[str]:
        """Bring the objects `shas` and all they lead to `without` some (COMMITS_ONLY, NO_FILES).

        `tips` are commits that are here with their history; None if `shas` are no commits. Return
        those of `shas` that the remote does not have or cannot give. Raise RemoteGoneError if there
        is no such repository, ServiceError if it fails whatever is asked, TooLargeError if it
        sends too much, StoppedError.
        """
        wanted = list(dict.fromkeys(shas))
        groups, lost = [wanted] if wanted else [], set[str]()
        attempts, came, is_sick = self.terms.patience.attempts, False, False
        while groups:
            group = groups.pop()
            named = self.persist(group, options(without, tips), attempts)
            if named is None:
                came = True
            elif named or len(group) == 1:
                lost |= named or set(group)
                groups += [rest] if (rest := [sha for sha in group if sha not in lost]) else []
            else:
                # Something among them makes the remote fail: what, it does not say.
                attempts, is_sick, groups = 1, True, [*groups, *halves(group)]
        if is_sick and not came:
            raise trouble.lasting(b"it gave nothing of it", self.shown)
        return lost

    def persist(
        self, shas: Sequence[str], told: Sequence[str], attempts: int
    ) -> frozenset[str] | None:
        """Fetch `shas` with patience; None is success, else those that are known to be missing."""
        complaints: bytes | None = b""
        for attempt in range(attempts):
            self.wait(self.terms.patience.before(attempt), complaints or b"")
            complaints = self.run(told, shas)
            if complaints is None:
                return None
            error = trouble.final(complaints, self.shown)
            if isinstance(error, MissingError):
                return error.named & frozenset(shas)
            if error:
                raise error
        self.probe(complaints or b"")
        return frozenset()

    def wait(self, seconds: float, complaints: bytes) -> None:
        """Wait, and say for what; raise StoppedError when that is asked for."""
        if seconds:
            words = last_words(complaints)
            logger.warning("%s: %s; next try in %.0f s", self.shown, words, seconds)
        if self.terms.stop.wait(seconds):
            raise StoppedError

    def probe(self, complaints: bytes) -> None:
        """Raise what fits if the remote does not answer at all; `complaints` were its last."""
        worse = self.run(("ls-remote", "--quiet", "origin", "HEAD"), ())
        if worse is not None:
            shown = self.shown
            raise trouble.final(worse, shown) or trouble.lasting(worse or complaints, shown)

    def run(self, told: Sequence[str], given: Sequence[str]) -> bytes | None:
        """Run one git command that talks to the remote; return its complaints if it failed."""
        watched = Watched(self.objects, self.terms.bounds, self.terms.stop)
        held = self.size()
        with TemporaryFile() as complaints:
            try:
                code = running.run(self.git, told, given, complaints, watched)
            finally:
                self.sweep()
                self.fetched += max(0, self.size() - held)
            complaints.seek(0)
            return complaints.read(running.LONGEST_COMPLAINT) or b"\n" if code else None

    def sweep(self) -> None:
        """Remove what a git that was ended has left unfinished."""
        for path in (*self.objects.glob("pack/tmp_*"), *self.objects.glob("pack/*.keep")):
            path.unlink(missing_ok=True)

    @property
    def shown(self) -> str:
        """The URL as people may see it."""
        return re.sub(r"//[^/@]*@", "//", self.url)


def options(without: str, tips: Sequence[str] | None) -> tuple[str, ...]:
    """Return the git command that brings what its input names."""
    # Who wants single objects has nothing to say of history.
    plain = ("-c", "fetch.negotiationAlgorithm=noop") if tips is None else ()
    told = (f"--filter={without}", *(f"--negotiation-tip={tip}" for tip in tips or ()))
    return (*plain, *FETCH, *told, "--stdin", "origin")


def halves(group: Sequence[str]) -> list[list[str]]:
    """Cut a group of two or more in two."""
    middle = len(group) // 2
    return [list(group[:middle]), list(group[middle:])]
