"""Rows in parts: any cut gives the same table and the same figures."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.artifact import write_container
from lepton_core.errors import InvalidData, TooLarge
from lepton_core.table import (
    Categories,
    Numbers,
    Parts,
    Table,
    collect,
    concatenate,
    describe,
    described_schema,
    pack_table,
    split_parts,
)
from tests.support.figures import about, numbers_of

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
VALUES = st.floats(-1e6, 1e6) | st.just(float("nan"))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.lists(st.tuples(VALUES, TEXTS), min_size=1, max_size=40))
    texts = Categories.of("t", [text for _, text in rows])
    spare = draw(st.sets(st.sampled_from(["never", "nowhere"])))
    levels = tuple(sorted({*texts.levels, *spare}))
    place = [levels.index(level) for level in texts.levels]
    codes = np.array([*place, -1], dtype=np.int32)[texts.codes]
    return Table((Numbers("n", np.array([value for value, _ in rows])), Categories("t", codes, levels)))


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Table, Parts]:
    table = draw(tables())
    inner = draw(st.lists(st.integers(0, table.rows), max_size=4))
    ends = sorted([0, *inner, table.rows])
    parts = [table.take(np.arange(a, b)) for a, b in pairwise(ends)]
    return table, Parts(table.schema, lambda: parts)


@given(cuts())
def test_parts_in_any_cut_collect_to_the_whole(cut: tuple[Table, Parts]) -> None:
    table, parts = cut
    assert collect(parts) == table
    assert collect(table) is table


@given(cuts())
def test_parts_in_any_cut_have_the_figures_of_the_whole(cut: tuple[Table, Parts]) -> None:
    table, parts = cut
    for one, other in zip(describe(parts), describe(table), strict=True):
        assert (one.name, one.kind) == (other.name, other.kind)
        assert numbers_of(one) == about(other, rel=1e-12, abs=1e-9)


@given(tables(), st.integers(0, 4000))
def test_parts_of_at_most_so_many_bytes_are_the_same_table_together(table: Table, most: int) -> None:
    parts = list(split_parts(table, most))
    assert concatenate(parts) == table
    for number, part in enumerate(parts):
        assert part.rows == 1 or len(write_container(*pack_table(part))) <= max(most, 0)
        assert number == 0 or describe(part)[1].distinct == len(part["t"].levels)


@pytest.mark.slow
def test_a_column_of_more_levels_than_a_header_holds_is_stored_in_parts() -> None:
    table = Table((Categories.of("id", [f"{i:06}" for i in range(300_000)]),))
    with pytest.raises(TooLarge):
        write_container({}, table.schema.as_dict())
    parts = list(split_parts(table))
    assert [len(write_container(*pack_table(part))) > 0 for part in parts] == [True, True]
    assert concatenate(parts) == table


def test_a_table_that_fits_is_one_part_and_itself() -> None:
    table = Table((Numbers("n", np.arange(3.0)),))
    assert list(split_parts(table)) == [table]


def test_the_names_and_kinds_need_no_table() -> None:
    table = Table((Numbers("n", np.arange(3.0)), Categories.of("t", ["a", "b", None])))
    assert described_schema(describe(table)).kinds == table.schema.kinds


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Table((Numbers("n", np.zeros(1)),)), "column 't': is missing in part 2"),
        (Table((Numbers("n", np.zeros(1)), Numbers("t", np.zeros(1)))), "column 't': is of kind 'number'"),
        (
            Table((Numbers("n", np.zeros(1)), Categories.of("t", ["a"]), Numbers("u", np.zeros(1)))),
            "column 'u': is in part 2 only",
        ),
    ],
)
def test_parts_of_other_columns_are_refused_by_name(other: Table, said: str) -> None:
    table = Table((Numbers("n", np.zeros(1)), Categories.of("t", ["a"])))
    with pytest.raises(InvalidData, match=said):
        concatenate([table, other])


def test_without_parts_there_is_nothing_to_collect_or_describe() -> None:
    nothing = Parts(Table((Numbers("n", np.zeros(1)),)).schema, lambda: [])
    for of in (collect, describe):
        with pytest.raises(ValueError, match=r"part|table"):
            of(nothing)
