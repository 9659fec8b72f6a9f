import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from histories import environment, git, text
from processes import is_gone, soon
from pull_histories import IMPATIENT, served, url

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.git import running
from codekiln.core.git.remote import (
    COMMITS_ONLY,
    NO_FILES,
    Patience,
    Remote,
    Terms,
    credentials,
)
from codekiln.core.git.running import Bounds, StoppedError, TooLargeError
from codekiln.core.git.trouble import RemoteGoneError

LOST = "1" * 40


def objects(remote: Remote) -> set[str]:
    """Return what is in the packs of `remote`."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)"],
        env={**environment(), "GIT_DIR": str(remote.path), "GIT_NO_LAZY_FETCH": "1"},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return set(listed.stdout.split())


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a `git` of ours that comes before the real one, and counts its calls."""
    folder = tmp_path / "shim"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def stand_in(shim: Path, script: str) -> None:
    """Let `git fetch` do what `script` says; `$N` is how often it was called before."""
    real = subprocess.run(["which", "-a", "git"], capture_output=True, check=True, text=True)
    git_itself = next(p for p in real.stdout.split("\n") if not p.startswith(str(shim)))
    lines = [
        "#!/bin/bash",
        f'real() {{ exec {git_itself} "$@"; }}',
        '[[ " $* " == *" fetch "* ]] || real "$@"',
        f"N=$(cat {shim}/calls 2>/dev/null || echo 0); echo $((N + 1)) > {shim}/calls",
        script,
    ]
    (shim / "git").write_text("\n".join(lines) + "\n")
    (shim / "git").chmod(0o755)


def calls(shim: Path) -> int:
    return int((shim / "calls").read_text())


def test_commits_come_without_trees_and_trees_without_files(tmp_path: Path) -> None:
    made = served(tmp_path / "source.git")
    first = made.commit({"a": "1", "d/b": "2"})
    second = made.commit({"a": "3"}, "second", [first])
    remote = Remote(url(made), tmp_path / "remote", IMPATIENT)
    assert remote.fetch([second], COMMITS_ONLY, []) == set()
    assert objects(remote) == {first, second}
    root = text(made.path, "rev-parse", f"{second}^{{tree}}")
    assert remote.fetch([root], NO_FILES) == set()
    folder = text(made.path, "rev-parse", f"{second}:d")
    assert objects(remote) == {first, second, root, folder}
    blob = text(made.path, "rev-parse", f"{second}:a")
    assert remote.fetch([blob], NO_FILES) == set()
    assert objects(remote) == {first, second, root, folder, blob}
    assert git(remote.path, "for-each-ref") == b""


def test_what_is_new_comes_alone_where_the_old_is_named(tmp_path: Path) -> None:
    made = served(tmp_path / "source.git")
    tip = list[str]()
    for number in range(200):
        tip = [made.raw("4b825dc642cb6eb9a060e54bf8d69288fbee4904", tip, f"{number:0900}")]
    made.tree({})
    remote = Remote(url(made), tmp_path / "remote", IMPATIENT)
    remote.fetch(tip, COMMITS_ONLY, [])
    size = remote.size()
    following = made.raw("4b825dc642cb6eb9a060e54bf8d69288fbee4904", tip, "next")
    assert remote.fetch([following], COMMITS_ONLY, tip) == set()
    assert remote.size() - size < size / 5
    assert remote.packs() == 2


def test_what_the_remote_lacks_is_named_and_the_rest_comes_in_few_calls(
    tmp_path: Path, shim: Path
) -> None:
    made = served(tmp_path / "source.git")
    tips = [made.commit({"a": str(n)}, str(n)) for n in range(50)]
    lost = {f"{n:040x}" for n in range(1, 4)}
    stand_in(shim, 'real "$@"')
    remote = Remote(url(made), tmp_path / "remote", IMPATIENT)
    assert remote.fetch([*tips, *lost], COMMITS_ONLY, []) == lost
    assert set(tips) <= objects(remote)
    assert calls(shim) <= len(lost) + 1


def test_a_remote_that_names_nobody_is_asked_for_half_after_half(tmp_path: Path) -> None:
    made = served(tmp_path / "source.git")
    tips = [made.commit({"a": str(n)}, str(n)) for n in range(20)]
    trees = [text(made.path, "rev-parse", f"{tip}^{{tree}}") for tip in tips]
    folder = made.commit({"d/e": "x"}, "deep")
    deep = text(made.path, "rev-parse", f"{folder}^{{tree}}")
    made.remove(text(made.path, "rev-parse", f"{folder}:d"))
    remote = Remote(url(made), tmp_path / "remote", IMPATIENT)
    assert remote.fetch([*trees, deep], NO_FILES) == {deep}
    assert set(trees) <= objects(remote)


def test_a_remote_that_recovers_is_asked_again_with_patience(
    tmp_path: Path, shim: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = served(tmp_path / "source.git")
    sha = made.commit({"a": "1"})
    stand_in(shim, 'if [ $N -lt 2 ]; then echo "fatal: early EOF" >&2; exit 128; fi; real "$@"')
    terms = Terms(patience=Patience(attempts=3, wait_s=0.05))
    start = time.monotonic()
    assert Remote(url(made), tmp_path / "remote", terms).fetch([sha], COMMITS_ONLY, []) == set()
    assert time.monotonic() - start > 0.15
    assert calls(shim) == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"{url(made)}: early EOF; next try in {seconds} s" for seconds in (0, 0)
    ]


def test_a_remote_that_gives_nothing_is_a_failed_service_not_a_lost_pull_request(
    tmp_path: Path, shim: Path
) -> None:
    made = served(tmp_path / "source.git")
    tips = [made.commit({"a": str(n)}, str(n)) for n in range(4)]
    stand_in(shim, 'echo "error: RPC failed; HTTP 502" >&2; exit 128')
    with pytest.raises(ServiceError, match="check the network and run again"):
        Remote(url(made), tmp_path / "remote", IMPATIENT).fetch(tips, COMMITS_ONLY, [])


def test_a_host_that_does_not_answer_is_a_failed_service(tmp_path: Path) -> None:
    remote = Remote("http://127.0.0.1:9/acme/router.git", tmp_path / "remote", IMPATIENT)
    with pytest.raises(ServiceError, match=r"^http://127\.0\.0\.1:9/acme/router\.git did not"):
        remote.fetch([LOST], COMMITS_ONLY, [])


def test_a_repository_that_is_gone_is_asked_once(tmp_path: Path, shim: Path) -> None:
    stand_in(shim, 'real "$@"')
    remote = Remote(f"file://{tmp_path}/none.git", tmp_path / "remote", IMPATIENT)
    with pytest.raises(RemoteGoneError, match="does not appear to be a git repository"):
        remote.fetch([LOST, "2" * 40], COMMITS_ONLY, [])
    assert calls(shim) == 1


def test_a_full_disk_is_told_at_once(tmp_path: Path, shim: Path) -> None:
    stand_in(shim, 'echo "fatal: write error: No space left on device" >&2; exit 128')
    with pytest.raises(ServiceError, match="free some space"):
        Remote("file:///x", tmp_path / "remote", IMPATIENT).fetch([LOST], COMMITS_ONLY, [])
    assert calls(shim) == 1


@pytest.mark.parametrize("how", ["stop", "time", "size"])
def test_whatever_ends_a_fetch_ends_all_that_it_started(
    tmp_path: Path, shim: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "POLL_S", 0.02)
    write = "head -c 9999 /dev/zero > $GIT_DIR/objects/pack/tmp_x"
    child = tmp_path / "child"
    stand_in(shim, f"sleep 60 & echo $! > {child}; {write}; wait")
    bounds = {
        "stop": Bounds(), "time": Bounds(seconds=1), "size": Bounds(bytes=5000),
    }[how]  # fmt: skip
    expected = {"stop": StoppedError, "time": ServiceError, "size": TooLargeError}[how]
    terms = Terms(bounds=bounds, patience=Patience(attempts=1))
    remote = Remote(f"file://{tmp_path}/none.git", tmp_path / "remote", terms)
    unfinished = remote.objects / "pack" / "tmp_x"
    if how == "time":
        monkeypatch.setattr(Remote, "probe", never_answers)
    if how == "stop":
        threading.Thread(target=stop_after, args=(unfinished, terms)).start()
    with pytest.raises(expected):
        remote.fetch([LOST], COMMITS_ONLY, [])
    assert soon(lambda: is_gone(int(child.read_text())))
    assert not unfinished.exists()


def stop_after(begun: Path, terms: Terms) -> None:
    """Ask to stop once there is something to leave unfinished."""
    assert soon(begun.exists)
    terms.stop.set()


def never_answers(_remote: Remote, complaints: bytes) -> None:
    """Stand for a host that is silent."""
    raise ServiceError(f"silent: {complaints!r}")


@pytest.mark.parametrize(
    "wrong",
    [
        "ext::sh -c true",
        "--upload-pack=true",
        "/etc",
        "git@github.com:a/b",
        "fd::3",
        "https://a b/",
    ],
)
def test_only_urls_of_known_kinds_are_fetched(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InputError, match="give a URL"):
        Remote(wrong, tmp_path / "remote", IMPATIENT)


def test_a_redirection_to_another_protocol_is_not_followed(tmp_path: Path) -> None:
    remote = Remote("https://example.org/x.git", tmp_path / "remote", IMPATIENT)
    for other in ("file", "ext", "ssh", "http"):
        done = remote.git.attempt("ls-remote", f"{other}://x{tmp_path}")
        assert b"not allowed" in done.stderr


def test_a_token_is_in_the_environment_of_git_and_for_its_server_alone(tmp_path: Path) -> None:
    told = credentials("https://github.com/", "s3cret")
    remote = Remote("https://github.com/a/b.git", tmp_path / "remote", Terms(variables=told))
    assert "s3cret" not in " ".join(remote.git.argv("fetch"))
    assert not any("s3cret" in str(path) or b"s3cret" in path.read_bytes()
                   for path in remote.path.rglob("*") if path.is_file())  # fmt: skip
    header = remote.git.text(
        "config", "--get-urlmatch", "http.extraHeader", "https://github.com/a/b"
    )
    assert header.startswith("Authorization: Basic ")
    other = remote.git.attempt("config", "--get-urlmatch", "http.extraHeader", "https://evil.org/")
    assert other.stdout == b""
    assert credentials("https://github.com", "") == {}


def test_nothing_that_the_remote_says_runs_anything_here(tmp_path: Path) -> None:
    made = served(tmp_path / "source.git")
    sha = made.commit({"a": "1", ".gitattributes": "* filter=x\n"})
    made.ref("refs/heads/main", sha)
    mark = tmp_path / "ran"
    for hook in ("post-fetch", "reference-transaction", "post-checkout"):
        path = made.path / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    git(made.path, "config", "core.sshCommand", f"touch {mark}")
    git(made.path, "config", "core.fsmonitor", f"touch {mark}")
    remote = Remote(url(made), tmp_path / "remote", IMPATIENT)
    remote.fetch([sha], NO_FILES, [])
    assert not mark.exists()
    assert not (remote.path / "hooks").exists()
