from pathlib import Path

import pytest

from codekiln.core import cores


def laid_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"cpu.max": "100000 100000\n"},
        {"cpu.max": "50000 100000\n"},
        {"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"},
    ],
)
def test_the_limit_of_a_container_counts_in_both_versions_of_cgroups(
    tmp_path: Path, files: dict[str, str]
) -> None:
    assert cores.usable(laid_out(tmp_path, files)) == 1


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"cpu.max": "max 100000\n"},
        {"cpu.max": "rubbish"},
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
    ],
)
def test_without_a_limit_every_core_counts(tmp_path: Path, files: dict[str, str]) -> None:
    assert cores.usable(laid_out(tmp_path / "cgroup", files)) == cores.usable(tmp_path / "none")
