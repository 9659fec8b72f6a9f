"""The curves of a run as one page, which Kubeflow shows beside the step.

It asks for nothing from outside and runs no script: Kubeflow shows it in a closed frame.
"""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from codekiln.core.training.report import Report

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Training curves</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1c2733; max-width: 50rem; margin: 1rem auto }}
img {{ width: 100% }}
</style>
<p>{told}</p>
{images}
</html>
"""
IMAGE = '<img alt="{name}" src="data:image/svg+xml;base64,{data}">'


def save(path: Path, report: Report, charts: Sequence[Path]) -> None:
    """Write the page of `report` and its `charts`, files of SVG, into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report, charts), encoding="utf-8")


def render(report: Report, charts: Sequence[Path]) -> str:
    """Return the page; each chart is an image of its own, so that no two ids in them clash."""
    images = "\n".join(
        IMAGE.format(
            name=escape(chart.stem.replace("_", " ")),
            data=base64.b64encode(chart.read_bytes()).decode("ascii"),
        )
        for chart in charts
    )
    return PAGE.format(told=escape(summary(report)), images=images)


def summary(report: Report) -> str:
    """Say in one line how the run went."""
    losses = report.losses
    return (
        f"Validation loss {losses.best_validation:.4f} (perplexity {report.perplexity:.1f}) at "
        f"step {losses.best_step:,}, the best of {report.epochs} epochs; "
        f"training loss {losses.training.final:.4f} at the end"
    )
