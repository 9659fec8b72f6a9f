"""Service accounts may do what they need, by name where there is a name, and nothing else."""

import pytest
from chart.rendering import MATRIX, Manifest, Rendered, combination, rendered

from codekiln_pipelines.doctor.rights import of_runner

Rights = set[tuple[str, str, str, str]]
"""API group, resource, name ("" for any) and verb."""

STEP: Rights = {
    ("argoproj.io", "workflowtaskresults", "", "create"),
    ("argoproj.io", "workflowtaskresults", "", "patch"),
    ("", "configmaps", "kfp-launcher", "get"),
    ("", "pods", "", "get"),
    ("", "secrets", "codekiln-s3", "get"),
}
"""All that a pipeline step may ask of the Kubernetes API with the chart's defaults."""


def rights(role: Manifest) -> Rights:
    """Spell a role out."""
    return {
        (group, resource, name, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
        for verb in rule["verbs"]
    }


def roles(release: Rendered) -> list[Manifest]:
    """Return every role of the release."""
    return [o for o in release.objects if o["kind"] in {"Role", "ClusterRole"}]


def test_a_step_may_do_these_things_and_no_others() -> None:
    assert rights(rendered().find("Role", "codekiln-runner")) == STEP


def test_the_doctor_asks_for_the_very_rights_that_the_chart_gives() -> None:
    asked = {(r.group, r.resource, r.name, r.verb) for r in of_runner("kubeflow")}
    assert asked == STEP


def test_with_a_cloud_identity_a_step_may_read_no_secret() -> None:
    release = rendered({"s3": {"credentials": {"from": "identity"}}})
    assert rights(release.find("Role", "codekiln-runner")) == {
        right for right in STEP if right[1] != "secrets"
    }


def test_a_step_may_read_the_keys_of_stores_that_the_launcher_is_told_of() -> None:
    overrides = [{"bucketName": "one", "secretName": "other-keys"}, {"bucketName": "two"}]
    release = rendered({"launcher": {"overrides": overrides}})
    readable = {
        right[2]
        for right in rights(release.find("Role", "codekiln-runner"))
        if right[1] == "secrets"
    }
    assert readable == {"codekiln-s3", "other-keys"}


@pytest.mark.parametrize("name", MATRIX)
def test_no_right_has_a_wildcard_and_none_reaches_all_secrets(name: str) -> None:
    for role in roles(combination(name)):
        for group, resource, named, verb in rights(role):
            assert "*" not in (group, resource, verb)
            assert resource != "secrets" or (named and verb == "get")
            assert resource not in {"pods/exec", "roles", "rolebindings"}


@pytest.mark.parametrize("name", MATRIX)
def test_a_binding_joins_a_role_and_accounts_of_the_release(name: str) -> None:
    release = combination(name)
    for binding in [o for o in release.objects if o["kind"].endswith("RoleBinding")]:
        assert binding["roleRef"]["name"] in release.names(binding["roleRef"]["kind"])
        for subject in binding["subjects"]:
            assert subject["name"] in release.names("ServiceAccount")


def test_only_steps_get_a_token_unasked() -> None:
    accounts = [o for o in rendered().objects if o["kind"] == "ServiceAccount"]
    mounted = {o["metadata"]["name"] for o in accounts if o["automountServiceAccountToken"]}
    assert mounted == {"codekiln-runner"}


def test_standalone_kfp_asks_nobody_so_the_submitter_has_no_right() -> None:
    assert "codekiln-submitter" not in rendered().names("Role")


def test_multi_user_kfp_lets_the_submitter_submit_and_delete_no_run() -> None:
    role = rendered({"kfp": {"mode": "multi-user"}}).find("Role", "codekiln-submitter")
    assert {right[0] for right in rights(role)} == {"pipelines.kubeflow.org"}
    of_runs = {right[3] for right in rights(role) if right[1] == "runs"}
    assert of_runs == {"create", "get", "list", "terminate"}


def test_the_doctor_changes_nothing() -> None:
    release = rendered({"kfp": {"mode": "multi-user"}, "kueue": {"enabled": True}})
    found = rights(release.find("Role", "codekiln-doctor"))
    # A question of what somebody may do is put by creating it; nothing is kept.
    assert {right[1] for right in found if right[3] == "create"} == {"localsubjectaccessreviews"}
    assert {right[3] for right in found} == {"get", "list", "create"}


def test_without_kfp_nobody_has_any_right() -> None:
    release = rendered({"kfp": {"mode": "none"}, "doctor": {"clusterRead": True}})
    assert roles(release) == []
    assert release.find("Pod", "codekiln-doctor")["spec"]["automountServiceAccountToken"] is False


def test_pull_secrets_reach_every_account() -> None:
    release = rendered({"image": {"pullSecrets": ["login"]}})
    for account in [o for o in release.objects if o["kind"] == "ServiceAccount"]:
        assert account["imagePullSecrets"] == [{"name": "login"}]


def test_every_account_may_have_an_identity_of_the_cloud() -> None:
    identity = {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}}
    values = {
        "s3": {"credentials": {"from": "identity"}},
        **dict.fromkeys(("runner", "submitter", "doctor"), identity),
    }
    release = rendered(values)
    for account in [o for o in release.objects if o["kind"] == "ServiceAccount"]:
        assert account["metadata"]["annotations"] == identity["annotations"]
        assert (
            f"{account['metadata']['name'].removeprefix('codekiln-')}.annotations" in release.notes
        )
