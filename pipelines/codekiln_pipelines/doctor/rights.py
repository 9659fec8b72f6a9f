"""What this account, and the account of pipeline steps, may do in the cluster."""

from collections.abc import Callable, Sequence

from codekiln_pipelines.doctor.finding import Check, Finding, fail, ok
from codekiln_pipelines.doctor.kube import Kube, Right, checked
from codekiln_pipelines.doctor.objects import LAUNCHER, RUNNER, S3, store_secret

REVIEWS = "authorization.k8s.io"


def checks(kube: Kube, *, pulls: bool, forwards: str | None) -> list[Check]:
    """Return the checks of rights; `forwards` is the namespace that a port-forward leads to."""
    wanted = [*_to_pull(kube.namespace, pulls), *_to_forward(forwards)]
    found = [checked("cluster.runner", lambda: runner(kube))]
    if wanted:
        found.insert(0, checked("cluster.rights", lambda: own(kube, wanted)))
    return found


def _to_pull(namespace: str, pulls: bool) -> list[Right]:
    verbs = ("create", "get", "delete") if pulls else ()
    return [Right(verb=verb, resource="pods", namespace=namespace) for verb in verbs]


def _to_forward(namespace: str | None) -> list[Right]:
    if namespace is None:
        return []
    told = (("get", "services"), ("list", "pods"), ("create", "pods/portforward"))
    return [Right(verb=verb, resource=of, namespace=namespace) for verb, of in told]


def own(kube: Kube, wanted: Sequence[Right]) -> Finding:
    """Ask what this account may do of what was asked for."""
    return judged("this account", wanted, lambda right: reviewed(kube, right, None))


def of_runner(namespace: str, secret: str | None = S3) -> list[Right]:
    """Return what a step's pod does: Argo's executor reports, KFP's launcher reads settings.

    `secret` is where the launcher finds keys; None where the pod has an identity.
    """
    of_secret = Right(verb="get", resource="secrets", namespace=namespace, name=secret or "")
    return [
        Right(
            verb="create", resource="workflowtaskresults", group="argoproj.io", namespace=namespace
        ),
        Right(
            verb="patch", resource="workflowtaskresults", group="argoproj.io", namespace=namespace
        ),
        Right(verb="get", resource="pods", namespace=namespace),
        Right(verb="get", resource="configmaps", namespace=namespace, name=LAUNCHER),
        *([of_secret] if secret else []),
    ]


def runner(kube: Kube) -> Finding:
    """Ask what the account of pipeline steps may do of what they must."""
    user = f"system:serviceaccount:{kube.namespace}:{RUNNER}"
    wanted = of_runner(kube.namespace, store_secret(kube))
    return judged(RUNNER, wanted, lambda right: reviewed(kube, right, user))


def judged(who: str, wanted: Sequence[Right], may: Callable[[Right], bool]) -> Finding:
    """Judge which of the `wanted` rights are there."""
    missing = [right for right in wanted if not may(right)]
    if missing:
        told = ", ".join(map(str, missing))
        install = "helm upgrade --install codekiln helm/codekiln gives it"
        return fail(f"{who} may not {told}", install if who == RUNNER else missing[0].remedy)
    return ok(f"{who} may {', '.join(map(str, wanted))}")


def reviewed(kube: Kube, right: Right, user: str | None) -> bool:
    """Ask the cluster whether `user`, or this account, has `right`."""
    from kubernetes import client

    api = kube.of("AuthorizationV1Api")
    resource, _, part = right.resource.partition("/")
    attributes = client.V1ResourceAttributes(
        verb=right.verb,
        group=right.group,
        resource=resource,
        subresource=part or None,
        namespace=right.namespace,
        name=right.name or None,
    )
    if user is None:
        asked = Right(verb="create", resource="selfsubjectaccessreviews", group=REVIEWS)
        spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
        body = client.V1SelfSubjectAccessReview(spec=spec)
        answer = kube.ask(asked, api.create_self_subject_access_review, body)
    else:
        # The local one: who runs a namespace may ask it, without a right on the whole cluster.
        resource, place = "localsubjectaccessreviews", kube.namespace
        asked = Right(verb="create", resource=resource, group=REVIEWS, namespace=place)
        spec = client.V1SubjectAccessReviewSpec(
            resource_attributes=attributes, user=user, groups=groups_of(user)
        )
        metadata = client.V1ObjectMeta(namespace=place)
        body = client.V1LocalSubjectAccessReview(spec=spec, metadata=metadata)
        answer = kube.ask(asked, api.create_namespaced_local_subject_access_review, place, body)
    return bool(answer.status.allowed)


def groups_of(user: str) -> list[str]:
    """Return the groups that the cluster puts a service account into."""
    namespace = user.split(":")[2]
    everyone = "system:serviceaccounts"
    return [everyone, f"{everyone}:{namespace}", "system:authenticated"]
