from pathlib import Path

import pytest
import yaml

from codekiln.core.errors import InputError
from codekiln_pipelines import local, packages

MOST_PARAMETERS = 10


@pytest.fixture(scope="module", params=packages.names())
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packages") / f"{request.param}.yaml"
    packages.compile_into(request.param, path)
    return path


def test_a_pipeline_has_ten_parameters_or_fewer(package: Path) -> None:
    assert len(packages.parameters_of(packages.read(package))) <= MOST_PARAMETERS


def test_a_pipeline_and_each_of_its_parameters_say_what_they_are(package: Path) -> None:
    told = packages.read(package)
    assert told["pipelineInfo"]["description"]
    for name, parameter in packages.parameters_of(told).items():
        assert parameter.get("description"), name


def test_choices_are_drop_downs(package: Path) -> None:
    told = packages.parameters_of(packages.read(package))
    for name, values in packages.LITERALS[package.stem].items():
        assert told[name]["literals"] == values
        assert told[name]["defaultValue"] in values


def test_every_container_gives_its_command_and_takes_the_executor_input(package: Path) -> None:
    for executor in packages.read(package)["deploymentSpec"]["executors"].values():
        container = executor["container"]
        assert container["command"][:2] == ["python", "-m"]
        assert container["args"][:2] == ["--executor-input", "{{$}}"]


def test_compiling_twice_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    packages.compile_into(package.stem, tmp_path / package.name)
    assert yaml.safe_load(package.read_text()) == yaml.safe_load(
        (tmp_path / package.name).read_text()
    )


def test_the_report_runs_whatever_happened(package: Path) -> None:
    assert local.exit_tasks(package) == {"report"}


def test_an_unknown_pipeline_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown pipeline histroy: did you mean history"):
        packages.compile_into("histroy", tmp_path / "x.yaml")
