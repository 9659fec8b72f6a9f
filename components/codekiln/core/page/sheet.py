"""How templates become a page: one file that asks for nothing from outside and runs no script.

`templates/sheet.html` is what every page extends, `style.css` its look, `bars.html` a
kind of drawing that several have. A page's own templates lie in its package.
"""

import dataclasses
import json

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from codekiln.core.page import words


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One figure that is worth a tile."""

    name: str
    value: str
    note: str = ""


def environment(package: str) -> Environment:
    """Return the templates of `package`; whatever goes into one is cleaned, then escaped."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("codekiln.core.page")]),
        autoescape=True,
        finalize=_cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    named = (
        words.count, words.short, words.number, words.size, words.duration, words.percent,
        words.sensor, words.unit, words.counted,
    )  # fmt: skip
    made.filters |= {filter_.__name__: filter_ for filter_ in named}
    made.filters |= {"name": words.name_of, "pretty": _pretty}
    return made


def _cleaned(value: object) -> object:
    """Clean what is not yet markup; markup comes from our own templates alone."""
    return value if isinstance(value, Markup) else words.safe(value)


def _pretty(value: object) -> str:
    """Return `value` as JSON with two spaces a level."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
