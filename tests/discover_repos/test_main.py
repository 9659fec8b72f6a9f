import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from codekiln.core import program
from codekiln.core.errors import InputError
from codekiln.core.github import endpoint
from codekiln.core.github.auth import TOKEN_NAMES
from codekiln.discover_repos.__main__ import discover_repos
from codekiln.discover_repos.settings import Settings


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, and no GitHub that anybody could reach."""
    for name in (*TOKEN_NAMES, "GITHUB_APP_ID", endpoint.GRAPHQL_URL, endpoint.SERVER_URL):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(endpoint.API_URL, "http://127.0.0.1:9")


def settings(folder: Path, **told: str) -> Settings:
    (folder / "found").mkdir()
    return Settings.model_validate(
        {"data": str(folder / "data"), "found": folder / "found", **told}
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"as_of": "yesterday"}, "as_of is 'yesterday'; give a time such as 2026-11-21"),
        ({"licenses": "permisive"}, "licenses names 'permisive'"),
        ({"repositories": "acme"}, "repositories: found 'acme', wanted owner/name"),
        ({"repositories": "acme/router"}, "set GITHUB_TOKEN"),
    ],
)
def test_what_is_told_wrong_is_one_line_before_anything_is_asked(
    tmp_path: Path, told: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        discover_repos(settings(tmp_path, **told))
    assert not list((tmp_path / "found").iterdir())


def test_a_failure_is_recorded_where_the_ledger_looks_for_it(tmp_path: Path) -> None:
    task = tmp_path / "run" / "steps" / "discover-repos"
    executor = {"outputs": {"outputFile": str(task / "executor_output.json")}}
    argv = [
        "--data", str(tmp_path / "data"), "--found", str(task / "found"),
        "--repositories", "acme/router", "--executor-input", json.dumps(executor),
    ]  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        program.run(discover_repos, Settings, argv)
    assert ended.value.code == 2
    assert "GITHUB_TOKEN" in json.loads((task / "failure.json").read_text())["error"]


@pytest.mark.parametrize(
    "told", [{"data": ""}, {"active_within_days": "1000000"}, {"refresh_days": "inf"}]
)
def test_what_no_run_can_use_is_out_of_bounds(tmp_path: Path, told: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(told))):
        settings(tmp_path, **told)
