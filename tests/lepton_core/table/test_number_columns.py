"""A container of finite numbers becomes the table that reading each of its columns makes, or is left to that."""

import json
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import read_container, write_container
from lepton_core.errors import InvalidData
from lepton_core.table import Categories, ColumnSchema, Filled, Numbers, Schema, Table, pack_table, read_rows
from lepton_core.table.given import given_column
from lepton_core.table.given_container import given_from_container
from lepton_core.table.given_rows import read_given_rows
from lepton_core.table.number_columns import number_columns
from lepton_core.table.row_cells import read_cells

NAMES = tuple(f"c{at}" for at in range(12))
SCHEMA = Schema(tuple(ColumnSchema(name, "integer" if name == "c3" else "number") for name in NAMES))


def packed(columns: Any) -> bytes:
    return write_container(*pack_table(Table(tuple(columns))))


def numbers(order: Any = NAMES, rows: int = 5) -> list[Any]:
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=rows) for name in NAMES} | {"c3": np.arange(float(rows))}
    return [given_column(name, values[name]) for name in order]


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]])
def test_finite_numbers_are_read_at_once(order: tuple[str, ...], in_order: bool) -> None:
    columns = numbers(order)
    if in_order:
        columns[8 if order != NAMES else 3] = given_column("what", np.arange(5.0))
        columns = [given_column(f"n{at}", one.values) for at, one in enumerate(columns)]
    data = packed(columns)
    for _ in range(2):  # the second time its header is known
        found = number_columns(data, SCHEMA, in_order=in_order)
        assert found is not None
        read = read_given_rows(given_from_container(data), SCHEMA, in_order=in_order)
        assert found == read.table
        assert [one.values.tobytes() for one in found.columns] == [
            one.values.tobytes() for one in read.table.columns
        ]  # type: ignore[union-attr]
        assert (read.ignored, read.filled, read.unknown, read.assumed) == ((), (), (), ())


OTHERS = {
    "a column less": numbers(NAMES[1:]),
    "a column more": [*numbers(), given_column("more", np.zeros(5))],
    "another name": [*numbers(NAMES[1:]), given_column("d", np.zeros(5))],
    "blanks around a name": [*numbers(NAMES[1:]), given_column(" c0", np.zeros(5))],
    "texts": [*numbers(NAMES[1:]), given_column("c0", ["1"] * 5)],
    "truth values": [*numbers(NAMES[1:]), given_column("c0", np.ones(5, bool))],
    "categories": [*numbers(NAMES[1:]), Categories.of("c0", ["u"] * 5)],
    "words": [*numbers(NAMES[1:]), Numbers("c0", np.ones(5), missing_words=("-",))],
    "a gap": [*numbers(NAMES[1:]), given_column("c0", np.array([1.0, np.nan, 1.0, 1.0, 1.0]))],
    "no row": numbers(rows=0),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_something_else_is_left_to_others(what: str) -> None:
    assert number_columns(packed(OTHERS[what]), SCHEMA, in_order=False) is None


def test_no_container_and_a_damaged_one_are_left_to_others() -> None:
    data = packed(numbers())
    arrays, meta = read_container(data)
    infinite = {**arrays, "column.0": np.full(5, np.inf)}
    short = {**arrays, "column.0": np.zeros(4)}
    wrong = [b"", b"PK", data[:-1], data + b" ", data[:40], write_container(arrays, {**meta, "rows": 6})]
    for one in (*wrong, write_container(infinite, meta), write_container(short, meta)):
        assert number_columns(one, SCHEMA, in_order=False) is None
    head = b'{"c":{"dtype":"F64","shape":[1000000000000000],"data_offsets":[0,8000000000000000]},'
    head += b'"__metadata__":{"lepton":"{\\"format\\":1}"}}'
    claims = len(head).to_bytes(8, "little") + head  # so much is not looked at
    assert number_columns(claims, SCHEMA, in_order=False) is None
    mixed = Schema((*SCHEMA.columns[1:], ColumnSchema("c0", "category", ("u", "v"))))
    assert number_columns(data, mixed, in_order=False) is None


cells = st.one_of(st.floats(), st.integers(-3, 3).map(float))
columns = st.integers(0, 3).flatmap(
    lambda rows: st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", " a"]),
            st.lists(cells, min_size=rows, max_size=rows),
            st.sampled_from([None, None, None, "text", "integer", "boolean"]),
        ),
        min_size=0,
        max_size=3,
        unique_by=lambda one: one[0],
    )
)


def outcome(data: bytes, schema: Schema, in_order: bool) -> Any:
    try:
        return read_given_rows(given_from_container(data), schema, in_order=in_order)
    except InvalidData as error:
        return error


@settings(max_examples=150)
@given(given=columns, in_order=st.booleans(), kind=st.sampled_from(["number", "integer"]))
def test_whatever_comes_it_is_read_alike_or_not_at_all(given: Any, in_order: bool, kind: str) -> None:
    schema = Schema((ColumnSchema("a", "number"), ColumnSchema("b", kind)))
    made = []
    for name, values, of in given:
        if of == "text":
            made.append(given_column(name, [str(value) for value in values]))
        elif of == "boolean":
            made.append(given_column(name, np.array(values, dtype=bool)))
        else:
            made.append(Numbers(name, np.array(values), of or "number"))
    arrays, meta = pack_table(Table(tuple(made)))
    data = write_container(arrays, meta)
    found, wanted = number_columns(data, schema, in_order=in_order), outcome(data, schema, in_order)
    if found is not None:
        assert not isinstance(wanted, InvalidData)
        assert wanted.table == found
        assert not (wanted.ignored or wanted.filled or wanted.unknown or wanted.assumed)


shapes = st.lists(st.sampled_from([0, 1, 2, 5, 2**31, 2**40, 2**58, 2**61, 2**62]), max_size=4)
arrays = st.dictionaries(
    st.sampled_from(["column.0", "column.1", "cells.float64", "lengths", "types", "document.0", "x"]),
    st.tuples(st.sampled_from(["F64", "F32", "I64", "U8", "BOOL"]), shapes, st.booleans()),
    max_size=4,
)
metas = st.sampled_from(
    [
        {},
        {"format": 2, "rows": 5, "schema": Schema((ColumnSchema("a", "number"),)).as_dict()},
        {"format": 2, "rows": 0, "schema": Schema((ColumnSchema("a", "number"),)).as_dict()},
        {"format": 2, "rows": 2**62, "schema": Schema((ColumnSchema("a", "number"),)).as_dict()},
        {"format": 3, "rows": 5},
        {"format": 9, "rows": 5},
    ]
)


@settings(max_examples=300)
@given(arrays=arrays, meta=metas, rest=st.integers(0, 80))
def test_no_header_makes_it_fail(arrays: dict[str, Any], meta: dict[str, Any], rest: int) -> None:
    header: dict[str, Any] = {"__metadata__": {"lepton": json.dumps(meta)}}
    end = 0
    for name, (code, shape, follows) in arrays.items():
        size = prod(shape) * {"F64": 8, "F32": 4, "I64": 8}.get(code, 1)
        header[name] = {"dtype": code, "shape": shape, "data_offsets": [end, end + size]}
        end += size if follows else 0
    text = json.dumps(header).encode()
    data = len(text).to_bytes(8, "little") + text + bytes(min(end, 10_000) or rest)
    schema = Schema((ColumnSchema("a", "number"),))
    found = number_columns(data, schema, in_order=False)
    wanted = outcome(data, schema, in_order=False)
    assert found is None or wanted.table == found


def test_where_a_number_stands_for_a_missing_cell_that_is_told_as_ever() -> None:
    words = Schema((ColumnSchema("a", "number", missing_words=("-9", "?")), ColumnSchema("b", "number")))
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60))
    for is_gone in (False, True):
        a[7] = -9.0 if is_gone else 1.0
        data = packed([given_column("a", a), given_column("b", b)])
        careful = read_given_rows(given_from_container(data), words)
        assert careful.filled == ((Filled("a", 1),) if is_gone else ())
        assert (number_columns(data, words, in_order=False) is None) is is_gone
        rows = [{"a": x, "b": y} for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        for read in (
            read_rows(rows, words),
            read_cells([a, b], words, ["a", "b"]),
            read_cells([b, a], words, ["b", "a"]),
        ):
            assert (read.table, read.filled) == (careful.table, careful.filled)
