import os
from pathlib import Path

import pytest

from codekiln_pipelines.local import cgroup
from codekiln_pipelines.local.cgroup import Meter

FIRST = "4:memory:/libpod/a\n2:cpu,cpuacct:/libpod/a\n1:name=systemd:/x\n0::/\n"


def test_a_group_of_version_1_has_a_folder_for_each_controller() -> None:
    found = cgroup.folders(FIRST)
    assert found["memory"] == Path("/sys/fs/cgroup/memory/libpod/a")
    assert found["cpuacct"] == Path("/sys/fs/cgroup/cpuacct/libpod/a")


def test_a_group_of_version_2_has_one_folder() -> None:
    assert cgroup.folders("0::/user.slice/a\n") == {"": Path("/sys/fs/cgroup/user.slice/a")}


def measured(monkeypatch: pytest.MonkeyPatch, group: str, files: dict[Path, str]) -> Meter:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    meter = Meter(lambda: os.getpid())
    real = Path.read_text
    monkeypatch.setattr(
        Path, "read_text",
        lambda self, **told: group if str(self).startswith("/proc/") else real(self, **told),
    )  # fmt: skip
    meter.start()
    while meter.cpu_seconds is None:
        pass
    meter.stop()
    return meter


def test_figures_of_version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "ROOT", tmp_path)
    memory, cpu = tmp_path / "memory/libpod/a", tmp_path / "cpuacct/libpod/a"
    files = {
        memory / "memory.stat": "rss 1\ntotal_rss 300\ntotal_shmem 20\n",
        memory / "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
        cpu / "cpuacct.usage": "2500000000\n",
    }
    meter = measured(monkeypatch, FIRST, files)
    assert (meter.cpu_seconds, meter.peak_bytes, meter.out_of_memory) == (2.5, 320, True)


def test_figures_of_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "ROOT", tmp_path)
    files = {
        tmp_path / "a" / "memory.stat": "anon 300\nfile 9\nshmem 20\n",
        tmp_path / "a" / "memory.events": "low 0\noom 0\noom_kill 0\n",
        tmp_path / "a" / "cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
    }
    meter = measured(monkeypatch, "0::/a\n", files)
    assert (meter.cpu_seconds, meter.peak_bytes, meter.out_of_memory) == (1.5, 320, False)


def test_a_container_that_never_ran_is_not_measured() -> None:
    meter = Meter(lambda: 0)
    meter.start()
    meter.stop()
    assert (meter.cpu_seconds, meter.peak_bytes) == (None, None)
