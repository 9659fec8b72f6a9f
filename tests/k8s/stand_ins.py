"""A machine whose docker, kind, kubectl and helm only note how they are called."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

from k8s.manifests import K8S

SCRIPT = K8S / "kind" / "local-cluster"
STUB = Path(__file__).parent / "stub.sh"
NEEDED = ("docker", "kind", "kubectl", "helm", "codekiln")
COMMON = (
    "bash", "env", "dirname", "cat", "grep", "sort", "head", "od", "tr", "sed", "awk", "seq",
    "mktemp", "rm", "sleep",
)  # fmt: skip
"""What any machine has."""


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a call of the script ended."""

    code: int
    out: str
    err: str


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine with some tools, and what happened on it."""

    tools: Path
    state: Path

    def run(self, *argv: str, **environment: str) -> Ended:
        """Run the script with `argv`."""
        ended = subprocess.run(
            [str(SCRIPT), *argv],
            env={
                "PATH": str(self.tools), "STATE": str(self.state), "POLL_SECONDS": "0",
                "CODEKILN": str(self.tools / "codekiln"), **environment,
            },
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def lose(self, tool: str) -> None:
        """Take `tool` away."""
        (self.tools / tool).unlink()

    def put(self, name: str, text: str) -> None:
        """Let the stand-ins answer `text` where they look for `name`."""
        (self.state / name).write_text(text)

    @property
    def calls(self) -> list[str]:
        """What was called, in order."""
        path = self.state / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def forget(self) -> None:
        """Begin a new list of calls."""
        (self.state / "calls").unlink(missing_ok=True)


def made(tmp_path: Path) -> Machine:
    """Make a machine with every tool, and two images of ours."""
    machine = Machine(tmp_path / "tools", tmp_path / "state")
    machine.tools.mkdir()
    machine.state.mkdir()
    for tool in COMMON:
        (machine.tools / tool).symlink_to(str(shutil.which(tool)))
    for tool in NEEDED:
        (machine.tools / tool).symlink_to(STUB)
    machine.put("images", "localhost:5000/codekiln-tokenize:dev\nlocalhost:5000/codekiln-cli:dev\n")
    return machine
