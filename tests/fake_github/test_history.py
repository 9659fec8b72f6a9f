import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fake_github.asking import NAME, get, hub_of

from codekiln.core.golang import toolchain
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.specs import RepositorySpec

PULLS = f"/repos/{NAME}/pulls"
COUNT = 160


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> FakeGitHub:
    return built(tmp_path_factory.mktemp("git"))


def built(folder: Path, pulls: int = COUNT) -> FakeGitHub:
    return hub_of(RepositorySpec(NAME, pulls=pulls, git=True, bot_share=0.2), folder=folder)


def git(hub: FakeGitHub, *arguments: str) -> str:
    command = ["git", "-C", str(hub.world.git_path(NAME)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def all_pulls(hub: FakeGitHub) -> list[Any]:
    pages = range(1, 1 + (COUNT + 99) // 100)
    return [
        pull
        for page in pages
        for pull in get(hub, PULLS, state="all", per_page=100, page=page).json()
    ]


def test_the_repository_is_sound(hub: FakeGitHub) -> None:
    git(hub, "fsck", "--strict")


def test_every_head_is_where_github_keeps_it(hub: FakeGitHub) -> None:
    told = git(hub, "for-each-ref", "--format=%(objectname) %(refname)", "refs/pull")
    refs = {line.split()[1]: line.split()[0] for line in told.splitlines()}
    heads = {f"refs/pull/{one['number']}/head": one["head"]["sha"] for one in all_pulls(hub)}
    assert refs == heads


def test_what_the_api_counts_is_what_three_dots_show(hub: FakeGitHub) -> None:
    for pull in all_pulls(hub)[::7]:
        span = f"{pull['base']['sha']}...{pull['head']['sha']}"
        told = git(hub, "diff", "-M", "--numstat", span).splitlines()
        one = get(hub, f"{PULLS}/{pull['number']}").json()
        assert one["changed_files"] == len(told)
        assert one["additions"] == sum(int(line.split("\t")[0]) for line in told)
        assert one["deletions"] == sum(int(line.split("\t")[1]) for line in told)
        commits = git(hub, "rev-list", span.replace("...", ".."))
        assert one["commits"] == len(commits.split())


def test_merged_work_is_on_the_default_branch(hub: FakeGitHub) -> None:
    merged = [one["merge_commit_sha"] for one in all_pulls(hub) if one["merged_at"]]
    assert set(merged) <= set(git(hub, "rev-list", "main").split())


def test_all_three_ways_of_merging_and_all_shapes_of_branches_occur(hub: FakeGitHub) -> None:
    subjects = git(hub, "log", "--format=%s", "main").splitlines()
    pulls = all_pulls(hub)
    assert any(one.startswith("Merge pull request #") for one in subjects)
    assert any(one.endswith(")") and "(#" in one for one in subjects)
    titles = {one["title"] for one in pulls if one["merged_at"]}
    assert titles & set(subjects), "a rebase keeps the message"
    every = git(hub, "log", "--all", "--format=%s")
    assert "Merge branch 'main' into" in every
    assert any(one["head"]["repo"] is None or one["head"]["label"].split(":")[0] != "acme"
               for one in pulls)  # fmt: skip
    behind = [one for one in pulls if git(hub, "merge-base", one["base"]["sha"], one["head"]["sha"])
              .strip() != one["base"]["sha"]]  # fmt: skip
    assert behind


def test_vendored_generated_and_renamed_files_occur(hub: FakeGitHub) -> None:
    told = git(hub, "log", "--all", "-m", "-M", "--name-status", "--format=")
    assert "vendor/" in told
    assert ".pb.go" in told
    assert "\nR" in told


def test_bots_work_under_their_own_names(hub: FakeGitHub) -> None:
    robots = {one["user"]["login"] for one in all_pulls(hub) if one["user"]["type"] == "Bot"}
    assert robots == {"dependabot[bot]", "github-actions[bot]"}


def test_the_same_seed_gives_the_same_commits(hub: FakeGitHub, tmp_path: Path) -> None:
    again = built(tmp_path)
    assert git(again, "show-ref") == git(hub, "show-ref")


def test_every_go_file_is_as_gofmt_writes_it(hub: FakeGitHub, tmp_path: Path) -> None:
    go = toolchain.find_go(os.environ)
    assert go
    root = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout
    command = ["git", "clone", "--quiet", str(hub.world.git_path(NAME)), str(tmp_path / "clone")]
    subprocess.run(command, check=True)
    told = subprocess.run(
        [f"{root.strip()}/bin/gofmt", "-l", str(tmp_path / "clone")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout, told.stderr) == ("", "")


def test_a_live_repository_takes_new_work(tmp_path: Path) -> None:
    hub = built(tmp_path, pulls=20)
    number = hub.world.open_pull(NAME, title="One more")
    pull = get(hub, f"{PULLS}/{number}").json()
    ref = f"refs/pull/{number}/head"
    assert git(hub, "rev-parse", ref).strip() == pull["head"]["sha"]
    old = pull["head"]["sha"]
    new = hub.world.force_push(NAME, number)
    assert git(hub, "rev-parse", ref).strip() == new != old
    assert get(hub, f"{PULLS}/{number}").json()["head"]["sha"] == new
    hub.world.merge(NAME, number)
    merged = get(hub, f"{PULLS}/{number}").json()
    assert git(hub, "rev-parse", "main").strip() == merged["merge_commit_sha"]


def test_a_lost_head_is_in_the_api_alone(tmp_path: Path) -> None:
    hub = built(tmp_path, pulls=5)
    number = get(hub, PULLS, state="all").json()[0]["number"]
    lost = hub.world.lose_head(NAME, number)
    assert get(hub, f"{PULLS}/{number}").json()["head"]["sha"] == lost
    with pytest.raises(subprocess.CalledProcessError):
        git(hub, "cat-file", "-e", lost)


def test_git_follows_a_rename_and_a_deletion(tmp_path: Path) -> None:
    hub = built(tmp_path, pulls=3)
    old = hub.world.git_path(NAME)
    hub.world.rename(NAME, "other/mux")
    assert old.resolve() == hub.world.git_path("other/mux").resolve()
    hub.world.delete("other/mux")
    assert not old.exists()
