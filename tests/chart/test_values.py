"""Values, schema and README say the same; wrong values are refused in words; the chart packs."""

import json
import tarfile
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml
from chart import values_docs
from chart.rendering import CHART, MATRIX, rendered

from codekiln.core import flags
from codekiln_pipelines.doctor import command

VALUES = list(values_docs.documented((CHART / "values.yaml").read_text()))
SCHEMA = (CHART / "values.schema.json").read_text()


def test_every_value_is_documented() -> None:
    assert [value.name for value in VALUES if len(value.text) < 20] == []


def test_the_schema_describes_each_value_as_values_yaml_does() -> None:
    assert values_docs.schema_with(VALUES, SCHEMA) == SCHEMA, "run `make chart-docs`"


def test_the_readme_lists_each_value_as_values_yaml_does() -> None:
    readme = (CHART / "README.md").read_text()
    assert values_docs.readme_with(VALUES, SCHEMA, readme) == readme, "run `make chart-docs`"


def objects(schema: Any) -> list[dict[str, Any]]:
    """Return every object schema below `schema` that lists properties."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    below = [found for part in schema.values() for found in objects(part)]
    return (
        [schema, *below]
        if isinstance(schema.get("properties"), dict) and "type" in schema
        else below
    )


def test_the_schema_knows_every_value_and_refuses_all_others() -> None:
    found = objects(json.loads(SCHEMA))
    assert len(found) > 20
    assert all(schema["additionalProperties"] is False for schema in found)


def test_the_schema_has_no_value_that_values_yaml_lacks() -> None:
    known = {value.path[0] for value in VALUES}
    assert set(json.loads(SCHEMA)["properties"]) == known | {"global"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"imagee": {}}, "additional properties 'imagee' not allowed"),
        ({"image": {"registry": ""}}, "/image/registry"),
        ({"kfp": {"mode": "shared"}}, "must be one of 'standalone', 'multi-user', 'none'"),
        ({"s3": {"endpoint": "store:9000"}}, "/s3/endpoint"),
        ({"s3": {"bucket": "Models"}}, "/s3/bucket"),
        ({"s3": {"forcePathStyle": "yes"}}, "got string, want boolean"),
        ({"s3": {"credentials": {"from": "file"}}}, "must be one of 'secret', 'identity'"),
        ({"launcher": {"pipelineRoot": "gs://bucket"}}, "/launcher/pipelineRoot"),
        ({"networkPolicy": {"apiServer": {"ports": [0]}}}, "/networkPolicy/apiServer/ports/0"),
        ({"networkPolicy": {"git": {"cidrs": ["github"]}}}, "/networkPolicy/git/cidrs/0"),
        ({"s3Server": {"seaweedfsImage": "ghcr.io/chrislusf/seaweedfs"}}, "seaweedfsImage"),
        ({"cronJobs": [{"name": "n", "schedule": "0 3 * * *"}]}, "missing property 'resources'"),
        ({"cronJobs": [{"name": "n", "schedule": "daily", "resources": {}}]}, "/schedule"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(helm.HelmValuesError, match="specifications of the schema") as caught:
        rendered(values)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image": {"tag": "latest"}}, "image.tag: latest is a tag that moves"),
        ({"s3": {"credentials": {"accessKeyId": "x"}}}, "accessKeyId and secretAccessKey belong"),
    ],
)
def test_values_that_do_not_go_together_are_refused_in_words(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(helm.HelmRenderError, match=message):
        rendered(values)


@pytest.mark.parametrize("values", MATRIX.values(), ids=MATRIX)
def test_helm_lints_it_strictly(values: dict[str, Any]) -> None:
    report = helm.lint(CHART, values, strict=True, namespace="kubeflow", kube_version="v1.30.0")
    assert report["errors"] == []
    # 1 is advice: an icon, which a chart that is in no catalog needs not
    assert [m for m in report["messages"] if m["severity"] > 1] == []


def test_it_packs_with_its_readme_and_schema(tmp_path: Path) -> None:
    archive = helm.package(CHART, destination=tmp_path)
    with tarfile.open(archive) as packed:
        names = set(packed.getnames())
    assert {"codekiln/README.md", "codekiln/values.schema.json", "codekiln/values.yaml"} <= names


def test_it_carries_the_version_of_the_program() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = (CHART.parents[1] / "pyproject.toml").read_text()
    assert f'version = "{about["appVersion"]}"' in project


def test_the_notes_say_what_to_do_next() -> None:
    notes = rendered().notes
    assert "helm test demo -n kubeflow --logs" in notes
    assert "codekiln submit history" in notes


def test_the_notes_warn_of_a_release_where_standalone_kfp_runs_nothing() -> None:
    assert "runs pipelines in its own namespace, kubeflow" in rendered(namespace="other").notes
    assert "its own namespace" not in rendered({"kfp": {"mode": "none"}}, "other").notes


def test_helm_test_asks_the_doctor() -> None:
    pod = rendered({"doctor": {"args": ["--json"]}}).find("Pod", "codekiln-doctor")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    (container,) = pod["spec"]["containers"]
    assert container["image"] == "localhost:5000/codekiln-cli:0.1.0"
    assert container["command"] == ["codekiln", "doctor"]
    assert container["args"] == ["--in-cluster", "--json"]


def test_the_doctor_of_a_namespace_without_kfp_asks_for_none_and_is_told_the_store() -> None:
    values = {"kfp": {"mode": "none"}, "s3": {"bucket": "models"}}
    (container,) = rendered(values).find("Pod", "codekiln-doctor")["spec"]["containers"]
    assert container["args"][1:] == ["--only=machine,store", "--store=s3://models/runs"]
    assert "KFP_ENDPOINT" not in {e["name"] for e in container["env"]}


def test_the_doctor_knows_every_flag_that_it_is_given() -> None:
    values = {"kfp": {"mode": "none"}, "kueue": {"enabled": True}}
    (container,) = rendered(values).find("Pod", "codekiln-doctor")["spec"]["containers"]
    parser = flags.Parser()
    command.add(parser.add_subparsers())
    told, rest = parser.parse_known_args(["doctor", *container["args"]])
    assert rest == []
    assert (told.in_cluster, told.queue) == (True, "codekiln")
