"""Names that pipelines are compiled with are names of objects that the chart makes."""

from chart.rendering import rendered

from codekiln_pipelines import cluster
from codekiln_pipelines.kubeflow import submit


def test_network_rules_select_pods_by_the_label_that_steps_carry() -> None:
    for policy in [o for o in rendered().objects if o["kind"] == "NetworkPolicy"]:
        assert policy["spec"]["podSelector"]["matchLabels"] == dict(cluster.LABELS)


def test_steps_run_as_an_account_of_the_chart() -> None:
    assert submit.SERVICE_ACCOUNT in rendered().names("ServiceAccount")


def test_steps_read_the_settings_and_the_secret_that_the_chart_makes() -> None:
    keys = {"accessKeyId": "x", "secretAccessKey": "y"}
    values = {"s3": {"endpoint": "https://store.example", "credentials": keys}}
    release, told = rendered(values), cluster.Cluster()
    settings = release.find("ConfigMap", told.s3_config)["data"]
    assert settings.keys() == set(cluster.S3_SETTINGS)
    secret = release.find("Secret", told.s3_secret)["data"]
    assert secret.keys() <= set(cluster.S3_SECRETS)
