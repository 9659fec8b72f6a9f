"""Runs inside an image, by `python -c`, and prints what the image holds as JSON."""

import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

HOME = Path("/opt/codekiln")
SITE = next(Path(path) for path in sys.path if path.endswith("site-packages"))
PLACES = ("/", "/opt/codekiln", str(SITE), "/var", "/tmp")  # noqa: S108  # the image's
TOOLS = ("pip", "uv", "gcc", "g++", "make", "curl")
BUILDERS = ("pip", "hatchling", "cyclonedx_py")


def writable(folder: str) -> bool:
    """Try whether a file can be made in `folder`."""
    try:
        Path(folder, ".probe").touch()
    except OSError:
        return False
    return True


def compiled(source: Path) -> bool:
    """Say whether `source` has its bytecode beside it."""
    return Path(importlib.util.cache_from_source(str(source))).exists()


told = {
    "uid": os.getuid(),
    "environ": dict(os.environ),
    "writable": [place for place in PLACES if writable(place)],
    "installed": {
        found.metadata["Name"]: found.version
        for found in importlib.metadata.distributions(path=[str(SITE)])
    },
    "programs": [name for name in TOOLS if shutil.which(name)],
    "importable": [name for name in BUILDERS if importlib.util.find_spec(name)],
    "files": [str(path) for path in HOME.rglob("*")],
    "uncompiled": [str(path) for path in SITE.glob("codekiln*/**/*.py") if not compiled(path)],
    "sbom": json.loads(HOME.joinpath("sbom.cdx.json").read_text()),
}
json.dump(told, sys.stdout)
