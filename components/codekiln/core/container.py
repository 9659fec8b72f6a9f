"""How a phase becomes a container in a pipeline: its image, its command, its flags."""

import os

from kfp import dsl

REGISTRY = os.environ.get("CODEKILN_REGISTRY", "localhost:5000")
TAG = os.environ.get("CODEKILN_TAG", "dev")


def of(phase: str, **flags: object) -> dsl.ContainerSpec:
    """Describe the container of `phase`, with one flag for each keyword."""
    # `{{$}}` is the whole executor input: the phase answers it with executor_output.json.
    args: list[object] = ["--executor-input", "{{$}}"]
    for name, value in flags.items():
        args += ["--" + name.replace("_", "-"), value]
    return dsl.ContainerSpec(
        image=f"{REGISTRY}/codekiln-{phase.replace('_', '-')}:{TAG}",
        command=["python", "-m", f"codekiln.{phase}"],
        args=args,
    )
