import dataclasses
from pathlib import Path
from typing import Any

import pytest

from codekiln.core.errors import InputError
from codekiln_pipelines.local import surroundings
from codekiln_pipelines.local.step import Step
from codekiln_pipelines.local.surroundings import HOST, NOWHERE, USUAL


def step(**told: Any) -> Step:
    return Step(
        phase="survey_history",
        folder=Path("/runs/r/steps/s"),
        command=[],
        executor_input={"inputs": {"parameterValues": told}},
    )


@pytest.mark.parametrize(
    ("place", "variables", "network"),
    [
        ("/home/u/r", {"https_proxy": "http://127.0.0.1:3128"}, NOWHERE),
        ("file:///home/u/r", {}, NOWHERE),
        ("C: a note", {}, NOWHERE),
        ("https://x.org/r.git", {}, USUAL),
        ("http://localhost:3000/r.git", {}, HOST),
        ("https://x.org/r.git", {"https_proxy": "http://127.0.0.1:3128"}, HOST),
        ("https://x.org/r.git", {"HTTPS_PROXY": "http://proxy.corp:3128"}, USUAL),
    ],
)
def test_a_step_has_the_network_that_its_places_need(
    place: str, variables: dict[str, str], network: str
) -> None:
    assert surroundings.network_of(step(place=place), variables, unasked) == network


def unasked() -> str | None:
    raise AssertionError("nobody need know where S3 is")


@pytest.mark.parametrize(
    ("endpoint", "network"),
    [
        (None, USUAL),
        ("http://minio:9000", USUAL),
        ("http://127.0.0.1:9000", HOST),
        ("http://[::1]:9000", HOST),
        ("https://s3.localhost:9000", HOST),
    ],
)
def test_a_step_has_the_network_that_its_bucket_needs(endpoint: str | None, network: str) -> None:
    for place in ("s3://b/x", "minio://b/x"):
        assert surroundings.network_of(step(place=place), {}, lambda: endpoint) == network


def test_a_step_has_the_network_that_data_needs_which_its_inputs_name(tmp_path: Path) -> None:
    (tmp_path / "location.json").write_text('{"tokens": "s3://b/corpus/tokens/1"}')
    listed = {"artifacts": [{"uri": str(tmp_path)}]}
    told = {"inputs": {"artifacts": {"tokens": listed}}}
    reads = dataclasses.replace(step(), phase="describe_corpus", executor_input=told)
    assert surroundings.network_of(reads, {}, lambda: None) == USUAL


@pytest.mark.parametrize("place", ["git@github.com:a/b.git", "ssh://git@github.com/a/b"])
def test_a_repository_over_ssh_is_one_line(place: str) -> None:
    with pytest.raises(InputError, match="read over ssh, and a container has none of your keys"):
        surroundings.network_of(step(repository=place), {}, unasked)


VARIABLES = {
    "AWS_SECRET_ACCESS_KEY": "s", "CODEKILN_X": "1", "GITHUB_TOKEN": "t", "HOME": "/home/u",
    "https_proxy": "p", "NO_PROXY": "n", "OMP_NUM_THREADS": "2", "LD_PRELOAD": "x",
}  # fmt: skip


def test_a_step_without_a_network_gets_no_setting_of_one() -> None:
    assert surroundings.passed(step(), NOWHERE, VARIABLES) == ["CODEKILN_X", "OMP_NUM_THREADS"]


def test_a_step_with_a_network_gets_the_settings_of_s3_and_proxies() -> None:
    more = ["AWS_SECRET_ACCESS_KEY", "CODEKILN_X", "NO_PROXY", "OMP_NUM_THREADS", "https_proxy"]
    assert surroundings.passed(step(), USUAL, VARIABLES) == more


def test_settings_that_boto3_finds_at_home_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\n")
    wanted = {"AWS_CONFIG_FILE": tmp_path / ".aws" / "config"}
    assert surroundings.home_files(USUAL, {}) == wanted
    assert surroundings.home_files(NOWHERE, {}) == {}
    assert surroundings.home_files(USUAL, {"AWS_CONFIG_FILE": "/x"}) == {}


def test_files_that_variables_name_are_found(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    variables = {"AWS_CA_BUNDLE": str(tmp_path / "ca.pem"), "AWS_REGION": "eu"}
    assert surroundings.named_files(list(variables), variables) == [tmp_path / "ca.pem"]


def of_phase(phase: str, **told: Any) -> Step:
    return dataclasses.replace(step(**told), phase=phase)


@pytest.mark.parametrize(
    ("variables", "network"),
    [
        ({}, USUAL),
        ({"GITHUB_API_URL": "https://github.corp/api/v3"}, USUAL),
        ({"GITHUB_API_URL": "http://127.0.0.1:8420"}, HOST),
        ({"GITHUB_SERVER_URL": "http://localhost:8420"}, HOST),
    ],
)
def test_a_step_that_asks_github_has_a_network_though_no_place_is_told(
    variables: dict[str, str], network: str
) -> None:
    for phase in ("discover_repos", "collect_pulls"):
        told = of_phase(phase, data="/data", repositories="a/b")
        assert surroundings.network_of(told, variables, unasked) == network
    assert surroundings.network_of(of_phase("reconcile_pulls", data="/d"), variables, unasked) == (
        NOWHERE
    )


def test_the_token_of_github_is_for_the_steps_that_ask_github() -> None:
    told = {"GITHUB_TOKEN": "t", "GITHUB_API_URL": "u", "GITHUB_WORKSPACE": "/w", "GH_TOKEN": "t"}
    asks = surroundings.passed(of_phase("collect_pulls"), USUAL, told)
    assert asks == ["GH_TOKEN", "GITHUB_API_URL", "GITHUB_TOKEN"]
    assert surroundings.passed(of_phase("reconcile_pulls"), USUAL, told) == []


def test_the_key_of_placeholders_is_for_the_step_that_masks() -> None:
    told = {"CODEKILN_MASKING_KEY": "k"}
    assert surroundings.passed(of_phase("clean_corpus"), NOWHERE, told) == [*told]
    assert surroundings.passed(of_phase("build_examples"), USUAL, told) == []
