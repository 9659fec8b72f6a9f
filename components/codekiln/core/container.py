"""How a phase becomes a container in a pipeline: its image, its command, its flags."""

import os

from kfp import dsl

REGISTRY = os.environ.get("CODEKILN_REGISTRY", "localhost:5000")
TAG = os.environ.get("CODEKILN_TAG", "dev")


def image(phase: str, variant: str = "") -> str:
    """Name the image of `phase`; `variant` is `cuda` for the one that runs on GPUs."""
    # one name a phase: the variant is in the tag, so that a registry lists both under it
    tag = f"{TAG}-{variant}" if variant else TAG
    return f"{REGISTRY}/codekiln-{phase.replace('_', '-')}:{tag}"


def of(phase: str, **flags: object) -> dsl.ContainerSpec:
    """Describe the container of `phase`, with one flag for each keyword."""
    # `{{$}}` is the whole executor input: the phase answers it with executor_output.json.
    args: list[object] = ["--executor-input", "{{$}}"]
    for name, value in flags.items():
        args += ["--" + name.replace("_", "-"), value]
    return dsl.ContainerSpec(
        image=image(phase),
        command=["python", "-m", f"codekiln.{phase}"],
        args=args,
    )
