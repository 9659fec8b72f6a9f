import io
import os
import signal
import threading
from pathlib import Path

import pytest
from command_line import REPOSITORY, asking, run
from kubeflow_api import Frame, KubeflowApi
from kubeflow_wire import Fault, Request
from kubernetes_api import KubernetesApi
from rich.console import Console

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.kubeflow import access, follow, submit
from codekiln_pipelines.kubeflow.connection import Kubeflow
from codekiln_pipelines.kubeflow.errors import NotThereError
from codekiln_pipelines.kubeflow.follow import Pace, RunView
from codekiln_pipelines.kubeflow.run_state import RunState

QUICK = Pace(poll_s=0.01, longest_pause_s=0.02, patience_s=5.0)


def submitted(history: Path, *argv: str) -> int:
    return run(submit.add, ["submit", "history", "--package", str(history), *REPOSITORY, *argv])


def started(api: KubeflowApi, history: Path, *frames: Frame) -> str:
    """Submit a run, and let it go through `frames`, one each time that it is looked at."""
    api.plan = list(frames) or api.plan
    assert submitted(history, "--no-wait") == 0
    return list(api.runs)[-1]


def client_of(api: KubeflowApi, token_file: Path | None = None) -> Kubeflow:
    told = asking(endpoint=api.url, token_file=token_file and str(token_file))
    return Kubeflow(access.of(told, {}))


def followed(client: Kubeflow, run_id: str, pace: Pace = QUICK) -> tuple[RunState, str]:
    """Follow a run in a log; returns how it ended and what was said."""
    out = io.StringIO()
    view = RunView(Console(file=out, width=200, soft_wrap=True))
    return follow.to_the_end(client, run_id, view, pace), out.getvalue()


def test_a_failed_run_names_its_step_its_reason_and_its_log(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = {"survey-history": "SUCCEEDED", "mine-commits": "FAILED", "report": "SUCCEEDED"}
    api.plan = [Frame("FAILED", states, {"mine-commits": "exit code 2"})]
    assert submitted(history) == submit.FAILED
    err = capsys.readouterr().err
    assert "step mine-commits failed: exit code 2" in err
    assert f"--selector pipeline/runid={next(iter(api.runs))}" in err


def test_a_step_whose_driver_failed_is_a_failed_step(api: KubeflowApi, history: Path) -> None:
    omitted = "RUNTIME_STATE_UNSPECIFIED"
    api.plan = [Frame("FAILED", {"tokenize-driver": "FAILED", "tokenize": omitted})]
    state, _ = followed(client_of(api), started(api, history))
    assert [step.name for step in state.failed] == ["tokenize"]


def test_steps_are_told_as_they_change_and_groups_and_drivers_are_not(
    api: KubeflowApi, history: Path
) -> None:
    first = {"exit-handler-1": "RUNNING", "survey-history-driver": "SUCCEEDED"}
    api.plan = [
        Frame("PENDING"),
        Frame("RUNNING", {**first, "survey-history": "RUNNING"}),
        Frame("RUNNING", {**first, "survey-history": "SUCCEEDED", "mine-commits": "RUNNING"}),
        Frame("SUCCEEDED", {"survey-history": "SUCCEEDED", "mine-commits": "SUCCEEDED"}),
    ]
    _, told = followed(client_of(api), started(api, history))
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert lines == [
        "… survey-history running",
        "✓ survey-history 3:07",
        "… mine-commits running",
        "✓ mine-commits 3:07",
    ]


def test_a_step_in_a_loop_is_one_line_that_counts(api: KubeflowApi, history: Path) -> None:
    api.plan = [
        Frame("RUNNING", {"tokenize#1": "SUCCEEDED", "tokenize#2": "RUNNING"}),
        Frame("SUCCEEDED", {"tokenize#1": "SUCCEEDED", "tokenize#2": "SUCCEEDED"}),
    ]
    _, told = followed(client_of(api), started(api, history))
    assert "1 of 2 running" in told
    assert "2 of 2" in told.splitlines()[-1]


@pytest.mark.parametrize("kind", [502, 503, 504, "reset"])
def test_a_wait_outlives_a_server_that_is_away_and_says_so_once(
    api: KubeflowApi, history: Path, kind: int | str
) -> None:
    run_id = started(api, history, Frame("RUNNING"), Frame("SUCCEEDED"))
    api.faults = [Fault(kind, f"GET /apis/v2beta1/runs/{run_id}", times=4, after=1)]
    state, told = followed(client_of(api), run_id)
    assert state.state == "SUCCEEDED"
    assert told.count("asking again") == 1
    assert told.count("answers again") == 1


def test_a_slow_server_is_waited_for(api: KubeflowApi, history: Path) -> None:
    run_id = started(api, history)
    api.delay_s = 0.3
    assert followed(client_of(api), run_id)[0].state == "SUCCEEDED"


def test_a_token_renewed_in_its_file_while_we_wait_is_used(
    api: KubeflowApi, history: Path, tmp_path: Path
) -> None:
    run_id = started(api, history, Frame("RUNNING"), Frame("SUCCEEDED"))
    file = tmp_path / "token"
    file.write_text("old\n")
    api.tokens = {"new"}
    threading.Timer(0.2, lambda: file.write_text("new\n")).start()
    state, said = followed(client_of(api, file), run_id)
    assert state.state == "SUCCEEDED"
    assert "it has expired" in said


def test_a_token_that_nobody_renews_ends_the_wait_and_says_how_to_go_on(
    api: KubeflowApi,
    history: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KFP_TOKEN", "planted-secret")
    api.tokens = {"planted-secret"}

    def expire(request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/runs"):
            threading.Timer(0.05, lambda: setattr(api, "tokens", {"other"})).start()
            api.plan = [Frame("RUNNING")]

    api.on_request = expire
    monkeypatch.setattr(submit, "Pace", lambda **_: QUICK)
    with pytest.raises(InputError, match="does not take the token from KFP_TOKEN"):
        submitted(history)
    out, err = capsys.readouterr()
    assert "codekiln follow" in err
    assert "planted-secret" not in out + err
    assert all(b"planted-secret" not in request.body for request in api.requests)


def test_silence_that_lasts_too_long_ends_the_wait(api: KubeflowApi, history: Path) -> None:
    run_id = started(api, history)
    api.faults = [Fault(502, "GET /apis/v2beta1/runs", times=10**6)]
    pace = Pace(poll_s=0.01, longest_pause_s=0.02, patience_s=0.1)
    with pytest.raises(ServiceError, match="502"):
        followed(client_of(api), run_id, pace)


def test_the_time_limit_ends_the_wait_and_not_the_run(api: KubeflowApi, history: Path) -> None:
    run_id = started(api, history, Frame("RUNNING"))
    pace = Pace(poll_s=0.01, limit_s=0.05)
    with pytest.raises(ServiceError, match=f"it goes on, and codekiln follow {run_id}"):
        followed(client_of(api), run_id, pace)
    assert not api.asked("POST", "terminate")


def test_a_run_that_was_deleted_meanwhile_ends_the_wait(api: KubeflowApi, history: Path) -> None:
    run_id = started(api, history)
    del api.runs[run_id]
    with pytest.raises(NotThereError, match="not found"):
        followed(client_of(api), run_id)


def test_ctrl_c_says_that_the_run_goes_on(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.plan = [Frame("RUNNING")]

    def interrupt(request: Request) -> None:
        if request.method == "GET" and "/runs/" in request.path:
            threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            api.on_request = lambda _: None

    api.on_request = interrupt
    assert submitted(history) == 130
    err = capsys.readouterr().err
    (run_id,) = api.runs
    assert f"to stop it: codekiln terminate {run_id}" in err


def test_a_terminal_shows_what_is_at_work_and_leaves_the_finished_steps(
    api: KubeflowApi, history: Path
) -> None:
    run_id = started(
        api,
        history,
        Frame("RUNNING", {"survey-history": "RUNNING"}),
        Frame("SUCCEEDED", {"survey-history": "SUCCEEDED"}),
    )
    out = io.StringIO()
    view = RunView(Console(file=out, width=120, force_terminal=True))
    follow.to_the_end(client_of(api), run_id, view, Pace(poll_s=0.3))
    assert "survey-history running" in out.getvalue()
    assert "✓" in out.getvalue()


def test_follow_takes_up_a_run_that_is_there(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = started(api, history)
    capsys.readouterr()
    assert run(submit.add, ["follow", run_id]) == 0
    assert "succeeded" in capsys.readouterr().err


@pytest.mark.usefixtures("api")
def test_follow_of_a_run_that_is_not_there_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotThereError, match="Run nonsense not found"):
        run(submit.add, ["follow", "nonsense"])
    assert "goes on" not in capsys.readouterr().err


def test_where_users_are_kept_apart_a_run_is_followed_by_its_id_alone(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with KubeflowApi(multi_user=True) as api:
        api.plan = [Frame("FAILED", {"mine-commits": "FAILED"})]
        where = ["--endpoint", api.url]
        assert submitted(history, "--no-wait", *where, "--namespace", "team-a") == 0
        assert run(submit.add, ["follow", next(iter(api.runs)), *where]) == submit.FAILED
    assert "kubectl logs --namespace YOUR-NAMESPACE" in capsys.readouterr().err


def test_terminate_stops_a_run_and_leaves_one_that_has_ended(
    api: KubeflowApi, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = started(api, history, Frame("RUNNING"))
    assert run(submit.add, ["terminate", run_id]) == 0
    assert followed(client_of(api), run_id)[0].state == "CANCELED"
    assert run(submit.add, ["terminate", run_id]) == 0
    assert "has ended already: canceled" in capsys.readouterr().err


def test_a_failed_step_says_its_last_words_where_the_cluster_lets_us_read_them(
    api: KubeflowApi,
    history: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_id = started(api, history, Frame("FAILED", {"mine-commits": "FAILED"}))
    with KubernetesApi(api.port) as cluster:
        monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig(tmp_path)))
        cluster.failed = {"history-x-impl-1": "history-x.root.exit-handler-1.mine-commits.executor"}
        cluster.log = "a line before\nERROR: https://example.com/x.git is not there\n"
        assert run(submit.add, ["follow", run_id, "--port-forward"]) == submit.FAILED
    err = capsys.readouterr().err
    assert "step mine-commits failed: ERROR: https://example.com/x.git is not there" in err
