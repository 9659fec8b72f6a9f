import base64
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from codekiln.train_model import curves

if TYPE_CHECKING:
    from codekiln.core.training.report import Report

CHART = '<svg xmlns="http://www.w3.org/2000/svg"><path id="a"/></svg>'
# What the page reads of a report; the rest of one takes a run to make.
REPORT = cast(
    "Report",
    SimpleNamespace(
        epochs=3,
        perplexity=12.34,
        losses=SimpleNamespace(
            best_validation=2.5129, best_step=1200, training=SimpleNamespace(final=2.25)
        ),
    ),
)


def charts(folder: Path, *names: str) -> list[Path]:
    paths = [folder / f"{name}.svg" for name in names]
    for path in paths:
        path.write_text(CHART)
    return paths


def test_the_page_shows_every_chart_and_says_how_it_ended(tmp_path: Path) -> None:
    page = curves.render(REPORT, charts(tmp_path, "loss", "learning_rate"))
    assert re.findall(r'alt="([^"]+)"', page) == ["loss", "learning rate"]
    shown = re.findall(r"base64,([^\"]+)", page)
    assert [base64.b64decode(image).decode() for image in shown] == [CHART, CHART]
    assert "Validation loss 2.5129 (perplexity 12.3) at step 1,200" in page


def test_the_page_runs_no_script_and_asks_for_nothing_from_outside(tmp_path: Path) -> None:
    page = curves.render(REPORT, charts(tmp_path, "loss"))
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_the_folder_of_the_page_is_made(tmp_path: Path) -> None:
    curves.save(tmp_path / "deep" / "curves", REPORT, charts(tmp_path, "loss"))
    assert (tmp_path / "deep" / "curves").read_text(encoding="utf-8").startswith("<!doctype html>")
