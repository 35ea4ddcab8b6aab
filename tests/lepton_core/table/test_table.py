"""Columns, tables, schemas, their packed form and their figures."""

import json
import math
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidArtifact, InvalidData, InvalidInput
from lepton_core.table import (
    Categories,
    ColumnSchema,
    Numbers,
    Schema,
    Table,
    describe,
    pack_table,
    unpack_table,
)

SETTINGS = settings(deadline=None, max_examples=80)
CELLS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw, min_rows=0):
    rows = draw(st.integers(min_rows, 8))
    names = draw(st.lists(st.text(min_size=1, max_size=4), unique=True, min_size=1, max_size=4))
    columns = []
    for name in names:
        if draw(st.booleans()):
            cells = draw(st.lists(CELLS, min_size=rows, max_size=rows))
            columns.append(Numbers(name, np.array(cells, dtype=np.float64)))
        else:
            texts = draw(st.lists(st.none() | st.text(max_size=3), min_size=rows, max_size=rows))
            columns.append(Categories.of(name, texts))
    return Table(tuple(columns))


TABLE = Table((Numbers("a", np.array([1.0, np.nan, 3.0])), Categories.of("b", ["y", "x", None])))


def test_a_table_gives_columns_by_name_and_names_the_one_that_is_absent():
    assert (TABLE.rows, TABLE.names) == (3, ("a", "b"))
    assert TABLE["b"].levels == ("x", "y")
    assert "a" in TABLE
    for miss in (lambda: TABLE["z"], lambda: TABLE.without("z"), lambda: TABLE.select(["a", "z"])):
        with pytest.raises(InvalidData) as caught:
            miss()
        assert caught.value.column == "z"


def test_take_without_and_select():
    taken = TABLE.take(np.array([2, 0]))
    assert taken == Table(
        (Numbers("a", np.array([3.0, 1.0])), Categories("b", np.array([-1, 1], dtype=np.int32), ("x", "y")))
    )
    assert TABLE.without("a").names == ("b",)
    assert TABLE.select(["b", "a"]).names == ("b", "a")


def test_a_table_of_unequal_or_repeated_columns_is_a_programming_error():
    with pytest.raises(ValueError, match="one length"):
        Table((Numbers("a", np.zeros(2)), Numbers("b", np.zeros(3))))
    with pytest.raises(ValueError, match="one name"):
        Table((Numbers("a", np.zeros(2)), Numbers("a", np.zeros(2))))
    with pytest.raises(ValueError, match="float64"):
        Numbers("a", np.zeros(2, dtype=np.float32))
    with pytest.raises(ValueError, match="int32"):
        Categories("a", np.zeros((2, 2), dtype=np.int32), ())


def test_columns_compare_by_value():
    assert Numbers("a", np.array([np.nan])) == Numbers("a", np.array([np.nan]))
    assert Numbers("a", np.zeros(1)) != Numbers("b", np.zeros(1))
    assert Categories.of("a", ["x"]) != Categories.of("a", ["y"])
    assert Categories.of("a", ["x"]) != Numbers("a", np.zeros(1))


@SETTINGS
@given(tables())
def test_schema_round_trip_through_json(table):
    schema = table.schema
    assert Schema.from_dict(json.loads(json.dumps(schema.as_dict()))) == schema
    assert schema.names == table.names
    assert all(schema[name].kind == table[name].kind for name in table.names)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "schema"),
        ({"columns": [], "more": 1}, "schema"),
        ({"columns": {}}, "schema"),
        ({"columns": [7]}, "schema.columns[0]"),
        ({"columns": [{"name": "a", "kind": "number", "type": 1}]}, "schema.columns[0]"),
        ({"columns": [{"name": "", "kind": "number"}]}, "schema.columns[0].name"),
        ({"columns": [{"kind": "number"}]}, "schema.columns[0].name"),
        ({"columns": [{"name": "a", "kind": "texts"}]}, "schema.columns[0].kind"),
        ({"columns": [{"name": "a", "kind": "number", "notation": "x"}]}, "schema.columns[0].notation"),
        (
            {"columns": [{"name": "a", "kind": "number", "missing_words": "x"}]},
            "schema.columns[0].missing_words",
        ),
        ({"columns": [{"name": "a", "kind": ["number"]}]}, "schema.columns[0].kind"),
        ({"columns": [{"name": "a", "kind": "number", "levels": ["x"]}]}, "schema.columns[0].levels"),
        ({"columns": [{"name": "a", "kind": "category", "levels": "xy"}]}, "schema.columns[0].levels"),
        ({"columns": [{"name": "a", "kind": "category", "levels": [1]}]}, "schema.columns[0].levels"),
        ({"columns": [{"name": "a", "kind": "category", "levels": ["y", "x"]}]}, "schema.columns[0].levels"),
        ({"columns": [{"name": "a", "kind": "category", "levels": ["x", "x"]}]}, "schema.columns[0].levels"),
        ({"columns": [{"name": "a", "kind": "number"}] * 2}, "schema.columns"),
    ],
)
def test_a_bad_schema_is_refused_naming_the_field(data, field):
    with pytest.raises(InvalidInput) as caught:
        Schema.from_dict(data)
    assert caught.value.field == field


def test_a_schema_finds_columns_by_name():
    schema = Schema((ColumnSchema("a", "number"), ColumnSchema("b", "category", ("x", "y"))))
    assert schema["b"].codes == {"x": 0, "y": 1, None: -1}
    assert schema.kinds == {"a": "number", "b": "category"}
    with pytest.raises(ValueError, match="twice"):
        Schema((ColumnSchema("a", "number"), ColumnSchema("a", "number")))


@SETTINGS
@given(tables())
def test_pack_round_trip(table):
    arrays, meta = pack_table(table)
    back = unpack_table(arrays, json.loads(json.dumps(meta)))
    assert back == table
    assert all(a.kind == b.kind for a, b in zip(back.columns, table.columns, strict=True))


def _arrays(**changed):
    return lambda arrays, meta: ({**arrays, **{key.replace("_", "."): a for key, a in changed.items()}}, meta)


def _meta(**changed):
    return lambda arrays, meta: (arrays, {**meta, **changed})


def _schema(*columns):
    return _meta(schema={"columns": list(columns)})


A, B = TABLE.schema.as_dict()["columns"]

DAMAGE = {
    "code beyond the levels": _arrays(column_1=np.array([0, 1, 2], dtype=np.int32)),
    "code below missing": _arrays(column_1=np.array([0, 1, -2], dtype=np.int32)),
    "infinity": _arrays(column_0=np.array([0, 1, np.inf])),
    "short column": _arrays(column_0=np.zeros(2)),
    "both short": _arrays(column_0=np.zeros(2), column_1=np.zeros(2, dtype=np.int32)),
    "matrix": _arrays(column_0=np.zeros((3, 1))),
    "scalar": _arrays(column_0=np.float64(1)),
    "float32": _arrays(column_0=np.zeros(3, dtype=np.float32)),
    "big endian": _arrays(column_0=np.zeros(3, dtype=">f8")),
    "int64 codes": _arrays(column_1=np.zeros(3, dtype=np.int64)),
    "float codes": _arrays(column_1=np.zeros(3)),
    "object": _arrays(column_0=np.zeros(3, dtype=object)),
    "an array too many": _arrays(column_2=np.zeros(3)),
    "an array too few": lambda arrays, meta: ({"column.0": arrays["column.0"]}, meta),
    "another format": _meta(format=3),
    "a format to come": _meta(format=4),
    "an unknown key": _meta(more=1),
    "no header": lambda arrays, meta: (arrays, {}),
    "header no object": lambda arrays, meta: (arrays, [1]),
    "rows negative": _meta(rows=-1),
    "rows no integer": _meta(rows=3.0),
    "rows a bool": _meta(rows=True),
    "rows wrong": _meta(rows=4),
    "rows without columns": lambda arrays, meta: ({}, {**meta, "schema": {"columns": []}}),
    "schema no object": _meta(schema=None),
    "same name": _schema(A, {**B, "name": "a"}),
    "kinds swapped": _schema(B, A),
    "levels not sorted": _schema(A, {**B, "levels": ["y", "x"]}),
    "levels repeated": _schema(A, {**B, "levels": ["x", "x"]}),
    "levels no texts": _schema(A, {**B, "levels": [0, 1]}),
    "fewer levels": _schema(A, {**B, "levels": ["x"]}),
    "name empty": _schema({**A, "name": ""}, B),
    "name no text": _schema({**A, "name": None}, B),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_table_is_refused(case):
    with pytest.raises(InvalidArtifact):
        unpack_table(*DAMAGE[case](*pack_table(TABLE)))


def test_unseen_texts_cannot_be_packed():
    with pytest.raises(ValueError, match="not among its levels"):
        pack_table(Table((Categories("b", np.array([1], dtype=np.int32), ("x",)),)))


@SETTINGS
@given(tables(min_rows=1))
def test_describe_is_json_and_agrees_with_pandas(table):
    described = describe(table)
    json.dumps([asdict(column) for column in described], allow_nan=False)
    assert [column.name for column in described] == list(table.names)
    for shown, column in zip(described, table.columns, strict=True):
        if isinstance(column, Categories):
            cells = pd.Series([column.levels[c] if c >= 0 else None for c in column.codes], dtype=object)
            assert shown.distinct == cells.nunique()
        else:
            cells = pd.Series(column.values)
            if cells.notna().any():
                assert (shown.min, shown.max) == (cells.min(), cells.max())
                assert shown.min <= shown.mean <= shown.max
            else:
                assert (shown.mean, shown.std, shown.min, shown.max) == (None,) * 4
        assert shown.missing == cells.isna().sum()


def test_describe_figures():
    values = np.random.default_rng(0).normal(1e6, 3.0, 1000)
    shown = describe(Table((Numbers("a", values),)))[0]
    assert math.isclose(shown.mean, values.mean(), rel_tol=1e-13)
    assert math.isclose(shown.std, values.std(), rel_tol=1e-9)


@pytest.mark.parametrize("scale", [1e308, 1e-300, 0.0])
def test_describe_neither_overflows_nor_underflows(scale):
    shown = describe(Table((Numbers("a", np.array([-scale, scale])),)))[0]
    assert shown.mean == 0.0
    assert math.isclose(shown.std, scale)
