"""The judge of Go's syntax is compiled in a stage that has little of codekiln."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = re.compile(r"^COPY (components/\S+(?: components/\S+)*) /kit/go/(\S+)$", re.MULTILINE)


def test_what_compiles_the_judge_has_all_that_it_imports(tmp_path: Path) -> None:
    told = (ROOT / "images" / "Containerfile").read_text(encoding="utf-8")
    stage = told.partition(" AS made-judge\n")[2].partition("\nFROM ")[0]
    for sources, into in COPIED.findall(stage):
        for source in map(ROOT.joinpath, sources.split()):
            place = tmp_path / into
            if source.is_dir():
                shutil.copytree(source, place)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place)
    # No site-packages: there codekiln is whole.
    loading = [sys.executable, "-S", "-c", "import codekiln.core.golang.toolchain"]
    subprocess.run(loading, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
