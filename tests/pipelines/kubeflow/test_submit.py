import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import REPOSITORY, run
from kubeflow_api import KubeflowApi
from kubeflow_wire import Fault

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.cluster import Cluster
from codekiln_pipelines.kubeflow import asked, submit


def submitted(history: Path, *argv: str) -> int:
    return run(submit.add, ["submit", "history", "--package", str(history), *REPOSITORY, *argv])


def test_a_run_ends_with_its_id_on_standard_output_and_all_else_on_standard_error(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submitted(history) == 0
    out, err = capsys.readouterr()
    (run_id,) = api.runs
    assert out == f"{run_id}\n"
    assert f"{api.url}/#/runs/details/{run_id}" in err
    assert "succeeded" in err


def test_the_server_gets_what_codekiln_run_would_run(api: KubeflowApi, history: Path) -> None:
    root = "s3://bucket/runs"
    submitted(history, "--model-size", "tiny", "--pipeline-root", root, "--experiment", "nightly")
    (run_id,) = api.runs
    sent = api.runs[run_id]
    assert sent["runtime_config"]["parameters"]["repository"] == REPOSITORY[1]
    assert sent["runtime_config"]["parameters"]["model_size"] == "tiny"
    assert sent["runtime_config"]["pipeline_root"] == root
    assert sent["service_account"] == "codekiln-runner"
    assert sent["display_name"].startswith("history-requests-")
    (experiment,) = api.experiments.values()
    assert experiment["display_name"] == "nightly"


def test_the_configuration_is_sent_as_sections(
    api: KubeflowApi, history: Path, tmp_path: Path
) -> None:
    (tmp_path / "my.yaml").write_text("training:\n  patience: 7\n")
    submitted(history, "--config", str(tmp_path / "my.yaml"), "--recipe", "smoke")
    (sent,) = api.runs.values()
    sections = json.loads(sent["runtime_config"]["parameters"]["config"])
    assert sections["training"]["patience"] == 7
    assert sections["epoch_calculation"]["max_epochs"] == 1


def test_kubeflows_own_client_sees_the_same_run(api: KubeflowApi, history: Path) -> None:
    import kfp

    submitted(history)
    (run_id,) = api.runs
    with pytest.warns(FutureWarning, match="only works with Kubeflow"):
        theirs = kfp.Client(host=api.url, namespace="any")
    assert theirs.get_run(run_id).display_name == api.runs[run_id]["display_name"]
    assert theirs.list_runs(page_size=5).runs[0].run_id == run_id


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--model-size", "huge"], "model_size is 'huge'; it must be one of tiny, small, medium"),
        (["--modelsize", "tiny"], "did you mean --model-size"),
        (["--recipe", "labtop"], "unknown recipe labtop: did you mean laptop"),
        (["--config", "trainning: {}"], "unknown setting trainning: did you mean training"),
        (["--pipeline-root", "folder/x"], "the pipeline root is 'folder/x'"),
        (["--repository", "."], "a path on this machine, which the cluster does not see"),
        (["--repository", "https://me:secret@example.com/x"], "carries a password"),
        (["--timeout", "soon"], "the timeout is 'soon'"),
        (["--name", "x" * 192], "the name has 192 characters"),
        (["--service-account", "The Runner"], "--service-account is 'The Runner', no name"),
        (["--tokenizer", "~/"], "tokenizer is ~/, a path on this machine"),
    ],
)
def test_a_fault_is_told_before_anything_is_sent(
    api: KubeflowApi, history: Path, argv: list[str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        submitted(history, *argv)
    assert not [request for request in api.requests if request.method == "POST"]


def test_a_package_of_another_pipeline_is_refused(api: KubeflowApi, history: Path) -> None:
    other = history.with_name("other.yaml")
    other.write_text(history.read_text().replace("name: history", "name: other"))
    with pytest.raises(InputError, match="is a package of other, not of history"):
        submitted(other)
    assert not api.requests


def sent_package(api: KubeflowApi) -> dict[str, Any]:
    """Return the specification of the one run's package."""
    (sent,) = api.runs.values()
    spec: dict[str, Any] = sent["pipeline_spec"]["pipeline_spec"]
    return spec


def caches_in(spec: dict[str, Any]) -> list[bool]:
    """Return for each task, those inside of groups too, whether it may be answered from cache."""
    dags = [c["dag"] for c in [spec["root"], *spec["components"].values()] if "dag" in c]
    tasks = [task for dag in dags for task in dag["tasks"].values()]
    return [task.get("cachingOptions", {}).get("enableCache", False) for task in tasks]


@pytest.fixture(scope="module")
def on_gpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package for GPUs, with the cache on."""
    path = tmp_path_factory.mktemp("package") / "history.yaml"
    path.write_text(asked.compiled("history", Cluster(pool="a100", cache=True)).text)
    return path


def test_a_package_keeps_its_cache_unless_told_otherwise(api: KubeflowApi, on_gpus: Path) -> None:
    submitted(on_gpus, "--no-wait")
    assert any(caches_in(sent_package(api)))


def test_no_cache_reaches_the_steps_inside_of_groups(api: KubeflowApi, on_gpus: Path) -> None:
    submitted(on_gpus, "--no-cache", "--no-wait")
    caches = caches_in(sent_package(api))
    assert len(caches) > 7
    assert not any(caches)


def test_a_run_of_a_package_for_gpus_may_go_to_another_pool(
    api: KubeflowApi, on_gpus: Path
) -> None:
    submitted(on_gpus, "--pool", "h100", "--no-wait")
    (sent,) = api.runs.values()
    selector = sent["runtime_config"]["parameters"]["gpu_node_selector"]
    assert selector == {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}


def test_a_package_without_gpus_cannot_go_to_a_pool(api: KubeflowApi, history: Path) -> None:
    with pytest.raises(InputError, match="compile another with --pool h100"):
        submitted(history, "--pool", "h100")
    assert not api.requests


def test_what_only_a_compiler_can_do_is_not_taken_with_a_package(
    api: KubeflowApi, history: Path
) -> None:
    with pytest.raises(InputError, match=r"--queue is for compiling, and .* is compiled"):
        submitted(history, "--queue", "codekiln")
    assert not api.requests


def test_a_run_is_compiled_for_the_cluster_that_it_is_sent_to(api: KubeflowApi) -> None:
    told = ["--pool", "a100", "--queue", "codekiln", "--registry", "registry.example.com/ml"]
    assert run(submit.add, ["submit", "history", *REPOSITORY, *told, "--no-wait"]) == 0
    (sent,) = api.runs.values()
    told_all = json.dumps(sent["pipeline_spec"])
    assert "registry.example.com/ml/codekiln-train-model" in told_all
    assert '"kueue.x-k8s.io/queue-name": "codekiln"' in told_all


def test_a_run_whose_answer_was_lost_is_not_made_twice(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.faults = [Fault("done", "POST /apis/v2beta1/runs")]
    assert submitted(history) == 0
    (run_id,) = api.runs
    assert capsys.readouterr().out == f"{run_id}\n"


def test_a_server_that_never_answers_is_told_of_in_one_line(
    api: KubeflowApi, history: Path
) -> None:
    api.faults = [Fault(503, "POST /apis/v2beta1/runs", times=9)]
    with pytest.raises(ServiceError, match=r"does not answer \(503"):
        submitted(history)
    assert not api.runs


def test_a_text_too_long_for_a_path_is_no_path() -> None:
    asked.refuse_local("x", "y" * 5000)


def test_the_clock_of_a_wait_is_that_of_the_flag() -> None:
    told = [submit.seconds_of(text) for text in ("90", "90s", "15m", "2h30m")]
    assert told == [90.0, 90.0, 900.0, 9000.0]


def test_help_names_every_parameter_and_needs_no_server(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(submit.add, ["submit", "history", "--package", str(history), "--help"])
    assert ended.value.code == 0
    assert "--model-size tiny|small|medium" in capsys.readouterr().out


def test_the_clients_are_imported_only_when_they_are_needed() -> None:
    heavy = "'kfp', 'kubernetes', 'kfp_server_api', 'urllib3'"
    code = (
        "import sys; from codekiln_pipelines.kubeflow import schedule, submit, upload; "
        f"sys.exit(any(name in sys.modules for name in ({heavy})))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


LIST = ("--repositories", "acme/router acme/cache")


def test_a_collection_is_sent_with_its_types(api: KubeflowApi) -> None:
    told = ["submit", "collect", "--data", "s3://pulls/go", *LIST, "--max-pulls", "50"]
    assert run(submit.add, told) == 0
    (sent,) = api.runs.values()
    parameters = sent["runtime_config"]["parameters"]
    assert (parameters["data"], parameters["max_pulls"]) == ("s3://pulls/go", 50)
    assert parameters["repositories"] == LIST[1]


@pytest.mark.parametrize("place", ["codekiln-data", "/data/pulls"])
def test_data_that_would_go_with_its_pod_is_refused(api: KubeflowApi, place: str) -> None:
    with pytest.raises(InputError, match=f"data is {place}, a folder, .* give s3://BUCKET/PREFIX"):
        run(submit.add, ["submit", "collect", "--data", place])
    assert not api.runs


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--data", ""], "data is missing: give --data"),
        (["--data", " "], "data is empty: give s3://BUCKET/PREFIX"),
        (["--data", "s3://b/c", "--repositories", "https://me:ghp_X@github.com/a/b"], "its @"),
        (["--data", "s3://b/c", "--repositories", "a/b https://ghp_X@github.com/a/b"], "its @"),
    ],
)
def test_a_secret_in_a_list_and_a_place_that_is_none_are_not_sent(
    api: KubeflowApi, argv: list[str], told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        run(submit.add, ["submit", "collect", *argv])
    assert "ghp_X" not in str(caught.value)
    assert not api.runs


def test_a_number_that_is_none_is_told_before_anything_is_sent(api: KubeflowApi) -> None:
    with pytest.raises(InputError, match="max_pulls is 'many'; it must be a whole number"):
        run(submit.add, ["submit", "collect", "--data", "s3://b/c", "--max-pulls", "many"])
    assert not api.runs


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--corpus", "s3://b/c/made"], "corpus is s3://b/c/made, which is data"),
        (["--corpus", "s3://b/d", "--vocab-size", "10"], "^vocab_size is 10: "),
        (["--corpus", "s3://b/d", "--opt-out", "nofile.txt"], "^opt_out holds 'nofile.txt'"),
    ],
)
def test_what_a_step_would_refuse_is_told_before_anything_is_sent(
    api: KubeflowApi, argv: list[str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        run(submit.add, ["submit", "data", "--data", "s3://b/c", *argv])
    assert not api.runs
