"""Files of typed cells whose rows are to be predicted: no wrong row refuses the file, and each keeps its place."""

import math
from typing import Any

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions
from lepton_core.table.files.every_row import EMPTY_ROW, Unread
from lepton_core.table.formats import GivenFile, open_file
from tests.support.written_files import feather, ndjson, parquet, xlsx


def every(data: bytes, **said: Any) -> GivenFile:
    found = open_file(data, ReadingOptions(**said), every_row=True)
    assert isinstance(found, GivenFile)
    return found


def test_rows_of_json_keep_their_places_lines_and_names() -> None:
    found = every(b'{"a": 1}\n\n{"a": [1]}\n{"a": 2, "b": {"c": "x"}}\noops\n{"a": 1e999}\n{}\n')
    assert (found.table.names, found.table.rows, list(found.lines)) == (("a", "b.c"), 5, [1, 3, 4, 5, 6, 7])
    assert [(one.place, one.line) for one in found.unread] == [(3, 5)]
    assert found.names == [{"a"}, {"a"}, {"a", "b.c"}, {"a"}, frozenset()]
    assert {row: list(odd) for row, odd in found.odd.items()} == {1: ["a"], 3: ["a"]}
    assert found.table["a"].missing.tolist() == [False, True, False, True, True]
    assert every(ndjson([{"a": 1}, {"a": 2}])).names == ()


def test_all_rows_of_json_may_be_wrong_but_an_array_must_not_break_off() -> None:
    found = every(b'{"a": [1]}\n' * 150)
    assert len(found.odd) == 150 and found.table.names == ("a",)
    found = every(b'{"a": 1, "a": [1]}\n' * 150)
    assert len(found.unread) == 150 and found.table.names == () and not found.odd
    with pytest.raises(InvalidData, match="ends too early"):
        every(b'[{"a": 1}, {"a": 2}')


def test_a_column_of_texts_and_others_has_its_cells_as_they_are() -> None:
    rows: list[Any] = [[1.5, "x", True], ["oops", "y", "maybe"], [2, None, False]]
    found = every(ndjson([dict(zip("abc", row, strict=True)) for row in rows]))
    assert found.cells == {"a": [1.5, "oops", 2], "c": [True, "maybe", False]}
    assert every(xlsx(list("abc"), *rows)).cells == found.cells
    assert every(xlsx(["Title"], list("abc"), *rows)).lines == (3, 4, 5)


def test_empty_rows_of_a_sheet_keep_their_places_and_those_below_the_table_are_none() -> None:
    found = every(xlsx(["Title"], [], ["a", "b"], [], [1, 2], [], [], [3, 4], ["", None], []))
    assert found.unread == (Unread(1, EMPTY_ROW, 6), Unread(2, EMPTY_ROW, 7))
    assert found.lines == (5, 6, 7, 8) and found.table["a"].values.tolist() == [1, 3]


@pytest.mark.parametrize("write", [parquet, feather])
def test_an_infinity_costs_its_own_row(write: Any) -> None:
    data = write({"x": [1.5, math.inf, None, -math.inf], "y": ["a", "b", "c", "d"], "z": [1, 2, 3, 4]})
    found = every(data)
    assert found.unread == (
        Unread(1, "the cell is infinite", column="x"),
        Unread(3, "the cell is infinite", column="x"),
    )
    assert found.table["z"].values.tolist() == [1, 3] and not len(found.lines)
    learned = open_file(data, ReadingOptions())
    assert isinstance(learned, GivenFile) and learned.table["x"].as_list() == ["1.5", "inf", None, "-inf"]
    assert every(data, exclude=("x",)).unread == ()
