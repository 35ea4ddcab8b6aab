"""Objects in the cells of a row are columns of their own, by one rule in files and in calls."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table.files.values import Options
from lepton_core.table.formats.json_rows import read_json
from lepton_core.table.nested import MOST_DEPTH, flattened, is_nested

CELLS = st.integers(-9, 9) | st.text("ab", min_size=1, max_size=3) | st.booleans()
NAMES = st.text("xyz", min_size=1, max_size=3)
ROWS = st.dictionaries(
    NAMES, st.recursive(CELLS, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=6),
    min_size=1,
    max_size=4,
)  # fmt: skip


@given(ROWS)
def test_a_row_has_the_columns_that_it_would_have_in_a_file(row: dict[str, Any]) -> None:
    table = read_json(json.dumps([row, row]).encode(), Options()).table
    assert tuple(flattened(row, 1)) == table.names


@given(ROWS)
def test_a_flat_row_stays_as_it_is(row: dict[str, Any]) -> None:
    flat = flattened(row, 1)
    assert not is_nested(flat)
    assert flattened(flat, 1) == flat


def deep(levels: int) -> dict[str, Any]:
    return {"a": deep(levels - 1)} if levels > 1 else {"a": 1}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tags": ["new"]}, "row 7, column 'tags': holds a list, which is no cell; give each of its values a name"),
        ({"at": {"tags": []}}, "row 7, column 'at.tags': holds a list"),
        ({"at.zip": 1, "at": {"zip": 2}}, "row 7, column 'at.zip': the row has this name twice"),
        (deep(MOST_DEPTH + 1), "objects are nested deeper than 8; write {'a.b': 1} for {'a': {'b': 1}}"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_column_is_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidData) as caught:
        flattened(row, 7)
    assert message in str(caught.value)


def test_the_deepest_row_of_a_file_is_read() -> None:
    assert flattened(deep(MOST_DEPTH), 1) == {".".join("a" * MOST_DEPTH): 1}
