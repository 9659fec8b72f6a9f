from pathlib import Path

import pytest

from codekiln.core import memory


def laid_out(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


@pytest.mark.parametrize("name", memory.FILES)
def test_the_limit_of_a_container_counts_in_both_versions_of_cgroups(
    tmp_path: Path, name: str
) -> None:
    assert memory.usable(laid_out(tmp_path, name, "1048576\n")) == 1 << 20


@pytest.mark.parametrize("text", ["max\n", "rubbish", "", "9223372036854771712\n"])
@pytest.mark.parametrize("name", memory.FILES)
def test_without_a_limit_all_memory_counts(tmp_path: Path, name: str, text: str) -> None:
    there = memory.usable(tmp_path / "none")
    assert memory.usable(laid_out(tmp_path / "cgroup", name, text)) == there > 1 << 20
