import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from graphql import build_schema, validate_schema

from codekiln.fake_github import prune


def test_the_kept_part_is_a_valid_schema() -> None:
    assert validate_schema(build_schema(prune.TARGET.read_text("utf-8"))) == []


def test_the_file_names_its_source_and_licence() -> None:
    head = prune.TARGET.read_text("utf-8")[:500]
    assert prune.PACKAGE in head
    assert "MIT" in head


@pytest.mark.npm
@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not on the PATH")
def test_the_kept_part_is_what_the_package_gives_today(tmp_path: Path) -> None:
    subprocess.run(["npm", "pack", "--silent", prune.PACKAGE], cwd=tmp_path, check=True)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        schema = package.extractfile("package/schema.graphql")
        assert schema is not None
        whole = schema.read().decode()
    assert prune.prune(whole) == prune.TARGET.read_text("utf-8")
