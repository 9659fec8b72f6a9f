"""Numbers and texts as a person reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.page import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (0.04, "< 0.1 s"), (4.25, "4.2 s"), (59.9, "60 s"), (60, "1 min"),
     (192, "3 min 12 s"), (3600, "1 h 0 min"), (90_061, "1 d 1 h")],
)  # fmt: skip
def test_a_duration_has_the_two_units_that_matter(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(12, "12"), (9_999, "9,999"), (12_345, "12.3 k"), (355_871_744, "356 M"),
     (float("inf"), "infinite"), (float("nan"), "unknown")],
)  # fmt: skip
def test_a_large_number_is_short(value: float, said: str) -> None:
    assert words.short(value) == said


def test_small_numbers_keep_their_digits() -> None:
    assert [words.number(v) for v in (0.00012345, 0.5, 3.14159, 1e-5, 1234.6)] == [
        "0.000123", "0.5", "3.14", "1e-05", "1,235",
    ]  # fmt: skip


def test_bytes_come_in_decimal_units() -> None:
    assert [words.size(n) for n in (0, 999, 1_000, 12_345_678, 10**18)] == [
        "0 B", "999 B", "1 kB", "12.3 MB", "1e+06 TB",
    ]  # fmt: skip


def test_a_repository_is_called_by_the_last_part_of_where_it_is() -> None:
    for where in (
        "/a/b/toy",
        "/a/b/toy/.git",
        "https://me:pw@host/a/toy.git/",
        "git@host:a/toy.git",
    ):
        assert words.title(where) == "toy"
    assert words.title("") == "repository"


def test_a_password_is_taken_out_of_a_url_and_nothing_else() -> None:
    assert words.public("https://me:pw@host/x") == "https://host/x"
    assert words.public("https://host/@x") == "https://host/@x"


@given(st.text())
def test_no_text_keeps_what_a_page_cannot_show(text: str) -> None:
    cleaned = words.safe(text)
    assert all(char == "\n" or char >= " " for char in cleaned)
    cleaned.encode()
    assert words.safe(cleaned) == cleaned


def test_a_hardware_reading_is_named_with_its_unit() -> None:
    assert words.sensor("gpu_memory_gib") == "GPU memory"
    assert words.sensor("cpu_percent") == "CPU load"
    assert [words.unit(key) for key in ("cpu_percent", "gpu_celsius", "odd")] == ["%", "°C", ""]
