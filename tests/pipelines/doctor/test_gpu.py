from pathlib import Path

import pytest

from codekiln_pipelines.doctor import gpu
from codekiln_pipelines.doctor.finding import State
from codekiln_pipelines.doctor.gpu import GIB, Device, Driver

H100 = Device("NVIDIA H100 80GB HBM3", 80 * GIB)


def test_gpus_are_told_with_their_memory_and_driver() -> None:
    found = gpu.judged(Driver("580.65.06", [H100]))
    assert found.state is State.OK
    assert found.found == "NVIDIA H100 80GB HBM3 80 GiB; driver 580.65.06"


def test_a_driver_too_old_for_our_cuda_fails() -> None:
    found = gpu.judged(Driver("535.104.05", [H100]))
    assert found.state is State.FAIL
    assert "580 or newer" in found.remedy


def test_a_small_gpu_is_a_warning() -> None:
    assert gpu.judged(Driver("580.1", [Device("T400", 4 * GIB)])).state is State.WARN


def test_a_driver_without_a_gpu_is_a_machine_without_one() -> None:
    assert gpu.judged(Driver("580.1", [])).state is State.SKIP


def plug(pci: Path, name: str, vendor: str, kind: str) -> None:
    (pci / name).mkdir(parents=True)
    (pci / name / "vendor").write_text(f"{vendor}\n")
    (pci / name / "class").write_text(f"{kind}\n")


def test_a_card_without_a_driver_is_seen_on_the_bus(tmp_path: Path) -> None:
    plug(tmp_path, "0000:00:02.0", "0x8086", "0x030000")
    plug(tmp_path, "0000:01:00.0", "0x10de", "0x030200")
    plug(tmp_path, "0000:01:00.1", "0x10de", "0x040300")
    assert gpu.cards(tmp_path) == 1
    found = gpu.no_driver(1, "NVML Shared Library Not Found")
    assert found.state is State.FAIL
    assert "nvidia-smi" in found.remedy


def test_a_machine_without_a_card_needs_no_driver(tmp_path: Path) -> None:
    assert gpu.cards(tmp_path / "none") == 0
    assert gpu.no_driver(0, "NVML Shared Library Not Found").state is State.SKIP


def test_a_card_that_cannot_be_looked_at_is_a_warning() -> None:
    assert gpu.no_driver(1, "nvidia-ml-py is not installed").state is State.WARN


@pytest.mark.parametrize(("text", "read"), [("580.65.06", (580, 65, 6)), ("580", (580,))])
def test_a_version_is_read_as_numbers(text: str, read: tuple[int, ...]) -> None:
    assert gpu.number(text) == read
