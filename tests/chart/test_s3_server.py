"""The S3 server for development."""

from typing import Any

import helm_python as helm
import pytest
from chart.rendering import rendered


def server_of(kind: str, **values: Any) -> dict[str, Any]:
    """Return the pod of the server."""
    release = rendered({**values, "s3Server": {"enabled": True, "kind": kind}})
    return dict(release.find("Deployment", "codekiln-s3")["spec"]["template"]["spec"])


def environment(container: dict[str, Any]) -> dict[str, Any]:
    """Return what its environment says, and where from."""
    return {e["name"]: e.get("value") or e["valueFrom"]["secretKeyRef"] for e in container["env"]}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("seaweedfs", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        ("minio", ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD")),
    ],
)
def test_it_takes_the_keys_that_clients_have(kind: str, names: tuple[str, str]) -> None:
    told = environment(server_of(kind)["containers"][0])
    assert told[names[0]] == {"name": "codekiln-s3", "key": "AWS_ACCESS_KEY_ID"}
    assert told[names[1]] == {"name": "codekiln-s3", "key": "AWS_SECRET_ACCESS_KEY"}


def test_seaweedfs_makes_the_bucket_by_itself() -> None:
    told = environment(server_of("seaweedfs", s3={"bucket": "models"})["containers"][0])
    assert told["S3_BUCKET"] == "models"


def test_minio_is_given_the_bucket_as_a_folder() -> None:
    (first,) = server_of("minio", s3={"bucket": "models"})["initContainers"]
    assert first["command"] == ["mkdir", "-p", "/data/models"]


@pytest.mark.parametrize("kind", ["seaweedfs", "minio"])
def test_no_image_comes_from_docker_hub(kind: str) -> None:
    host = server_of(kind)["containers"][0]["image"].split("/")[0]
    assert "." in host
    assert "docker.io" not in host


def test_seaweedfs_is_one_whose_conditional_create_has_one_winner() -> None:
    major, minor = server_of("seaweedfs")["containers"][0]["image"].rsplit(":")[1].split(".")
    assert (int(major), int(minor)) >= (4, 18)


def test_it_is_pulled_with_the_logins_of_the_release() -> None:
    pod = server_of("seaweedfs", image={"pullSecrets": ["login"]})
    assert pod["imagePullSecrets"] == [{"name": "login"}]


def test_its_volume_outlives_the_release() -> None:
    claim = rendered({"s3Server": {"enabled": True}}).find("PersistentVolumeClaim", "codekiln-s3")
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_it_knows_no_cloud_identity() -> None:
    values = {"s3Server": {"enabled": True}, "s3": {"credentials": {"from": "identity"}}}
    with pytest.raises(helm.HelmRenderError, match=r"set s3\.credentials\.from to secret"):
        rendered(values)
