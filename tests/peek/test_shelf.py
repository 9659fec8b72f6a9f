from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_sets import Call, Watched
from example_folders import built, example

from codekiln.core.storage.local import LocalFolder
from codekiln.peek.shelf import Part, Place, Shelf, reservoir


def parts(folder: Path, files: int, rows: int, calls: list[Call]) -> list[Part]:
    store = Watched(folder, calls.append)
    for number in range(files):
        table = pa.table(
            {"number": range(number * rows, (number + 1) * rows), "text": ["x"] * rows}
        )
        pq.write_table(table, folder / f"rows-{number}.parquet", row_group_size=10)
    return [Part(store, f"rows-{number}.parquet", rows) for number in range(files)]


def test_the_first_rows_open_no_file_that_is_not_needed(tmp_path: Path) -> None:
    calls: list[Call] = []
    found = Shelf(parts(tmp_path, 3, 30, calls), {}).first(2)
    assert [row["number"] for row in found] == [0, 1]
    assert {name for _, name in calls} == {"rows-0.parquet"}
    assert not [what for what, _ in calls if what in ("read", "download")]


def test_rows_are_found_by_value_wherever_they_lie(tmp_path: Path) -> None:
    shelf = Shelf(parts(tmp_path, 3, 30, []), {"number": "75"})
    assert [row["number"] for row in shelf.first(5)] == [75]
    assert shelf.count() == 1


@pytest.mark.parametrize("wanted", [{}, {"text": "X"}])
def test_a_sample_comes_from_everywhere_each_row_once(
    tmp_path: Path, wanted: dict[str, str]
) -> None:
    found = [row["number"] for row in Shelf(parts(tmp_path, 3, 30, []), wanted).sample(60, 1)]
    assert len(set(found)) == 60
    assert found == sorted(found)
    assert {number // 30 for number in found} == {0, 1, 2}


def test_a_draw_favors_no_place() -> None:
    places = [Place(0, row) for row in range(10)]
    drawn = Counter(one.row for seed in range(500) for one in reservoir(places, 2, seed))
    assert min(drawn.values()) > 60


def test_a_row_that_does_not_tell_its_repository_gets_that_of_its_entry(tmp_path: Path) -> None:
    [first] = parts(tmp_path, 1, 3, [])
    [row] = Shelf([Part(first.store, first.name, 3, owner="acme/store")], {}).first(1)
    assert row["repository"] == "acme/store"


def test_a_plan_is_asked_for_its_first_step_alone(tmp_path: Path) -> None:
    folder = built(tmp_path, [example(1, descriptions=("first", "second"))])
    part = Part(LocalFolder(folder), "examples-00000.parquet")
    assert Shelf([part], {"description": "first"}).count() == 1
    assert Shelf([part], {"description": "second"}).count() == 0
