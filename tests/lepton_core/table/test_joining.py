"""Rows joined to earlier ones: which are there already, and columns that only one side has."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Rows, Table, Wanted, join_rows, kind_of, read_csv

LINES = st.lists(st.sampled_from(["1,x,p", "1,x,q", "2,y,p", "2,,q", "3,z,p"]), min_size=1, max_size=30)


def table(lines: list[str], header: str = "a,b,y") -> Table:

    kinds = {"a": "integer", "b": "category", "y": "category"}
    wanted = {name: Wanted(kind, "") for name, kind in kinds.items() if name in header.split(",")}
    return read_csv("\n".join([header, *lines]).encode(), label="y", wanted=wanted).table


def rows(found: Table) -> list[tuple[Any, ...]]:
    return list(zip(*(kind_of(column).cells(column) for column in found.columns), strict=True))


@given(before=LINES, new=LINES)
def test_a_row_is_there_as_often_as_on_the_side_that_has_more_of_it(
    before: list[str], new: list[str]
) -> None:
    first = Rows.of(table(before), "y")
    joined = join_rows(first, table(new))
    assert Counter(rows(joined.rows.table)) == Counter(before_rows := rows(first.table)) | Counter(
        rows(table(new))
    )
    assert rows(joined.rows.table)[: len(before_rows)] == before_rows
    assert joined.added + joined.repeated == len(new)
    assert len(joined.news.columns[0]) == joined.added


@given(before=LINES, new=LINES)
def test_joining_twice_is_joining_once_and_every_row_has_a_key_of_its_own(
    before: list[str], new: list[str]
) -> None:
    once = join_rows(Rows.of(table(before), "y"), table(new))
    assert len(np.unique(once.rows.keys)) == once.rows.table.rows
    twice = join_rows(once.rows, table(new))
    assert (twice.added, twice.repeated) == (0, len(new))
    assert twice.rows.table == once.rows.table


@given(before=LINES, new=LINES)
def test_the_keys_are_those_of_all_rows_read_at_once(before: list[str], new: list[str]) -> None:
    joined = join_rows(Rows.of(table(before), "y"), table(new)).rows
    assert sorted(joined.keys.tolist()) == sorted(Rows.of(joined.table, "y").keys.tolist())


def test_a_column_that_one_side_lacks_is_missing_there_and_earlier_rows_keep_their_keys() -> None:
    first = Rows.of(table(["1,x,p", "2,y,q"]), "y")
    joined = join_rows(first, table(["5,p", "6,q"], "a,y"))
    assert (joined.absent, joined.as_before) == (("b",), True)
    assert rows(joined.rows.table)[2:] == [(5, None, "p"), (6, None, "q")]
    wider = join_rows(joined.rows, table(["1,x,p,7", "8,x,q,9"], "a,b,y,c"))
    assert rows(wider.rows.table)[0] == (1, "x", "p", None)
    assert (wider.added, wider.as_before, wider.plain) == (2, False, False)
    assert wider.rows.keys[:4].tolist() == joined.rows.keys.tolist()
    again = join_rows(wider.rows, table(["1,x,p,7", "8,x,q,9"], "a,b,y,c"), plain=wider.plain)
    assert (again.added, again.repeated) == (0, 2)
    bare = join_rows(wider.rows, table(["1,x,p", "5,,p"]), plain=wider.plain)
    assert (bare.added, bare.repeated) == (0, 2)


def test_a_column_that_is_left_out_goes() -> None:
    joined = join_rows(Rows.of(table(["1,x,p", "2,y,q"]), "y"), table(["5,p"], "a,y"), exclude=["b"])
    assert (joined.rows.table.names, joined.absent) == (("a", "y"), ())


def test_an_earlier_column_becomes_of_the_kind_that_it_has_now() -> None:
    first = Rows.of(table(["1,x,p", "2,y,q"]), "y")
    for kind, value in (("number", 1.0), ("category", "1"), ("text", "1")):
        new = read_csv(b"a,b,y\n0.5,x,p\n", label="y", wanted={"a": Wanted(kind, "")}).table
        joined = join_rows(first, new)
        assert joined.rows.table["a"].kind == kind
        assert rows(joined.rows.table)[0][0] == value


def test_cells_that_are_not_of_the_new_kind_are_refused() -> None:
    new = read_csv(b"a,b,y\n1,2,p\n", label="y", wanted={"b": Wanted("number", "")}).table
    with pytest.raises(InvalidData, match="'b': is of the kind number") as caught:
        join_rows(Rows.of(table(["1,x,p", "2,y,q"]), "y"), new)
    assert caught.value.column == "b"


def test_a_column_without_a_value_takes_the_kind_of_the_first_that_has_one() -> None:
    first = read_csv(b"a,empty,y\n1,,p\n2,,q\n", label="y").table
    assert first["empty"].kind == "empty"
    joined = join_rows(Rows.of(first, "y"), read_csv(b"a,empty,y\n3,2030-01-31,p\n", label="y").table)
    assert joined.rows.table["empty"].kind == "date"
    assert rows(joined.rows.table)[0][1] is None
