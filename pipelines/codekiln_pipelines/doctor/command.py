"""The command `codekiln doctor`: its flags, its subjects, its exit code."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codekiln.core.errors import InputError
from codekiln.core.settings import unknown_key
from codekiln_pipelines import cluster
from codekiln_pipelines.doctor import page
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Check, Finding, Line, State, Subject
from codekiln_pipelines.doctor.kube import ForbiddenError, Kube, is_configured, is_pod
from codekiln_pipelines.doctor.needs import CPU, Packages
from codekiln_pipelines.kubeflow import access

if TYPE_CHECKING:
    from codekiln.core import flags

RUNS = Path("codekiln-runs")
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "KFP_TOKEN", "GITHUB_TOKEN")
"""Variables whose values are struck out of every line, should a server repeat them."""
FAILED = 1


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command and its flags."""
    told = commands.add_parser(
        "doctor",
        help="look whether this machine, a store, a Kubeflow and a cluster can run pipelines",
        description="Look whether this machine, a store, a Kubeflow and a cluster can run "
        "pipelines. Exits with 0 if nothing failed, with 1 if something did.",
        allow_abbrev=False,
    )
    told.add_argument("--json", action="store_true", help="one JSON document, for machines")
    told.add_argument("--only", metavar="A,B", help=f"of {', '.join(SUBJECTS)}")
    told.add_argument("--work", type=Path, default=RUNS, help=f"folder of runs (default: {RUNS})")
    told.add_argument("--store", metavar="URI", help="store to try: s3://BUCKET/PREFIX")
    access.add_flags(told)
    group = told.add_argument_group("what is wanted of the cluster")
    group.add_argument("--context", dest="kube_context", metavar="NAME", help="as --kube-context")
    group.add_argument("--in-cluster", action="store_true", help="this is a pod of the cluster")
    group.add_argument(
        "--pool",
        choices=cluster.POOLS,
        default=CPU,
        help="pool of nodes that is to train; it must be there (default: any node)",
    )
    group.add_argument("--queue", metavar="NAME", help="Kueue LocalQueue that must be there")
    group.add_argument("--pull", action="store_true", help="let a node pull an image and run it")
    told.set_defaults(do=doctor)


def doctor(told: argparse.Namespace, rest: list[str]) -> int:
    """Look at everything that was asked for, and tell; returns the exit code."""
    if rest:
        raise InputError(f"unknown argument {rest[0]}; see codekiln doctor --help")
    asked = Told(told, os.environ)
    examination = Examination(subjects(asked))
    show = page.as_json if told.json else page.told
    lines = show(examination.lines(), asked.secrets, sys.stdout)
    code = exit_code(lines)
    if examination.is_cut_off:
        # Threads of libraries would be waited for, and one of them hangs.
        sys.stdout.flush()
        os._exit(code)
    return code


def exit_code(lines: Sequence[Line]) -> int:
    """Return FAILED if a line says so, 0 otherwise."""
    return FAILED if any(line.finding.state is State.FAIL for line in lines) else 0


class Told:
    """The flags, the environment, and what several subjects share."""

    def __init__(self, flags: argparse.Namespace, environ: Mapping[str, str]) -> None:
        """Read them; nothing is connected yet."""
        self.flags, self.environ = flags, environ
        self.only = wanted(flags.only)
        self.in_pod = bool(flags.in_cluster)
        self.packages = Packages(flags.pool)
        self.kube = Kube(flags.kube_context, self.namespace, in_pod=self.in_pod)
        self.secrets = [environ[name].strip() for name in SECRETS if environ.get(name, "").strip()]
        """What no line may tell; a token is added when it is read."""

    @property
    def namespace(self) -> str:
        """Return the namespace in which steps run."""
        told = self.flags.namespace or self.environ.get(access.NAMESPACE)
        if told is None and is_pod() and access.POD_NAMESPACE.is_file():
            told = access.POD_NAMESPACE.read_text(encoding="utf-8").strip()
        return str(told or self.flags.kubeflow_namespace)

    def asked(self, name: str, *, by: bool) -> bool:
        """Say whether a flag asks for the subject `name`: one of its own, or --only."""
        return by or name in (self.only or ())

    @property
    def asks_for_cluster(self) -> bool:
        """Say whether a flag is about the cluster."""
        f = self.flags
        return any((self.in_pod, f.kube_context, f.pool != CPU, f.queue, f.pull, f.namespace))

    def kubeflow(self) -> access.Access | None:
        """Return how to reach Kubeflow, None if nothing tells of one."""
        f = self.flags
        named = f.endpoint or f.port_forward or any(map(self.environ.get, access.ENDPOINTS))
        if not (named or self.in_pod):
            return None
        found = access.of(f, self.environ)
        self.secrets += filter(None, [found.token()])
        return found

    def store(self) -> str | None:
        """Return the store to try; in a pod it is the one of Kubeflow's settings."""
        if self.flags.store is None and self.in_pod:
            from codekiln_pipelines.doctor import objects

            try:
                return objects.pipeline_root(self.kube)
            except ForbiddenError as error:
                raise InputError(f"{error}; give the store with --store") from error
        told: str | None = self.flags.store
        if told is not None and not told.strip():
            raise InputError("--store is empty: give s3://BUCKET/PREFIX, or a folder")
        return told


def wanted(only: str | None) -> list[str] | None:
    """Read --only; raises InputError on an unknown subject."""
    if only is None:
        return None
    names = [name.strip() for name in only.split(",") if name.strip()]
    for name in names:
        if name not in SUBJECTS:
            raise InputError(unknown_key(name, list(SUBJECTS)).replace("setting", "subject"))
    return names


def subjects(told: Told) -> list[Subject]:
    """Return what is to be looked at, in the order of the report."""
    usual = [name for name in SUBJECTS if name != "engine" or not told.in_pod]
    return [built(name, told) for name in SUBJECTS if name in (told.only or usual)]


def built(name: str, told: Told) -> Subject:
    """Return the subject `name`; one that cannot be made is a line like any other."""
    try:
        return SUBJECTS[name](told)
    except Exception as error:  # noqa: BLE001 -- a defect of one subject must not hide the others
        broken = error

    def look() -> Finding:
        raise broken

    return Subject(name=name, checks=[Check(name=name, look=look)])


def _machine(told: Told) -> Subject:
    from codekiln_pipelines.doctor import machine

    return machine.subject(told.flags.work, in_pod=told.in_pod, asked=True)


def _engine(told: Told) -> Subject:
    from codekiln_pipelines.doctor import containers

    return containers.subject(told.packages, asked=told.asked("engine", by=False))


def _gpu(told: Told) -> Subject:
    from codekiln_pipelines.doctor import gpu

    return gpu.subject(asked=told.asked("gpu", by=False))


def _store(told: Told) -> Subject:
    from codekiln_pipelines.doctor import store

    asked = told.asked("store", by=told.flags.store is not None or told.in_pod)
    return store.subject(told.store, asked=asked)


def _kubeflow(told: Told) -> Subject:
    from codekiln_pipelines.doctor import kubeflow

    # Whoever tells of a Kubeflow, by flag or variable, means this one.
    return kubeflow.subject(told.kubeflow, asked=True)


def _cluster(told: Told) -> Subject:
    from codekiln_pipelines.doctor import cluster as of_cluster
    from codekiln_pipelines.doctor import pull

    f = told.flags
    # Kubeflow may be asked about a namespace by who has no kubeconfig.
    names_cluster = told.asks_for_cluster and not (f.namespace and f.endpoint)
    if not (names_cluster or is_configured(told.environ)):
        return of_cluster.unconfigured()
    wants = of_cluster.Wanted(
        pool=f.pool,
        queue=f.queue,
        image=pull.image_of_tools() if f.pull else None,
        forwards=f.kubeflow_namespace if f.port_forward else None,
    )
    return of_cluster.subject(
        told.kube, told.packages, wants, asked=told.asked("cluster", by=told.asks_for_cluster)
    )


SUBJECTS: Mapping[str, Callable[[Told], Subject]] = {
    "machine": _machine,
    "engine": _engine,
    "gpu": _gpu,
    "store": _store,
    "kubeflow": _kubeflow,
    "cluster": _cluster,
}
"""In the order of the report."""
