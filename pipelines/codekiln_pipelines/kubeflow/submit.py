"""`codekiln submit`, `follow` and `terminate`: a run on Kubeflow, from flags to its last state.

Standard output gets the id of the run and nothing else; what is for people is on standard error.
"""

import argparse
import importlib.metadata
import os
import re
import sys
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath

from codekiln.core import flags
from codekiln.core.errors import CodekilnError, InputError
from codekiln.core.program import INTERRUPTED
from codekiln_pipelines.cluster import refuse_name
from codekiln_pipelines.kubeflow import access, asked, connection, follow, run_state
from codekiln_pipelines.kubeflow.asked import Asked
from codekiln_pipelines.kubeflow.connection import Kubeflow, NewRun
from codekiln_pipelines.kubeflow.errors import NotThereError
from codekiln_pipelines.kubeflow.follow import Pace, RunView
from codekiln_pipelines.kubeflow.run_state import RunState

FAILED = 1
"""Exit code for a run that did not succeed."""
EXPERIMENT = "codekiln"
EXPERIMENT_VARIABLES = (
    "KF_PIPELINES_OVERRIDE_EXPERIMENT_NAME",
    "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME",
)
"""kfp.Client's own: the first wins over a flag, the second is for want of one."""
SERVICE_ACCOUNT = "codekiln-runner"
LONGEST_NAME = 191
"""Characters that the server's database keeps of a name."""
ROOTS = re.compile(r"^(s3|gs|minio)://[^/?#\s]+(/[^\s]*)?$")
DURATION = re.compile(r"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$")


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the commands submit, follow and terminate."""
    told = commands.add_parser(
        "submit",
        help="run a pipeline on Kubeflow; codekiln submit PIPELINE --help tells more",
        # Help after the name is the pipeline's own.
        add_help=False,
    )
    told.add_argument("pipeline", nargs="?")
    told.set_defaults(do=submit)
    told = commands.add_parser("follow", help="wait for a run on Kubeflow and show its steps")
    told.add_argument("run_id", metavar="RUN_ID")
    add_timeout(told)
    access.add_flags(told)
    told.set_defaults(do=follow_run)
    told = commands.add_parser("terminate", help="stop a run on Kubeflow")
    told.add_argument("run_id", metavar="RUN_ID")
    access.add_flags(told)
    told.set_defaults(do=terminate)


def add_flags(parser: flags.Parser) -> None:
    """Add what `submit` takes besides the parameters of the pipeline."""
    parser.add_argument("--name", help="name of the run (default: pipeline, subject and time)")
    add_run_flags(parser)
    parser.add_argument(
        "--no-wait", dest="wait", action="store_false", help="start the run, print its id, end"
    )
    add_timeout(parser)
    access.add_flags(parser)


def add_run_flags(parser: flags.Parser) -> None:
    """Add what every run on Kubeflow can be told."""
    parser.add_argument("--experiment", help=f"experiment of the run (default: {EXPERIMENT})")
    parser.add_argument(
        "--service-account",
        default=SERVICE_ACCOUNT,
        metavar="NAME",
        help=f"who its pods are (default: {SERVICE_ACCOUNT})",
    )
    parser.add_argument(
        "--pipeline-root",
        metavar="URI",
        help="where artifacts go, s3://BUCKET/PREFIX (default: what Kubeflow is set to)",
    )


def add_timeout(parser: flags.Parser) -> None:
    """Add the flag that ends the waiting, not the run."""
    parser.add_argument(
        "--timeout", type=seconds_of, metavar="TIME", help="wait no longer: 90s, 15m, 2h30m"
    )


def submit(told: argparse.Namespace, rest: list[str]) -> int:
    """Start a run, and follow it to its end unless told otherwise; returns 0, 1 or 130."""
    request = asked.read("submit", told.pipeline, rest, add_flags)
    now = datetime.now().astimezone()
    name = request.told.name or run_name(request, now)
    with connection.connected(access.of(request.told)) as client:
        new = new_run(client, request, name)
        run_id = client.create_run(new)
        view = RunView()
        sys.stdout.write(f"{run_id}\n")
        sys.stdout.flush()
        view.say(f"{name}\n  {client.page(f'runs/details/{run_id}')}")
        if not request.told.wait:
            view.say(f"  to follow it: codekiln follow {run_id}")
            return 0
        return wait(client, run_id, view, Pace(limit_s=request.told.timeout))


def follow_run(told: argparse.Namespace, rest: list[str]) -> int:
    """Follow a run that is there already."""
    no_more(rest)
    with connection.connected(access.of(told)) as client:
        view = RunView()
        view.say(f"  {client.page(f'runs/details/{told.run_id}')}")
        return wait(client, told.run_id, view, Pace(limit_s=told.timeout))


def terminate(told: argparse.Namespace, rest: list[str]) -> int:
    """Stop a run; one that has ended stays as it is."""
    no_more(rest)
    with connection.connected(access.of(told)) as client:
        state = client.insist(client.runs.run_service_get_run, told.run_id).state
        if state in run_state.ENDED:
            sys.stderr.write(f"{told.run_id} has ended already: {state.lower()}\n")
            return 0
        client.ask(client.runs.run_service_terminate_run, told.run_id)
        sys.stderr.write(f"{told.run_id} stops; to see it end: codekiln follow {told.run_id}\n")
    return 0


def wait(client: Kubeflow, run_id: str, view: RunView, pace: Pace) -> int:
    """Follow a run to its end and say how it ended; returns the exit code.

    Raises ServiceError or InputError when it can be followed no longer.
    """
    try:
        run = follow.to_the_end(client, run_id, view, pace)
    except KeyboardInterrupt:
        view.say(
            f"\n  the run goes on without us; to see it: codekiln follow {run_id}"
            f"\n  to stop it: codekiln terminate {run_id}"
        )
        return INTERRUPTED
    except NotThereError:
        raise
    except CodekilnError:
        view.say(f"  the run goes on without us; to see it: codekiln follow {run_id}")
        raise
    tell_end(client, run, view)
    return 0 if run.state in {run_state.SUCCEEDED, run_state.SKIPPED} else FAILED


def tell_end(client: Kubeflow, run: RunState, view: RunView) -> None:
    """Say how a run ended, and of one that failed what failed and where its log is."""
    view.say(f"{run.name or run.run_id}: {run.state.lower()}")
    words = client.last_words(run.run_id) if run.failed else {}
    for step in run.failed:
        said = (line for node, line in words.items() if step.name in node.split("."))
        why = step.message or next(said, "") or run.message or "its log tells why"
        view.say(f"  step {step.name} failed: {why}")
    if run.failed:
        view.say(
            f"  log: kubectl logs --namespace {client.run_namespace} --container main --prefix "
            f"--tail 50 --selector pipeline/runid={run.run_id}\n"
            f"  or the step's page: {client.page(f'runs/details/{run.run_id}')}"
        )
    elif run.message:
        view.say(f"  {run.message}")


def new_run(client: Kubeflow, request: Asked, name: str) -> NewRun:
    """Make what is to be sent, in the experiment that is asked for; raises InputError."""
    if len(name) > LONGEST_NAME:
        raise InputError(f"the name has {len(name)} characters; Kubeflow keeps {LONGEST_NAME}")
    refuse_name("--service-account", request.told.service_account)
    root = request.told.pipeline_root
    if root and not ROOTS.match(root):
        raise InputError(f"the pipeline root is {root!r}; one is s3://BUCKET/PREFIX")
    return NewRun(
        name=name,
        description=description_of(request),
        experiment_id=client.experiment_id(experiment_of(request.told.experiment, os.environ)),
        source=request.package.source,
        arguments=request.arguments,
        pipeline_root=root,
        service_account=request.told.service_account,
    )


def description_of(request: Asked) -> str:
    """Say what runs, and mark this one submission so that it can be found again."""
    version = importlib.metadata.version("codekiln")
    return (
        f"codekiln {version}, {request.package.name}, package sha256:{request.package.digest}, "
        f"submission {uuid.uuid4().hex}"
    )


def experiment_of(told: str | None, environ: Mapping[str, str]) -> str:
    """Return the experiment that the flag or the environment names."""
    override, default = map(environ.get, EXPERIMENT_VARIABLES)
    return override or told or default or EXPERIMENT


def run_name(request: Asked, now: datetime) -> str:
    """Name a run as `codekiln run` names its folder: pipeline, subject, time."""
    subject = PurePosixPath(str(request.arguments.get("repository", ""))).stem
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", subject).strip("-.")[:80]
    return "-".join(filter(None, [request.package.name, clean, f"{now:%Y%m%d-%H%M%S}"]))


def seconds_of(text: str) -> float:
    """Read a time such as 90s, 15m or 2h30m; raises InputError."""
    found = DURATION.match(text.strip().lower())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total = 3600 * hours + 60 * minutes + seconds
    if not total:
        raise InputError(f"the timeout is {text!r}; one is 90s, 15m or 2h30m")
    return float(total)


def no_more(rest: list[str]) -> None:
    """Raise InputError for arguments that nothing reads."""
    if rest:
        raise InputError(f"unknown argument {rest[0]}; see codekiln --help")
