import threading
import time
from pathlib import Path

from codekiln.core.training.monitor import Monitor, cpu_load, gpu_sensors, highest, sensors


def broken() -> dict[str, float]:
    raise OSError


def test_the_start_and_the_end_are_sampled_however_short_the_run() -> None:
    with Monitor({"one": lambda: {"one": 1.0}}, 3600.0) as monitor:
        pass
    assert [sample.readings for sample in monitor.samples] == [{"one": 1.0}] * 2


def test_samples_are_taken_by_the_clock_and_the_peak_is_kept() -> None:
    readings = iter([1.0, 5.0, 2.0, *[3.0] * 1000])
    with Monitor({"load": lambda: {"load": next(readings)}}, 0.01) as monitor:
        time.sleep(0.2)
    assert len(monitor.samples) >= 4
    assert monitor.peaks == {"load": 5.0}


def test_a_broken_sensor_is_left_out() -> None:
    with Monitor({"broken": broken, "one": lambda: {"one": 1.0}}, 3600.0) as monitor:
        pass
    assert monitor.peaks == {"one": 1.0}


def test_this_machine_has_sensors_and_no_gpu_of_that_name(tmp_path: Path) -> None:
    with Monitor(sensors(tmp_path, "GPU-none"), 3600.0) as monitor:
        pass
    assert {"cpu_percent", "ram_used_gib", "disk_used_percent"} <= monitor.peaks.keys()
    assert gpu_sensors("GPU-none") == {}


def test_the_highest_of_each_name_is_kept() -> None:
    assert highest({"a": 1.0, "b": 2.0}, {"a": 3.0}) == {"a": 3.0, "b": 2.0}


def spin(seconds: float) -> None:
    """Keep one CPU busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_the_first_reading_of_another_thread_tells_the_load_too() -> None:
    read, seen = cpu_load(), list[float]()
    assert read().keys() == {"cpu_percent"}
    spin(0.3)
    other = threading.Thread(target=lambda: seen.extend(read().values()))
    other.start()
    other.join()
    assert 0 < seen[0] <= 100
