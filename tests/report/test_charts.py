"""Curves as geometry."""

import math

from codekiln.report.charts import MOST_POINTS, Chart, Look, Series, draw, thinned

LOOK = Look(title="loss", x_title="step")


def drawn(points: list[tuple[float, float]], look: Look = LOOK) -> Chart:
    chart = draw([Series(name="a", points=points, style="first", has_dots=True)], look)
    assert chart is not None
    return chart


def test_a_curve_spans_the_plot_from_left_to_right() -> None:
    path = drawn([(1, 5.0), (2, 4.0), (3, 3.0)]).lines[0].path
    xs = [float(pair.split()[0]) for pair in path[1:].split("L")]
    assert xs == [0, 50, 100]


def test_higher_values_lie_nearer_to_the_top() -> None:
    high, low = drawn([(1, 5.0), (2, 3.0)]).lines[0].dots
    assert 0 <= high.y < low.y <= 100


def test_ticks_are_round_numbers_inside_the_plot() -> None:
    chart = drawn([(1, 3.1), (3570, 9.8)])
    assert [tick.text for tick in chart.y_ticks] == ["4", "6", "8", "10"]
    assert [tick.text for tick in chart.x_ticks] == ["1,000", "2,000", "3,000"]
    assert all(0 <= tick.at <= 100 for tick in chart.x_ticks + chart.y_ticks)


def test_one_point_a_flat_line_and_zeros_can_be_drawn() -> None:
    for points in ([(1.0, 2.0)], [(1.0, 2.0), (2.0, 2.0)], [(1.0, 0.0), (2.0, 0.0)]):
        for zero in (True, False):
            assert drawn(points, Look(title="", x_title="", from_zero=zero)).lines


def test_one_point_alone_is_a_dot() -> None:
    chart = draw([Series(name="a", points=[(1, 2.0)], style="first")], LOOK)
    assert chart is not None
    assert len(chart.lines[0].dots) == 1


def test_what_is_no_number_is_left_out_and_nothing_left_is_no_chart() -> None:
    assert len(drawn([(1, math.nan), (2, math.inf), (3, 1.0)]).lines[0].dots) == 1
    assert draw([Series(name="a", points=[(1, math.nan)], style="first")], LOOK) is None
    logarithmic = Look(title="", x_title="", log=True)
    assert draw([Series(name="a", points=[(1, 0.0)], style="first")], logarithmic) is None


def test_a_long_curve_is_thinned_and_keeps_its_spike() -> None:
    points = [(float(n), 99.0 if n == 5_000 else n % 7 / 7) for n in range(10_000)]
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert (5_000.0, 99.0) in kept
    assert kept == sorted(kept)


def test_a_log_axis_over_many_powers_has_powers_as_ticks() -> None:
    chart = drawn([(1, 3.0), (2, 30_000.0)], Look(title="", x_title="", log=True))
    assert [tick.text for tick in chart.y_ticks] == ["10", "100", "1,000", "10,000"]
