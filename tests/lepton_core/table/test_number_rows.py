"""Many rows of nothing but numbers are read at once, and are what each of them is alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import ColumnSchema, Filled, Schema, read_rows, rows_to_table
from lepton_core.table.number_rows import number_rows

SCHEMA = Schema(
    (
        ColumnSchema("a", "number"),
        ColumnSchema("b", "integer"),
        ColumnSchema("c", "duration"),
        ColumnSchema("d", "number", missing_words=("-999", "")),
    )
)
MANY = 40
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70) | st.just(-999)
OTHER = st.sampled_from([True, False, None, "3", "x", "", np.inf, np.nan, 10**400, np.float64(2.5), [1]])


def outcome(rows, columns=None):
    try:
        return read_rows(rows, SCHEMA, columns)
    except InvalidData as error:
        return error.count, error.reason


def alone(rows):
    """What the rows are without one another, as one table; how many cells are wrong, if some are."""
    each = [outcome([row]) for row in rows]
    wrong = sum(found[0] for found in each if isinstance(found, tuple))
    return wrong or [
        np.concatenate([found.table[name].values for found in each]).tolist() for name in SCHEMA.names
    ]


def same(found, wanted):
    if isinstance(found, tuple) or not isinstance(wanted, list):
        return isinstance(found, tuple) and found[0] == wanted
    values = [found.table[name].values for name in SCHEMA.names]
    filled = {name: int(np.isnan(cells).sum()) for name, cells in zip(SCHEMA.names, wanted, strict=True)}
    assert found.filled == tuple(Filled(name, rows) for name, rows in filled.items() if rows)
    return np.array_equal(values, wanted, equal_nan=True)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(NUMBER, min_size=4, max_size=4), min_size=1, max_size=6),
    st.none() | st.tuples(st.integers(0, MANY - 1), st.integers(0, 3), OTHER),
    st.permutations(range(4)),
)
def test_rows_read_together_are_those_read_alone(some, odd, order):
    rows = [list(some[at % len(some)]) for at in range(MANY)]
    if odd is not None:
        rows[odd[0]][odd[1]] = odd[2]
    dicts = [dict(zip(SCHEMA.names, row, strict=True)) for row in rows]
    turned = [{SCHEMA.names[at]: row[at] for at in order} for row in rows]
    wanted = alone(rows)
    assert same(outcome(rows), wanted)
    assert same(outcome(rows, SCHEMA.names), wanted)
    assert same(
        outcome([[row[at] for at in order] for row in rows], [SCHEMA.names[at] for at in order]), wanted
    )
    assert same(outcome(dicts), wanted)
    assert same(outcome(turned), wanted)
    plain = odd is None or type(odd[2]) is np.float64
    assert plain is (number_rows(turned, SCHEMA) is not None)


@pytest.mark.parametrize("share", [1, 2, 50])
def test_a_truth_value_among_many_ones_and_zeros_is_found(share):
    rows = [[float(at % share == 0), 7, 0.5, 3] for at in range(100)]
    assert number_rows(rows, SCHEMA) is not None
    for wrong in (True, False):
        rows[57][0] = wrong
        assert number_rows(rows, SCHEMA) is None
        with pytest.raises(InvalidData, match="row 58, column 'a'"):
            read_rows(rows, SCHEMA)


def test_rows_that_are_not_all_of_the_same_columns_are_looked_at_one_by_one():
    row = {"a": 1.5, "b": 2, "c": 3, "d": 4}
    rows = [row] * MANY
    for other in ({**row, "e": 5}, {"a": 1.5}, {" a": 1.5, "b": 2, "c": 3, "d": 4}):
        assert number_rows([*rows, other], SCHEMA) is None
    found = read_rows([*rows, {**row, "e": 5}, {"a": 1.5}], SCHEMA)
    assert [one.column for one in found.ignored] == ["e"]
    assert found.filled == (Filled("b", 1), Filled("c", 1), Filled("d", 1))
    with pytest.raises(InvalidData, match="row 41"):
        read_rows([*rows, None], SCHEMA)  # type: ignore[list-item]


def test_other_kinds_are_looked_at_one_by_one():
    rows = [[1.5, 1]] * MANY
    for kind in ("boolean", "date", "category", "text", "identifier", "empty"):
        schema = Schema((ColumnSchema("a", "number"), ColumnSchema("b", kind)))
        assert number_rows(rows, schema) is None
    assert number_rows([[1.5]] * MANY, Schema((ColumnSchema("a", "number"),))) is None


def test_columns_that_the_model_does_not_read_stay_missing():
    rows = [{"a": 1.5, "b": 2, "c": 3, "d": 4}] * MANY
    found = read_rows(rows, SCHEMA, reads=frozenset({"a", "c"})).table
    assert [bool(column.missing.all()) for column in found.columns] == [False, True, False, True]
    assert rows_to_table(rows, SCHEMA)["b"].values.tolist() == [2.0] * MANY
