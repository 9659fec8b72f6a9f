"""Pods of ours reach what they need and nothing else; policies are read as Kubernetes does."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from chart.rendering import CHART, Manifest, Rendered, rendered

OURS = {"app.kubernetes.io/part-of": "codekiln"}
METADATA = "169.254.169.254"
"""Where clouds give a node's own keys to whoever asks."""
METADATA_6 = "fd00:ec2::254"


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether `selector` selects something with `labels`."""
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    return exact and all(
        labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", [])
    )


def egress_of(release: Rendered, labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the rules for what a pod with `labels` may connect to."""
    for policy in [o for o in release.objects if o["kind"] == "NetworkPolicy"]:
        if selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get("egress", [])


def reaches(release: Rendered, address: str, port: int, labels: Mapping[str, str] = OURS) -> bool:
    """Tell whether a pod with `labels` may connect to `address`."""
    found = ipaddress.ip_address(address)
    for rule in egress_of(release, labels):
        blocks = [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]
        ports = {p["port"] for p in rule.get("ports", [{"port": port}])}
        for block in blocks:
            inside = found in ipaddress.ip_network(block["cidr"])
            outside = any(found in ipaddress.ip_network(n) for n in block.get("except", []))
            if inside and not outside and port in ports:
                return True
    return False


def reaches_pod(
    release: Rendered, namespace: str, pod: Mapping[str, str], port: int,
    own: str = "kubeflow",
) -> bool:  # fmt: skip
    """Tell whether a pod of ours may connect to a pod with the labels `pod` in `namespace`."""
    for rule in egress_of(release, OURS):
        if port not in {p["port"] for p in rule["ports"]}:
            continue
        for peer in rule["to"]:
            where = peer.get("namespaceSelector")
            labels = {"kubernetes.io/metadata.name": namespace}
            there = namespace == own if where is None else selects(where, labels)
            if "ipBlock" not in peer and there and selects(peer.get("podSelector", {}), pod):
                return True
    return False


def test_all_is_denied_that_is_not_allowed() -> None:
    spec = rendered().find("NetworkPolicy", "codekiln-deny")["spec"]
    assert spec == {
        "podSelector": {"matchLabels": OURS},
        "policyTypes": ["Ingress", "Egress"],
    }


def test_kfp_and_its_store_for_logs_are_in_reach() -> None:
    release = rendered()
    assert reaches_pod(release, "kubeflow", {"app": "ml-pipeline"}, 8888)
    assert reaches_pod(release, "kubeflow", {"app": "ml-pipeline"}, 8887)
    assert reaches_pod(release, "kubeflow", {"component": "metadata-grpc-server"}, 8080)
    assert reaches_pod(release, "kubeflow", {"app": "seaweedfs"}, 8333)
    assert not reaches_pod(release, "kubeflow", {"app": "mysql"}, 3306)


def test_names_are_looked_up_in_the_cluster_and_on_the_node() -> None:
    release = rendered()
    assert reaches_pod(release, "kube-system", {"k8s-app": "kube-dns"}, 53)
    assert reaches(release, "169.254.20.10", 53)


def test_the_kubernetes_api_is_in_reach_and_the_internet_is_not() -> None:
    release = rendered()
    assert reaches(release, "10.96.0.1", 443)
    assert reaches(release, "172.18.0.2", 6443)
    assert not reaches(release, "140.82.121.4", 443)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"networkPolicy": {"git": {"enabled": True}}},
        {
            "networkPolicy": {"s3": {"cidrs": ["0.0.0.0/0"]}},
            "s3": {"endpoint": "http://s3.example"},
        },
        {
            "networkPolicy": {"s3": {"cidrs": ["0.0.0.0/1", "128.0.0.0/1", "::/0"]}},
            "s3": {"endpoint": "http://s3.example"},
        },
        {"networkPolicy": {"git": {"enabled": True, "cidrs": ["128.0.0.0/2", "::/0"]}}},
    ],
)
def test_the_clouds_metadata_service_stays_closed(values: dict[str, Any]) -> None:
    release = rendered(values)
    for place in (METADATA, METADATA_6):
        assert not any(reaches(release, place, port) for port in (80, 443, 22, 6443))


def test_git_hosts_are_in_reach_only_if_asked_for_and_private_networks_are_not() -> None:
    release = rendered({"networkPolicy": {"git": {"enabled": True}}})
    assert reaches(release, "140.82.121.4", 443)
    assert reaches(release, "140.82.121.4", 22)
    assert not reaches(release, "140.82.121.4", 80)
    assert not reaches(release, "10.0.0.9", 22)


def test_git_hosts_may_be_for_some_pods_alone() -> None:
    release = rendered({"networkPolicy": {"git": {"enabled": True, "podLabels": {"git": "yes"}}}})
    assert not reaches(release, "140.82.121.4", 443)
    assert reaches(release, "140.82.121.4", 443, {**OURS, "git": "yes"})


@pytest.mark.parametrize(
    ("s3", "port"),
    [
        ({"endpoint": "http://store.other.svc:9000"}, 9000),
        ({"endpoint": "http://store.other.svc"}, 80),
        ({"endpoint": "https://store.example"}, 443),
        ({}, 443),
    ],
)
def test_the_port_of_the_store_is_read_from_its_endpoint(s3: dict[str, Any], port: int) -> None:
    policy = {"s3": {"cidrs": ["203.0.113.7/32"], "namespaces": ["other"]}}
    release = rendered({"s3": s3, "networkPolicy": policy})
    assert reaches(release, "203.0.113.7", port)
    assert not reaches(release, "203.0.113.7", port + 1)
    assert reaches_pod(release, "other", {}, port)


def test_a_store_that_is_a_service_of_the_cluster_needs_no_mention() -> None:
    release = rendered({"s3": {"endpoint": "http://s3.codekiln-s3.svc:8333"}})
    assert reaches_pod(release, "codekiln-s3", {}, 8333)
    assert not reaches_pod(release, "other", {}, 8333)
    assert "WARNING" not in release.notes


def test_a_store_that_no_pod_reaches_is_warned_of() -> None:
    release = rendered()
    assert "codekiln-s3" not in release.names("NetworkPolicy")
    assert "no network rule lets pods reach S3" in release.notes


def test_a_store_outside_whose_name_has_svc_in_it_is_warned_of_too() -> None:
    release = rendered({"s3": {"endpoint": "https://s3.svc.example.com"}})
    assert "codekiln-s3" not in release.names("NetworkPolicy")
    assert "no network rule lets pods reach S3" in release.notes


def test_a_kubeflow_outside_is_taken_with_its_path_and_warned_of_until_a_rule_is_there() -> None:
    kfp = {"endpoint": "https://kubeflow.example.com/pipeline"}
    release = rendered({"kfp": kfp})
    (container,) = release.find("Pod", "codekiln-doctor")["spec"]["containers"]
    assert {"name": "KFP_ENDPOINT", "value": kfp["endpoint"]} in container["env"]
    assert "no network rule lets pods reach kfp.endpoint" in release.notes
    rule = {"to": [{"ipBlock": {"cidr": "203.0.113.9/32"}}], "ports": [{"port": 443}]}
    opened = rendered({"kfp": kfp, "networkPolicy": {"egress": [rule]}})
    assert "kfp.endpoint" not in opened.notes


def test_the_port_behind_a_service_can_be_told() -> None:
    policy = {"s3": {"namespaces": ["other"], "port": 8333}}
    release = rendered({"s3": {"endpoint": "http://s.other.svc:9000"}, "networkPolicy": policy})
    assert reaches_pod(release, "other", {}, 8333)
    assert not reaches_pod(release, "other", {}, 9000)


def test_the_server_of_the_chart_is_in_reach_and_only_by_its_s3_port() -> None:
    release = rendered({"s3Server": {"enabled": True}})
    assert reaches_pod(release, "kubeflow", {"app.kubernetes.io/component": "s3-server"}, 8333)
    ingress = release.find("NetworkPolicy", "codekiln-s3-server")["spec"]["ingress"]
    assert [rule["ports"] for rule in ingress] == [[{"protocol": "TCP", "port": 8333}]]


def test_the_server_of_the_chart_is_shut_even_where_other_rules_are_off() -> None:
    release = rendered({"s3Server": {"enabled": True}, "networkPolicy": {"enabled": False}})
    assert release.names("NetworkPolicy") == {"codekiln-s3-server"}


def test_rules_of_the_users_own_are_added() -> None:
    rule = {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}], "ports": [{"port": 80}]}
    assert reaches(rendered({"networkPolicy": {"egress": [rule]}}), METADATA, 80)


def test_the_rule_of_the_readme_opens_the_metadata_service_and_nothing_else() -> None:
    readme = (CHART / "README.md").read_text()
    (rule,) = [yaml.safe_load(found) for found in re.findall(r"`(\{to: .*?)`", readme)]
    release = rendered({"networkPolicy": {"egress": [rule]}})
    assert reaches(release, METADATA, 80)
    assert not reaches(release, "169.254.169.253", 80)


def policies(release: Rendered) -> list[Manifest]:
    """Return every network policy of the release."""
    return [o for o in release.objects if o["kind"] == "NetworkPolicy"]


def test_an_exception_lies_inside_its_block_or_kubernetes_would_refuse_it() -> None:
    git = {"enabled": True, "cidrs": ["0.0.0.0/0", "140.82.112.0/20", "10.0.0.0/8", "::/0"]}
    for policy in policies(rendered({"networkPolicy": {"git": git}})):
        for rule in policy["spec"].get("egress", []):
            for block in (peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer):
                outer = ipaddress.ip_network(block["cidr"])
                inner = [ipaddress.ip_network(told) for told in block.get("except", [])]
                assert all(found.network_address in outer for found in inner)
                assert all(found.prefixlen > outer.prefixlen for found in inner)


def test_an_exception_holds_for_every_block_that_it_lies_inside_of() -> None:
    git = {"enabled": True, "cidrs": ["10.0.0.0/8"], "except": ["10.1.0.0/16", "11.0.0.0/16"]}
    release = rendered({"networkPolicy": {"git": git}})
    assert reaches(release, "10.2.0.1", 22)
    assert not reaches(release, "10.1.0.1", 22)
