from typing import Literal

import pytest
from pydantic import Field

from codekiln.core import flags
from codekiln.core.errors import InputError
from codekiln.core.settings import OptionalPath, Section


class Oven(Section):
    heat: float = Field(200.0, description="degrees")


class Settings(Section):
    """Bake bread."""

    loaves: int = Field(description="how many, up to 100 %")
    kind: Literal["rye", "wheat"] = Field("rye", description="flour")
    recipe: OptionalPath = Field(None, description="file to follow")
    is_sliced: bool = Field(False, description="cut it")
    oven: Oven = Oven()


PARSER = flags.parser_for(Settings, "bake")


def test_each_plain_field_is_a_flag_and_stays_text() -> None:
    told = flags.parse(PARSER, ["--loaves", "3", "--is-sliced", "true"])
    assert told == {"loaves": "3", "is_sliced": "true"}


def test_an_unknown_flag_names_the_nearest_one() -> None:
    with pytest.raises(InputError, match="unknown setting --loafs: did you mean --loaves"):
        flags.parse(PARSER, ["--loafs", "3"])


def test_a_flag_is_not_guessed_from_its_beginning() -> None:
    with pytest.raises(InputError):
        flags.parse(PARSER, ["--loav", "3"])


def test_a_flag_without_its_value_is_one_line() -> None:
    with pytest.raises(InputError, match="see bake --help"):
        flags.parse(PARSER, ["--loaves"])


def test_the_help_tells_defaults_choices_and_sections() -> None:
    text = PARSER.format_help()
    for told in ("up to 100 % (required)", "rye|wheat", "(default: rye)", "heat: 200.0"):
        assert told in text
