"""The container engine of this machine, for runs with --containers."""

import re
import shutil
import subprocess
from collections.abc import Callable

from codekiln.core.errors import InputError
from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn
from codekiln_pipelines.doctor.needs import Packages
from codekiln_pipelines.local import engine
from codekiln_pipelines.local.engine import Engine

NONE_NEEDED = "install podman to use it (Debian: apt-get install podman)"
LEAST_IDS = 65536
"""Users inside an image; ours is 65532."""
ANSWER_S = 10.0


class Containers:
    """The checks; the engine is found by the first of them."""

    def __init__(self, packages: Packages, *, asked: bool) -> None:
        """Look for the images of `packages`."""
        self.packages, self.asked = packages, asked
        self._engine: Engine | None = None

    @property
    def found(self) -> Engine:
        """Return the engine; only after the gate."""
        if self._engine is None:
            raise InputError("no container engine")
        return self._engine

    def engine(self) -> Finding:
        """Find the engine, and what it is."""
        if not any(map(shutil.which, engine.KNOWN)) and not self.asked:
            return skip("neither podman nor docker: local runs need none", NONE_NEEDED)
        self._engine = engine.find()
        kind = "rootless" if self.found.rootless else "as root"
        return ok(f"{self.found.program} {version_of(self.found)}, {kind}")

    def limits(self) -> Finding:
        """Say whether the engine can hold containers to their memory and cores."""
        return judged_limits(self.found)

    def identities(self) -> Finding:
        """Say whether this user may have the users of an image; root and daemons have all."""
        if not (self.found.rootless and self.found.is_podman):
            return ok("every user of an image can be had")
        return judged_identities(mapped_ids(self.found))

    def images(self) -> Finding:
        """Say which images of our steps are here."""
        return judged_images(self.packages.images(), self.found.has_image)


def subject(packages: Packages, *, asked: bool) -> Subject:
    """Return the checks of the container engine."""
    of = Containers(packages, asked=asked)
    return Subject(
        name="engine",
        asked=asked,
        checks=[
            Check(
                name="engine.version",
                look=of.engine,
                gates=True,
                remedy="start the engine and try: podman info, or docker info",
            ),
            Check(name="engine.limits", look=of.limits),
            Check(name="engine.users", look=of.identities),
            Check(name="engine.images", look=of.images, remedy="make images"),
        ],
    )


def version_of(found: Engine) -> str:
    """Return the version of an engine, as it tells it."""
    told = found.attempt("--version").stdout
    number = re.search(r"\d+(?:\.\d+)+", told)
    return number[0] if number else "of an unknown version"


def judged_limits(found: Engine) -> Finding:
    """Judge what an engine can limit."""
    missing = sorted({"memory", "cpu", "pids"} - found.controllers)
    if missing:
        return warn(
            f"{found.program} cannot limit {', '.join(missing)}: limits of steps are left out",
            "delegate the controllers to your user: systemctl --user needs cgroup v2 and "
            "Delegate=cpu memory pids in user@.service"
            if found.rootless
            else "boot with cgroup_enable=memory, or on cgroup v2",
        )
    return ok("memory, cores and processes of a step can be limited")


def mapped_ids(found: Engine) -> int:
    """Return how many users a rootless podman may have inside a container."""
    done = subprocess.run(
        [found.program, "unshare", "cat", "/proc/self/uid_map"],
        capture_output=True,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )
    return sum(int(line.split()[2]) for line in done.stdout.splitlines() if line.strip())


def judged_identities(count: int) -> Finding:
    """Judge how many users a rootless engine may have inside a container."""
    if count <= LEAST_IDS:
        return fail(
            f"your user may be {count} users inside a container, and images want {LEAST_IDS}",
            'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER" && '
            "podman system migrate",
        )
    return ok(f"{count} users inside a container")


def judged_images(wanted: list[str], is_here: Callable[[str], bool]) -> Finding:
    """Judge which of the `wanted` images are on this machine."""
    missing = [image for image in wanted if not is_here(image)]
    if missing:
        some = f"{missing[0]} and {len(missing) - 1} more" if len(missing) > 1 else missing[0]
        return warn(
            f"{len(wanted) - len(missing)} of {len(wanted)} images are here; {some} not",
            "make images, before a run with --containers",
        )
    return ok(f"all {len(wanted)} images are here")
