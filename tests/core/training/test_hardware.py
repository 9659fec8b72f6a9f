import dataclasses
from pathlib import Path

import pytest
import torch

from codekiln.core.errors import ServiceError
from codekiln.core.training import hardware
from codekiln.core.training.hardware import Hardware
from codekiln.core.training.settings import HardwareMonitoring, Training

CPU = Hardware(device="cpu", name="c", cpus=4, ram_gib=16.0, bf16=False)
GPU = dataclasses.replace(CPU, device="cuda", gpu_gib=16.0, bf16=True)


def test_this_machine_is_found() -> None:
    found = hardware.detect()
    assert found.cpus >= 1
    assert found.ram_gib > 0
    assert found.name


@pytest.mark.parametrize(("cpus", "workers"), [(1, 1), (2, 1), (5, 2), (16, 8), (64, 8)])
def test_half_the_cpus_load_data_eight_at_most(cpus: int, workers: int) -> None:
    assert hardware.workers(dataclasses.replace(CPU, cpus=cpus), Training()) == workers


def test_workers_can_be_told() -> None:
    assert hardware.workers(CPU, Training(workers=0)) == 0


@pytest.mark.parametrize(
    ("machine", "precision", "dtype"),
    [
        (CPU, "auto", torch.float32),
        (GPU, "auto", torch.bfloat16),
        (CPU, "bf16", torch.bfloat16),
        (GPU, "fp32", torch.float32),
    ],
)
def test_auto_takes_bf16_where_the_hardware_computes_it(
    machine: Hardware, precision: str, dtype: torch.dtype
) -> None:
    assert hardware.dtype(machine, Training.model_validate({"precision": precision})) == dtype


@pytest.mark.parametrize(
    ("gib", "advice"),
    [
        (None, "lower batch_size_cpu"),
        (16.0, r"RAISE gpu_memory_threshold_large_gb above 16\.0"),
        (8.0, r"RAISE gpu_memory_threshold_large_gb above 8\.0"),
        (6.0, r"RAISE gpu_memory_threshold_medium_gb above 6\.0"),
        (3.0, "lower batch_size_small"),
    ],
)
def test_out_of_memory_says_which_setting_to_move(gib: float | None, advice: str) -> None:
    machine = dataclasses.replace(GPU, gpu_gib=gib)
    told = hardware.out_of_memory(machine, 8, HardwareMonitoring())
    with pytest.raises(AssertionError, match=advice):
        raise AssertionError(told)


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA finds the GPU of this machine")
def test_a_gpu_that_was_given_and_cannot_be_used_is_not_passed_over() -> None:
    given = {"NVIDIA_VISIBLE_DEVICES": "GPU-5ad6f1b4,GPU-0c"}
    with pytest.raises(ServiceError, match=r"GPU-5ad6f1b4.*CUDA finds none"):
        hardware.detect(given)
    assert hardware.detect({**given, "CUDA_VISIBLE_DEVICES": ""}).device == "cpu"
    assert hardware.detect({"NVIDIA_VISIBLE_DEVICES": "all"}).device == "cpu"


def test_bf16_is_read_from_the_flags_of_the_cpu(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name : Xeon\nflags : fma avx512_bf16 amx_tile\n")
    assert hardware.cpu_flags(tmp_path / "cpuinfo") & hardware.BF16_FLAGS == {"avx512_bf16"}
    assert hardware.cpu_name(tmp_path / "cpuinfo") == "Xeon"


@pytest.mark.parametrize(
    ("name", "peak"), [("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA A100-SXM4", 312e12), ("?", None)]
)
def test_the_peak_of_a_known_gpu_is_known(name: str, peak: float | None) -> None:
    assert hardware.peak_of(name) == peak
