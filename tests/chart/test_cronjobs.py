"""Scheduled jobs: a phase or the codekiln program, never two at once, no retry of a mistake."""

import re
from typing import Any

import helm_python as helm
import pytest
import yaml
from chart.rendering import CHART, JOB, Manifest, rendered

from codekiln_pipelines.kubeflow import asked, submit


def job_of(job: dict[str, Any], **values: Any) -> Manifest:
    """Return the one CronJob that the chart makes of `job`."""
    return rendered({**values, "cronJobs": [{**JOB, **job}]}).find("CronJob", "codekiln-nightly")


def container_of(job: Manifest) -> dict[str, Any]:
    """Return its one container."""
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return dict(container)


def test_a_phase_runs_from_its_own_image_as_everywhere() -> None:
    job = job_of({"phase": "survey_history", "args": ["--repository", "https://host/r"]})
    container = container_of(job)
    assert container["image"] == "localhost:5000/codekiln-survey-history:0.1.0"
    assert container["command"] == ["python", "-m", "codekiln.survey_history"]
    assert container["args"] == ["--repository", "https://host/r"]


def test_without_a_phase_it_is_the_codekiln_program_and_knows_where_kfp_is() -> None:
    container = container_of(job_of({"args": ["submit", "history"]}))
    assert container["command"] == ["codekiln"]
    assert {"name": "KFP_ENDPOINT", "value": "http://ml-pipeline.kubeflow.svc:8888"} in container[
        "env"
    ]


def test_registry_and_tag_are_those_of_the_release_unless_an_image_is_given() -> None:
    image = {"registry": "host/team", "tag": "v7"}
    assert (
        container_of(job_of({"args": ["x"]}, image=image))["image"] == "host/team/codekiln-cli:v7"
    )
    own = container_of(job_of({"args": ["x"], "image": "host/other:1"}, image=image))
    assert own["image"] == "host/other:1"


def test_a_run_never_starts_beside_another_and_ends_at_its_deadline() -> None:
    spec = job_of({"args": ["x"], "activeDeadlineSeconds": 600, "timeZone": "Europe/Zurich"})[
        "spec"
    ]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["timeZone"] == "Europe/Zurich"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 600


def test_what_a_job_says_of_zero_is_kept() -> None:
    spec = job_of({"args": ["x"], "backoffLimit": 0, "successfulJobsHistoryLimit": 0})["spec"]
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert spec["successfulJobsHistoryLimit"] == 0


def test_exit_code_2_is_not_tried_again() -> None:
    job = job_of({"args": ["x"]})["spec"]["jobTemplate"]["spec"]
    rule = job["podFailurePolicy"]["rules"][0]
    assert rule["action"] == "FailJob"
    assert rule["onExitCodes"]["values"] == [2]
    assert rule["onExitCodes"]["containerName"] == job["template"]["spec"]["containers"][0]["name"]


def test_multi_user_kfp_gets_a_token_that_is_good_for_it_alone() -> None:
    job = job_of({"args": ["submit"]}, kfp={"mode": "multi-user"})
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (source,) = [v["projected"]["sources"][0] for v in pod["volumes"] if "projected" in v]
    assert source["serviceAccountToken"]["audience"] == "pipelines.kubeflow.org"
    assert {"name": "KFP_NAMESPACE", "value": "kubeflow"} in container_of(job)["env"]
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("mode", ["standalone", "multi-user", "none"])
def test_a_phase_gets_no_token_at_all(mode: str) -> None:
    job = job_of({"phase": "mine_commits"}, kfp={"mode": mode})
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert not [v for v in pod["volumes"] if "projected" in v]


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ([{**JOB}], "nightly has neither phase nor args"),
        ([{**JOB, "args": ["x"]}, {**JOB, "args": ["y"]}], "two are called nightly"),
        ([{**JOB, "args": ["x"], "image": "host/image:latest"}], "a tag that moves"),
    ],
)
def test_jobs_that_cannot_be_meant_are_refused_in_words(
    jobs: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(helm.HelmRenderError, match=message):
        rendered({"cronJobs": jobs})


def test_the_example_of_the_readme_makes_a_job_whose_command_submit_takes() -> None:
    readme = (CHART / "README.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (job,) = [o for o in rendered(yaml.safe_load(example)).objects if o["kind"] == "CronJob"]
    words = container_of(job)["args"]
    request = asked.read(words[0], words[1], words[2:], submit.add_flags)
    assert str(request.arguments["repository"]).startswith("https://")
