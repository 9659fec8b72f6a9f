"""The configuration of the local cluster, held against the script, the Jobs and the chart."""

import yaml
from chart.rendering import rendered
from k8s.manifests import K8S
from k8s.stand_ins import SCRIPT

from codekiln_pipelines import cluster


def test_the_pool_of_the_config_is_the_one_that_the_script_and_jobs_look_for() -> None:
    config = yaml.safe_load((K8S / "kind" / "cluster.yaml").read_text())
    (pool,) = [n for n in config["nodes"] if n.get("labels", {}).get("codekiln/pool") == "gpu"]
    job = yaml.safe_load((K8S / "jobs" / "gpu-pool.yaml").read_text())["spec"]["template"]["spec"]
    assert job["nodeSelector"] == dict(cluster.POOLS["a100"].gpu_node_selector)
    assert job["nodeSelector"].items() <= pool["labels"].items()
    script = SCRIPT.read_text()
    assert "codekiln/pool=gpu" in script
    assert "nvidia.com/gpu=present:NoSchedule" in script
    assert job["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]


def test_every_node_runs_one_pinned_image() -> None:
    config = yaml.safe_load((K8S / "kind" / "cluster.yaml").read_text())
    assert [node["role"] for node in config["nodes"]] == ["control-plane", "worker", "worker"]
    (image,) = {node["image"] for node in config["nodes"]}
    assert "@sha256:" in image


def test_the_values_of_the_local_cluster_are_values_of_the_chart() -> None:
    values = yaml.safe_load((K8S / "kind" / "values.yaml").read_text())
    release = rendered({**values, "priorityClasses": {"create": True}})
    store = release.find("ConfigMap", "codekiln-s3")["data"]["AWS_ENDPOINT_URL"]
    service = yaml.safe_load((K8S / "s3" / "seaweedfs" / "service.yaml").read_text())
    assert (
        store
        == f"http://{service['metadata']['name']}.codekiln-s3.svc:{service['spec']['ports'][0]['port']}"
    )
    assert "WARNING" not in release.notes
