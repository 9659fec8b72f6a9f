import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from codekiln.core.errors import InputError
from codekiln_pipelines import cluster, packages
from codekiln_pipelines.cluster import POOLS, Cluster
from codekiln_pipelines.local import execution

MOST_PARAMETERS = 10


@pytest.fixture(scope="module", params=itertools.product(packages.names(), POOLS))
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, pool = request.param
    path = tmp_path_factory.mktemp("packages") / f"{name}.yaml"
    packages.compile_into(name, path, Cluster(pool=pool))
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
        if name in told or name not in cluster.PARAMETERS:
            assert told[name]["literals"] == list(values)


def test_the_server_takes_each_default_as_it_stands(package: Path) -> None:
    # What ValidateLiteralParameter does: kubeflow/pipelines, backend/src/common/util.
    parameters = schema(package).root.input_definitions.parameters
    for name, told in parameters.items():
        if told.literals:
            assert told.default_value in told.literals, name
        kinds = {
            "STRING": "string_value",
            "STRUCT": "struct_value",
            "LIST": "list_value",
            "NUMBER_INTEGER": "number_value",
        }
        if told.HasField("default_value"):
            kind = kinds[
                pipeline_spec_pb2.ParameterType.ParameterTypeEnum.Name(told.parameter_type)
            ]
            assert told.default_value.WhichOneof("kind") == kind, name


def test_only_what_nobody_else_can_know_must_be_given(package: Path) -> None:
    told = packages.parameters_of(packages.read(package))
    must = {"history": ["repository"], "collect": ["data"], "data": ["corpus", "data"]}
    assert [name for name, kind in told.items() if "defaultValue" not in kind] == must[package.stem]


def schema(package: Path) -> "pipeline_spec_pb2.PipelineSpec":
    return json_format.ParseDict(packages.read(package), pipeline_spec_pb2.PipelineSpec())


def test_a_package_is_two_documents_that_kubeflow_s_schemas_know(package: Path) -> None:
    documents = list(yaml.safe_load_all(package.read_text(encoding="utf-8")))
    assert documents == [packages.read(package), packages.read_platform(package)]
    assert schema(package).pipeline_info.name == package.stem
    platform = json_format.ParseDict(documents[1], pipeline_spec_pb2.PlatformSpec())
    assert [*platform.platforms] == ["kubernetes"]


def test_a_package_without_gpus_has_no_parameter_of_theirs(tmp_path: Path) -> None:
    packages.compile_into("history", tmp_path / "history.yaml")
    assert [*packages.parameters_of(packages.read(tmp_path / "history.yaml"))] == [
        "config", "embedding_model", "model_size", "pretrained", "repository", "tokenizer",
    ]  # fmt: skip
    assert "gpu" not in (tmp_path / "history.yaml").read_text(encoding="utf-8").replace(
        "for a GPU", ""
    )


def test_every_container_gives_its_command_and_takes_the_executor_input(package: Path) -> None:
    for executor in packages.read(package)["deploymentSpec"]["executors"].values():
        container = executor["container"]
        assert container["command"][:2] == ["python", "-m"]
        assert container["args"][:2] == ["--executor-input", "{{$}}"]


def test_another_process_compiles_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = tmp_path / package.name
    told = packages.read(package)
    selector = packages.parameters_of(told).get("gpu_node_selector", {}).get("defaultValue", {})
    pool = next(name for name, pool in POOLS.items() if pool.gpu_node_selector == selector)
    program = (
        "import sys; from pathlib import Path; from codekiln_pipelines import packages, cluster; "
        "packages.compile_into(sys.argv[1], Path(sys.argv[2]), cluster.Cluster(pool=sys.argv[3]))"
    )
    command = [sys.executable, "-c", program, package.stem, str(again), pool]
    subprocess.run(command, check=True)
    assert again.read_bytes() == package.read_bytes()


def test_what_tells_of_a_run_runs_whatever_happened(package: Path) -> None:
    tells = {"history": {"report"}, "collect": {"reconcile-pulls"}, "data": set()}
    assert execution.exit_tasks(package) == tells[package.stem]


def test_an_unknown_pipeline_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown pipeline histroy: did you mean history"):
        packages.compile_into("histroy", tmp_path / "x.yaml")


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("STRING", "1", "1"),
        ("NUMBER_INTEGER", "3", 3),
        ("NUMBER_DOUBLE", "5e-5", 5e-5),
        ("BOOLEAN", "True", True),
        ("LIST", "[1]", [1]),
        ("STRUCT", '{"a": 1}', {"a": 1}),
    ],
)
def test_an_argument_has_the_type_that_the_server_wants(
    kind: str, value: str, sent: object
) -> None:
    assert packages.typed("x", value, {"parameterType": kind}) == sent


@pytest.mark.parametrize(
    ("kind", "value"),
    [("NUMBER_INTEGER", "3.5"), ("BOOLEAN", "yes"), ("LIST", "{}"), ("STRUCT", "nothing")],
)
def test_an_argument_of_another_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(InputError, match=f"x is '{value}'; it must be a"):
        packages.typed("x", value, {"parameterType": kind})
