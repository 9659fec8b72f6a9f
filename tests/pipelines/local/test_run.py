from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codekiln.core import flags, manifest
from codekiln.core.errors import InputError
from codekiln_pipelines import packages
from codekiln_pipelines.local import run


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("package") / "collect.yaml"
    packages.compile_into("collect", path)
    return packages.read(path)


def asked(package: dict[str, Any], *argv: str) -> dict[str, str]:
    told = flags.parse(run.parser_for("collect", package, Path("runs")), argv)
    return run.arguments(package, "collect", told)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_where_data_is_kept_is_a_path_though_nothing_is_there_yet(
    package: dict[str, Any], here: Path
) -> None:
    assert asked(package, "--data", "mine")["data"] == str(here / "mine")
    assert asked(package, "--data", f"file://{here}/mine")["data"] == str(here / "mine")
    assert asked(package, "--data", "s3://bucket/pulls")["data"] == "s3://bucket/pulls"


def test_the_folder_of_a_recipe_is_beside_whoever_runs_it(
    package: dict[str, Any], here: Path
) -> None:
    assert asked(package)["data"] == str(here / "codekiln-data")


def test_a_repository_is_no_path_even_where_a_folder_is_called_so(
    package: dict[str, Any], here: Path
) -> None:
    (here / "acme" / "router").mkdir(parents=True)
    (here / "list.txt").write_text("acme/router")
    assert asked(package, "--repositories", "acme/router")["repositories"] == "acme/router"
    assert asked(package, "--repositories", "list.txt")["repositories"] == str(here / "list.txt")


def test_a_version_is_no_path_even_where_a_folder_is_called_so(tmp_path: Path, here: Path) -> None:
    packages.compile_into("data", tmp_path / "data.yaml")
    package = packages.read(tmp_path / "data.yaml")
    for name in ("full", "MIT", "list.txt"):
        (here / name).mkdir()
    argv = ["--version", "full", "--licenses", "MIT", "--opt-out", "list.txt", "--corpus", "kept"]
    read = run.arguments(package, "data", flags.parse(run.parser_for("data", package, here), argv))
    assert (read["version"], read["licenses"], read["opt_out"]) == ("full", "MIT", "list.txt")
    assert read["corpus"] == str(here / "kept")


@pytest.mark.usefixtures("here")
def test_a_number_that_is_none_is_told_before_anything_runs(package: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="min_stars is 'few'; it must be a whole number"):
        asked(package, "--min-stars", "few")


@pytest.mark.usefixtures("here")
def test_a_corpus_within_the_data_is_refused_before_there_is_a_run(here: Path) -> None:
    for corpus in ("mine", "./mine/made"):
        argv = ["--data", "mine", "--corpus", corpus]
        with pytest.raises(InputError, match="which is data"):
            run.run_pipeline("data", argv, here / "runs", datetime(2026, 1, 1, tzinfo=UTC))
    assert not (here / "runs").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--data", ""], "data is missing: give --data"),
        (["--data", " "], "data is empty: give a folder"),
        (["--repositories", "https://me:ghp_X@github.com/a/b"], "before its @"),
        (["--config", "discover_repos: {repositories: 'https://ghp_X@github.com/a/b'}"], "its @"),
    ],
)
def test_what_must_not_be_recorded_leaves_no_run(here: Path, argv: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        run.run_pipeline("collect", argv, here / "runs", datetime(2026, 1, 1, tzinfo=UTC))
    assert "ghp_X" not in str(caught.value)
    assert not (here / "runs").exists()


def test_nothing_is_written_to_where_a_link_in_a_resumed_run_leads(here: Path) -> None:
    (here / "precious").write_text("precious")
    theirs = here / "runs" / "theirs"
    theirs.mkdir(parents=True)
    manifest.write_json(theirs / "run.json", {"pipeline": "collect", "parameters": {}})
    (theirs / "pipeline.yaml").symlink_to(here / "precious")
    with pytest.raises(InputError, match=r"pipeline\.yaml is a link"):
        run.run_pipeline("collect", ["--resume", str(theirs)], here / "runs", datetime.now(UTC))
    assert (here / "precious").read_text() == "precious"
