from pathlib import Path

import pytest
from jinja2 import UndefinedError

from codekiln.core.page.sheet import environment

HOSTILE = "<img src=x onerror=alert(1)>\u202e\x00{{ 7*7 }}"


@pytest.mark.parametrize("package", ["codekiln.report", "codekiln.reconcile_pulls"])
def test_a_page_of_any_phase_is_one_file_that_runs_nothing(package: str) -> None:
    made = environment(package).from_string(
        "{% extends 'sheet.html' %}{% block body %}{{ text }}{% endblock %}"
    )
    html = made.render(text=HOSTILE)
    assert "default-src 'none'" in html
    assert "--first:" in html
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in html
    for mark in ("<script", "<link", "http://", "https://", "\u202e", "\x00"):
        assert mark not in html


def test_a_name_that_a_template_does_not_know_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment("codekiln.report").from_string("{{ nothing }}").render()


def test_parts_that_pages_share_stand_once() -> None:
    root = Path(environment.__code__.co_filename).parents[2]
    names = [path.name for path in root.glob("**/templates/*")]
    assert len(names) == len(set(names))
