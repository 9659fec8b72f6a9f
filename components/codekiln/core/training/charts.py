"""Charts of a run, drawn beside its report: losses, rate, gradient norm, hardware."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from codekiln.core.page import words
from codekiln.core.page.smoothing import smoothed
from codekiln.core.training.monitor import Sample
from codekiln.core.training.report import Report, Series

BLUE, ORANGE, GRAY = "#2458a6", "#d9731a", "#8a8f98"

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GRAY,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e6e8eb",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "codekiln",
}
"""The salt lets the same figures give the same bytes."""

SHORT_S = 180
"""A run up to so long is drawn over seconds, a longer one over minutes."""


def draw(folder: Path, report: Report, samples: list[Sample]) -> list[Path]:
    """Write every chart of `report` as SVG into `folder`; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        charts = {
            "loss": loss_chart(report),
            "learning_rate": line_chart("Learning rate", "rate", report.learning_rate),
            "gradient_norm": line_chart("Gradient norm", "norm, unclipped", report.gradient_norm),
            "hardware": hardware_chart(samples),
        }
        return [save(figure, folder / f"{name}.svg") for name, figure in charts.items()]


def save(figure: Figure, path: Path) -> Path:
    """Write `figure` with no date in it."""
    figure.savefig(path, format="svg", metadata={"Date": None})
    return path


def axes_of(title: str, x: str, y: str) -> tuple[Figure, Any]:
    """Make one figure with one pair of axes."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    return figure, axes


def steps_of(series: Series) -> list[int]:
    """Return the step of each entry of the history, counted from 1."""
    return [1 + number * series.every for number in range(len(series.history))]


def loss_chart(report: Report) -> Figure:
    """Draw training and validation loss, and mark the best epoch."""
    figure, axes = axes_of("Loss", "step", "nats a token")
    losses = report.losses
    steps = steps_of(losses.training)
    axes.plot(steps, losses.training.history, color=BLUE, alpha=0.25, linewidth=1)
    axes.plot(steps, smoothed(losses.training.history), color=BLUE, label="training")
    ends = [epoch.step for epoch in losses.per_epoch]
    values = [epoch.validation_loss for epoch in losses.per_epoch]
    axes.plot(ends, values, color=ORANGE, marker="o", label="validation")
    axes.axvline(losses.best_step, color=GRAY, linestyle=":", label="best epoch")
    axes.legend()
    return figure


def line_chart(title: str, unit: str, series: Series) -> Figure:
    """Draw one series over the steps."""
    figure, axes = axes_of(title, "step", unit)
    axes.plot(steps_of(series), series.history, color=BLUE, linewidth=1.2)
    axes.set_ylim(bottom=0)
    return figure


def hardware_chart(samples: list[Sample]) -> Figure:
    """Draw each sensor over the time of the last start, one panel a sensor."""
    names = sorted({name for sample in samples for name in sample.readings})
    figure = Figure(figsize=(8, 1.6 * max(1, len(names))), layout="constrained")
    FigureCanvasAgg(figure)
    is_short = not samples or samples[-1].seconds <= SHORT_S
    unit, unit_s = ("seconds", 1) if is_short else ("minutes", 60)
    for number, name in enumerate(names, start=1):
        axes = figure.add_subplot(len(names), 1, number)
        seen = [(s.seconds / unit_s, s.readings[name]) for s in samples if name in s.readings]
        axes.plot(*zip(*seen, strict=True), color=BLUE, linewidth=1.2, marker=".", markersize=3)
        axes.set_title(f"{words.sensor(name)}, {words.unit(name)}", fontsize=10)
        axes.set_ylim(bottom=0)
    figure.supxlabel(unit, fontsize=10)
    return figure
