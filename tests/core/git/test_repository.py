import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from histories import environment, git, history, line, text

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.git import graph
from codekiln.core.git.repository import Repository, name_of, opened, refuse_password, unreachable


def commits_of(source: str) -> int:
    with opened(source) as repository:
        return len(graph.read(repository))


OPENS = """
import sys
from codekiln.core.git.repository import opened
with opened(sys.argv[1]):
    print("opened", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_uses_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, place = line(tmp_path / "source.git", 1), tmp_path / "shared"
    place.mkdir()
    run = [sys.executable, "-c", OPENS, str(made.path)]
    told = {**os.environ, "TMPDIR": str(place)}
    pipe = subprocess.PIPE
    with subprocess.Popen(run, env=told, stdin=pipe, stdout=pipe) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == b"opened\n"
        left = list(place.iterdir())
        with subprocess.Popen(run, env=told, stdin=pipe, stdout=pipe) as living:
            assert living.stdout
            assert living.stdout.readline() == b"opened\n"
            both = set(place.iterdir())
            killed.send_signal(signal.SIGKILL)
            killed.wait()
            assert set(place.iterdir()) == both
            monkeypatch.setattr("tempfile.tempdir", str(place))
            with opened(str(made.path)) as repository:
                assert set(left).isdisjoint(place.iterdir())
                assert both - set(left) < set(place.iterdir())
                assert len(graph.read(repository)) == 1
            living.communicate()
            assert living.returncode == 0
    assert not list(place.iterdir())


def names(repository: Repository) -> list[str]:
    return [ref.name for ref in repository.refs]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a repository with a work tree, a subfolder and two commits."""
    made = line(tmp_path / "bare.git", 2)
    run = ["git", "clone", "--quiet", str(made.path), str(tmp_path / "work")]
    subprocess.run(run, env=environment(), check=True)
    (tmp_path / "work" / "sub" / "folder").mkdir(parents=True)
    return tmp_path / "work"


def test_a_bare_repository_a_work_tree_its_git_folder_and_a_subfolder_are_all_one(
    checkout: Path,
) -> None:
    for source in (checkout, checkout / ".git", checkout / "sub" / "folder", checkout / "a.txt"):
        assert commits_of(str(source)) == 2
    assert commits_of(str(checkout.parent / "bare.git")) == 2


def test_branches_remote_branches_tags_and_other_refs_are_all_there(checkout: Path) -> None:
    git(checkout, "tag", "v1", "HEAD~1")
    git(checkout, "update-ref", "refs/stash", "HEAD")
    with opened(str(checkout)) as repository:
        assert names(repository) == [
            "refs/heads/main", "refs/remotes/origin/main", "refs/stash", "refs/tags/v1",
        ]  # fmt: skip
        assert [ref.short for ref in repository.refs if ref.is_branch] == ["main", "origin/main"]


def test_an_annotated_tag_of_a_tag_leads_to_its_commit(tmp_path: Path) -> None:
    made = line(tmp_path, 1)
    told = ("-c", "user.name=n", "-c", "user.email=e", "-c", "advice.nestedTag=false")
    git(tmp_path, *told, "tag", "-a", "-m", "x", "inner", "main")
    git(tmp_path, *told, "tag", "-a", "-m", "x", "outer", "inner")
    with opened(str(made.path)) as repository:
        assert {ref.commit for ref in repository.refs} == {text(tmp_path, "rev-parse", "main")}


def test_the_heads_of_linked_worktrees_count_and_one_may_be_opened(checkout: Path) -> None:
    linked = checkout.parent / "linked"
    git(checkout, "worktree", "add", "--quiet", "--detach", str(linked))
    (linked / "new").write_text("x\n")
    git(linked, "add", "-A")
    git(linked, "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "lonely")
    assert commits_of(str(checkout)) == commits_of(str(linked)) == 3


def test_objects_borrowed_from_elsewhere_are_found(checkout: Path) -> None:
    borrower = checkout.parent / "borrower"
    again = checkout.parent / "again"
    for source, into in ((checkout, borrower), (borrower, again)):
        run = ["git", "clone", "--quiet", "--bare", "--shared", str(source), str(into)]
        subprocess.run(run, env=environment(), check=True)
    assert commits_of(str(again)) == 2


def test_a_repository_of_sha256_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", "--template=")
    tree = git(tmp_path, "mktree").decode().strip()
    told = ("-c", "user.name=n", "-c", "user.email=e")
    sha = git(tmp_path, *told, "commit-tree", "-m", "x", tree).decode().strip()
    git(tmp_path, "update-ref", "refs/heads/main", sha)
    assert commits_of(str(tmp_path)) == 1


def test_a_url_is_cloned_with_its_branches_tags_and_remote_branches(checkout: Path) -> None:
    git(checkout, "tag", "v1", "HEAD~1")
    git(checkout, "update-ref", "refs/pull/1/head", "HEAD")
    with opened(f"file://{checkout}", checkout.parent / "scratch") as repository:
        assert names(repository) == ["refs/heads/main", "refs/remotes/origin/main", "refs/tags/v1"]
        assert repository.head == text(checkout, "rev-parse", "HEAD")
        assert len(graph.read(repository)) == 2
    assert list((checkout.parent / "scratch").iterdir()) == []


def test_a_url_of_a_detached_head_brings_its_commit(tmp_path: Path) -> None:
    made = line(tmp_path / "bare.git", 1)
    lonely = made.commit({"b": "b\n"}, "lonely", [text(made.path, "rev-parse", "main")])
    (made.path / "HEAD").write_text(lonely + "\n")
    assert commits_of(f"file://{made.path}") == 2


def test_a_url_of_nothing_and_of_an_empty_repository_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be cloned"):
        commits_of(f"file://{tmp_path}/nowhere")
    history(tmp_path / "empty")
    with pytest.raises(InputError, match="no commits"):
        commits_of(f"file://{tmp_path}/empty")


def test_a_url_that_runs_a_command_is_no_url(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        commits_of(f"ext::sh -c touch% {tmp_path}/sprung")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "begun",
    [
        "https://me:secret", "https://:secret", "https://me:se@secret", "ssh://me:secret",
        # A token needs no user beside it.
        "https://secret", "HTTP://secret", " https://secret", "https://git@secret",
    ],
)  # fmt: skip
def test_a_url_that_carries_a_secret_is_refused_and_not_repeated(begun: str) -> None:
    with pytest.raises(InputError, match="git credential helper") as refusal:
        commits_of(f"{begun}@host.invalid/r")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "source",
    [
        "https://host:443/r", "ssh://me@host:22/r", "git@host:a/r", "https://h/a:b@c",
        "https://git@host/r", "/a/b@c", "https://h/a@b",
    ],
)  # fmt: skip
def test_ports_users_and_colons_are_no_passwords(source: str) -> None:
    refuse_password(source)


def test_a_host_that_does_not_answer_is_worth_a_retry_and_a_password_is_not_shown() -> None:
    error = unreachable(
        "https://me:secret@host/r", "https://me:secret@host/r: Could not resolve host"
    )
    assert isinstance(error, ServiceError)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://host/owner/name.git", "name"),
        ("git@host:owner/name", "name"),
        ("git@host:name.git", "name"),
        ("/a/b/name/", "name"),
        ("/a/b/name/.git", "name"),
        ("C", "C"),
    ],
)
def test_a_repository_is_named_by_the_last_part(source: str, name: str) -> None:
    assert name_of(source) == name
