from pathlib import Path

import pytest
import yaml
from command_line import run
from kubeflow_api import KubeflowApi
from kubeflow_wire import Fault

from codekiln.core.errors import InputError
from codekiln_pipelines.kubeflow import upload


def changed(history: Path) -> Path:
    """Return a package that differs in one default."""
    other = history.with_name("changed.yaml")
    other.write_text(history.read_text().replace("defaultValue: medium", "defaultValue: small"))
    return other


def uploaded(history: Path, *argv: str) -> int:
    return run(upload.add, ["upload", "history", "--package", str(history), *argv])


def test_a_first_upload_makes_the_pipeline_and_a_version_named_after_the_code(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert uploaded(history) == 0
    (version,) = api.versions.values()
    (pipeline,) = api.pipelines.values()
    out, err = capsys.readouterr()
    assert out == f"{version['pipeline_version_id']}\n"
    assert pipeline["name"] == "history"
    assert pipeline["description"].startswith("Survey, mine")
    assert version["name"].startswith("0.")
    page = f"pipelines/details/{pipeline['pipeline_id']}/version/{version['pipeline_version_id']}"
    assert f"{api.url}/#/{page}" in err


def test_the_server_gets_the_package_byte_for_byte(api: KubeflowApi, history: Path) -> None:
    uploaded(history)
    (version,) = api.versions.values()
    sent = version["pipeline_spec"]
    assert sent.get("pipeline_spec", sent) == next(yaml.safe_load_all(history.read_text()))
    assert f'filename="{history.name}"'.encode() in api.asked("POST", "upload_version")[0].body


def test_an_identical_package_is_not_uploaded_again(
    api: KubeflowApi, history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uploaded(history)
    relaid = tmp_path / "history.yaml"
    relaid.write_text(yaml.safe_dump_all(yaml.safe_load_all(history.read_text()), width=40))
    first = capsys.readouterr().out
    assert uploaded(relaid, "--version-name", "other") == 0
    out, err = capsys.readouterr()
    assert out == first
    assert "is the same already" in err
    assert len(api.versions) == 1


def test_a_package_that_differs_is_a_new_version_of_the_same_pipeline(
    api: KubeflowApi, history: Path
) -> None:
    uploaded(history)
    uploaded(changed(history))
    first, second = api.versions.values()
    assert first["pipeline_id"] == second["pipeline_id"]
    assert second["name"].startswith(f"{first['name']}-")


@pytest.mark.usefixtures("api")
def test_a_name_that_is_taken_by_other_contents_is_refused(history: Path) -> None:
    uploaded(history, "--version-name", "v1")
    with pytest.raises(InputError, match="has a version v1 with other contents"):
        uploaded(changed(history), "--version-name", "v1")


def test_tags_reach_the_version_and_the_new_pipeline(api: KubeflowApi, history: Path) -> None:
    uploaded(history, "--version-tag", "team=ml", "--version-tag", "stage=a=b")
    (version,) = api.versions.values()
    (pipeline,) = api.pipelines.values()
    assert version["tags"] == pipeline["tags"] == {"team": "ml", "stage": "a=b"}


@pytest.mark.parametrize("tag", ["team", "=x", "a.b=c", f"k={'x' * 64}"])
def test_a_tag_that_the_server_would_refuse_is_refused_here(
    api: KubeflowApi, history: Path, tag: str
) -> None:
    with pytest.raises(InputError, match=r"the tag .* is none: KEY=VALUE"):
        uploaded(history, "--version-tag", tag)
    assert not api.requests


def test_twenty_tags_are_the_most() -> None:
    with pytest.raises(InputError, match="21 tags were given; Kubeflow takes 20"):
        upload.tags_of([f"k{number}=v" for number in range(21)])


@pytest.mark.parametrize("path", ["POST /apis/v2beta1/pipelines/upload", "POST /apis/v2beta1/pi"])
def test_an_upload_whose_answer_was_lost_is_not_repeated(
    api: KubeflowApi, history: Path, path: str
) -> None:
    api.faults = [Fault("done", path)]
    assert uploaded(history) == 0
    assert len(api.pipelines) == len(api.versions) == 1


def test_a_pipeline_that_was_left_without_a_version_gets_one(
    api: KubeflowApi, history: Path
) -> None:
    api.faults = [Fault(400, "upload_version")]
    with pytest.raises(InputError):
        uploaded(history)
    assert uploaded(history) == 0
    assert len(api.pipelines) == len(api.versions) == 1


def test_where_users_are_kept_apart_the_pipeline_is_the_users_own(history: Path) -> None:
    with KubeflowApi(multi_user=True) as api:
        flags = ["--endpoint", api.url, "--namespace", "team-a"]
        assert uploaded(history, *flags) == 0
        (pipeline,) = api.pipelines.values()
        assert pipeline["namespace"] == "team-a"


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize("content", ["", "a: 1\n", "{", "- 1\n"])
def test_a_file_that_is_no_package_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match="codekiln compile"):
        uploaded(path)


@pytest.mark.usefixtures("api")
def test_one_package_is_for_one_pipeline(history: Path) -> None:
    with pytest.raises(InputError, match="--package holds one pipeline"):
        run(upload.add, ["upload", "history", "lora", "--package", str(history)])


@pytest.mark.usefixtures("api")
def test_an_unknown_pipeline_names_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown pipeline histroy: did you mean history"):
        run(upload.add, ["upload", "histroy"])
