"""Cells that come column by column are read as the rows of lists that they are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import ColumnSchema, Schema, read_rows
from lepton_core.table.row_cells import read_cells
from tests.support.sampling import examples

SCHEMA = Schema(
    (
        ColumnSchema("age", "number"),
        ColumnSchema("visits", "integer"),
        ColumnSchema("sex", "category", ("f", "m")),
        ColumnSchema("paid", "boolean"),
        ColumnSchema("when", "date"),
        ColumnSchema("note", "text"),
    )
)
CELLS = st.sampled_from(
    [None, True, 0, 1, -7, 2.5, 1e300, "", "f", "m", "x", " f", "NA", "1", "yes", "2024-05-01", "12:30"]
)
NAMES = st.permutations([*SCHEMA.names, "other", " age"])


def outcome(read: Any) -> Any:
    try:
        found = read()
    except InvalidData as error:
        return error.failure, error.by_row
    # NaN is no equal of NaN, and its text is.
    return repr(found)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_cells_by_column_are_read_as_lists_are(data: st.DataObject) -> None:
    columns = data.draw(st.just(list(SCHEMA.names)) | NAMES.map(lambda names: names[: len(names) - 1]))
    rows = data.draw(st.sampled_from([1, 3, 20]))
    pools = [data.draw(st.lists(CELLS, min_size=1, max_size=2)) for _ in columns]
    cells = [[data.draw(st.sampled_from(pool)) for _ in range(rows)] for pool in pools]
    reads = data.draw(st.none() | st.frozensets(st.sampled_from(SCHEMA.names), min_size=1))
    ignore = data.draw(st.frozensets(st.sampled_from(["other"])))
    lists = [list(row) for row in zip(*cells, strict=True)]

    wanted = outcome(lambda: read_rows(lists, SCHEMA, columns, ignore=ignore, reads=reads))
    assert outcome(lambda: read_cells(cells, SCHEMA, columns, ignore=ignore, reads=reads)) == wanted


@pytest.mark.parametrize("cells", [[], [[]], [[], []]])
def test_no_rows_are_refused(cells: list[list[Any]]) -> None:
    with pytest.raises(InvalidData, match="there are no rows"):
        read_cells(cells, SCHEMA, ["age", "visits"][: len(cells)])


NUMBERS = Schema((ColumnSchema("a", "number"), ColumnSchema("b", "integer")))


@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_arrays_of_finite_numbers_are_read_as_lists_of_the_same_cells(data: Any) -> None:
    names = data.draw(st.permutations(["a", "b", " a", "other"])).copy()[: data.draw(st.integers(1, 4))]
    rows = data.draw(st.integers(0, 3))
    cell = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 3).map(float))
    lists = [data.draw(st.lists(cell, min_size=rows, max_size=rows)) for _ in names]
    reads = data.draw(st.sampled_from([None, frozenset("ab"), frozenset("a")]))
    mixed = [own if data.draw(st.integers(0, 5)) == 0 else np.array(own) for own in lists]
    wanted = outcome(lambda: read_cells(lists, NUMBERS, names, reads=reads))
    assert outcome(lambda: read_cells(mixed, NUMBERS, names, reads=reads)) == wanted
