"""The smooth line through a noisy curve."""

import pytest

from codekiln.core.page.smoothing import smoothed


def test_the_smooth_line_of_a_steady_fall_lags_little_however_few_points() -> None:
    for points in (10, 100, 1000):
        falling = [1.0 - n / points for n in range(points)]
        lag = max(smooth - raw for smooth, raw in zip(smoothed(falling), falling, strict=True))
        assert lag < 0.06


def test_a_constant_stays_from_the_first_point_on() -> None:
    assert smoothed([3.0] * 50) == pytest.approx([3.0] * 50)
    assert smoothed([]) == []


def test_the_noise_of_many_points_is_smoothed_away() -> None:
    noisy = smoothed([1.0, 3.0] * 500)
    assert max(noisy[100:]) - min(noisy[100:]) < 0.1
