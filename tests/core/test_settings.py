from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from codekiln.core import settings
from codekiln.core.errors import InputError
from codekiln.core.settings import INPUT, Input, InRun, OptionalPath, Output, Section


class Oven(Section):
    heat: float = Field(5e-5, gt=0, description="degrees")
    shelves: int = Field(2, ge=1)


class Settings(Section):
    """Bake."""

    dough: Input
    bread: Output
    recipe: OptionalPath = None
    loaves: int = Field(1, ge=1)
    starter: Annotated[str, InRun("starter")] = ""
    oven: Oven = Oven()


Settings.__module__ = "codekiln.bake.settings"
FOLDERS = {"dough": "d", "bread": "b"}


def test_a_number_in_exponent_form_is_a_number() -> None:
    assert settings.document("rate: 5e-5\nother: -1E+3") == {"rate": 5e-5, "other": -1000.0}


def test_on_is_a_word_and_true_is_a_boolean() -> None:
    assert settings.document("a: on\nb: true") == {"a": "on", "b": True}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_prints_is_read_back(number: float) -> None:
    assert settings.document(f"value: {number!r}") == {"value": number}


def test_a_document_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("oven:\n  heat: 1e-3\n")
    assert settings.document(str(tmp_path / "c.yaml")) == {"oven": {"heat": 1e-3}}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the configuration .*none\.yaml"):
        settings.document(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize("text", ["- a\n- b", "{a: [}", "a:\n\t- b", "\x00: 1"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        settings.document(text)


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert settings.document("") == {}


def test_flags_win_over_the_document_and_the_document_over_defaults() -> None:
    config = {"bake": {"loaves": 3, "recipe": "r"}, "oven": {"heat": 7}}
    told = settings.read(Settings, config, {**FOLDERS, "loaves": "4"})
    assert (told.loaves, told.recipe, told.oven) == (4, Path("r"), Oven(heat=7, shelves=2))


def test_an_empty_flag_is_absent() -> None:
    assert settings.read(Settings, {}, {**FOLDERS, "recipe": ""}).recipe is None


def test_an_unknown_key_names_the_nearest_right_one() -> None:
    with pytest.raises(InputError, match=r"unknown setting oven\.haet: did you mean heat\?"):
        settings.read(Settings, {"oven": {"haet": 1}}, FOLDERS)


def test_a_value_out_of_bounds_is_told_with_what_it_may_be() -> None:
    with pytest.raises(InputError, match=r"loaves is 0: .*greater than or equal to 1"):
        settings.read(Settings, {}, {**FOLDERS, "loaves": 0})


def test_every_fault_is_told_in_one_line() -> None:
    with pytest.raises(InputError) as error:
        settings.read(Settings, {"oven": {"heat": "hot"}}, {"dough": "d", "loaves": 0})
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in ("bread is missing", "oven.heat", "loaves"))


def test_a_section_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(InputError, match="oven is 3; it must map settings to values"):
        settings.read(Settings, {"oven": 3}, FOLDERS)


def test_an_unknown_section_names_the_nearest_right_one() -> None:
    with pytest.raises(InputError, match=r"unknown setting ovne: did you mean oven\?"):
        settings.check_sections(["ovne"], ["oven", "bake"])


def test_a_partial_check_asks_for_no_missing_flag() -> None:
    settings.check_partial("bake", Settings, {"loaves": 2})
    with pytest.raises(InputError, match=r"bake\.loaves is 0"):
        settings.check_partial("bake", Settings, {"loaves": 0})


def test_settings_know_their_phase_their_sections_and_their_roles() -> None:
    assert settings.phase_of(Settings) == "bake"
    assert settings.sections_of(Settings) == {"oven": Oven}
    assert settings.plain_of(Settings) == ["dough", "bread", "recipe", "loaves", "starter"]
    assert settings.role_of(Settings, "dough") == INPUT
    assert settings.role_of(Settings, "loaves") is None


def test_settings_cannot_be_changed() -> None:
    told = settings.read(Settings, {}, FOLDERS)
    with pytest.raises(ValueError, match="frozen"):
        told.loaves = 2  # type: ignore[misc] # that it is refused is the point


def test_an_annotated_path_keeps_its_type() -> None:
    class Other(Section):
        folder: Annotated[Path, INPUT]

    assert settings.role_of(Other, "folder") == INPUT


def test_a_misspelled_section_is_refused_by_the_phase_itself() -> None:
    with pytest.raises(InputError, match=r"unknown setting bakee: did you mean bake\?"):
        settings.read(Settings, {"bakee": {"loaves": 2}}, FOLDERS)
    assert settings.read(Settings, {"brew": {"pots": 2}}, FOLDERS).loaves == 1


def test_a_place_in_the_run_gives_way_to_what_is_told() -> None:
    places = settings.places_in_run(Settings, "s3://bucket/run")
    left, told, flag = (
        settings.read(Settings, config, {**FOLDERS, **flags}, under=places).starter
        for config, flags in [
            ({}, {}),
            ({"bake": {"starter": "/cellar"}}, {}),
            ({"bake": {"starter": "/cellar"}}, {"starter": "/shelf"}),
        ]
    )
    assert (left, told, flag) == ("s3://bucket/run/starter", "/cellar", "/shelf")


def test_outside_a_run_no_place_is_made_up() -> None:
    assert settings.places_in_run(Settings, "") == {}
