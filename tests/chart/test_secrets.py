"""A key is in a Secret and nowhere else."""

import base64
import json

from chart.rendering import JOB, MATRIX, rendered

from codekiln_pipelines.cluster import MASKING_KEY, NEEDS, Cluster

PHASES = ("collect_pulls", "clean_corpus")
PLANTED = ("planted-key", "planted-id", "planted-token", "planted-mask")


def test_planted_keys_are_in_secrets_and_in_nothing_else_that_is_rendered() -> None:
    release = rendered(MATRIX["keys from values"])
    hidden = [base64.b64encode(key.encode()).decode() for key in PLANTED]
    for manifest in release.objects:
        if manifest["kind"] != "Secret":
            assert not [key for key in (*PLANTED, *hidden) if key in json.dumps(manifest)]
    assert not [key for key in (*PLANTED, *hidden) if key in release.notes]


def test_the_secrets_hold_the_names_that_steps_look_for() -> None:
    release = rendered(MATRIX["keys from values"])
    s3, github = release.find("Secret", "codekiln-s3"), release.find("Secret", "codekiln-github")
    assert s3["data"].keys() == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert base64.b64decode(github["data"]["GITHUB_TOKEN"]) == b"planted-token"
    masking = release.find("Secret", Cluster().masking_secret)
    assert base64.b64decode(masking["data"][MASKING_KEY]) == b"planted-mask"


def test_without_keys_in_the_values_secrets_are_only_referred_to() -> None:
    assert not rendered().names("Secret")


def test_the_notes_say_how_to_make_the_secret_that_is_referred_to() -> None:
    assert "create secret generic codekiln-s3" in rendered().notes


def test_a_secret_of_another_name_is_what_the_launcher_and_pods_refer_to() -> None:
    release = rendered({"s3": {"credentials": {"secretName": "team-keys"}}})
    launcher = release.find("ConfigMap", "kfp-launcher")["data"]["providers"]
    assert 'secretName: "team-keys"' in launcher
    pod = release.find("Pod", "codekiln-doctor")
    assert {"secretRef": {"name": "team-keys", "optional": True}} in pod["spec"]["containers"][0][
        "envFrom"
    ]


def test_the_key_of_masking_goes_to_the_one_phase_that_masks() -> None:
    jobs = [{**JOB, "name": phase.replace("_", "-"), "phase": phase} for phase in PHASES]
    release = rendered({"cronJobs": jobs, "masking": {"secretName": "team-mask"}})
    told = [json.dumps(release.find("CronJob", f"codekiln-{job['name']}")) for job in jobs]
    assert ["team-mask" in one for one in told] == [False, True]


def test_the_token_of_github_goes_to_the_phases_alone_that_ask_github() -> None:
    jobs = [{**JOB, "name": phase.replace("_", "-"), "phase": phase} for phase in NEEDS]
    release = rendered({"cronJobs": jobs, "github": {"secretName": "team-token"}})
    told = {
        phase: json.dumps(release.find("CronJob", f"codekiln-{phase.replace('_', '-')}"))
        for phase in NEEDS
    }
    assert {phase for phase, job in told.items() if "team-token" in job} == {
        phase for phase, needs in NEEDS.items() if needs.github
    }
