"""The columns of a program arrive in a container, which may have been made by anybody."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.artifact import is_container, write_container
from lepton_core.errors import InvalidInput
from lepton_core.table import (
    Categories,
    ColumnSchema,
    Numbers,
    ReadingOptions,
    Table,
    given_column,
    pack_table,
    read_file,
)
from lepton_core.table.given_container import given_from_container
from tests.support.stores import Store
from tests.support.world import World, world

GIVEN = Table(
    (
        given_column("word", ["NA", "u", "None", ""]),
        given_column("size", [1.5, None, 2.5, 3.0]),
        given_column("y", [True, False, True, False]),
    )
)


def packed(*columns: object) -> bytes:
    return write_container(*pack_table(Table((*columns, *GIVEN.columns))))  # type: ignore[arg-type]


def test_columns_come_back_and_a_text_stays_a_text() -> None:
    data = packed()
    assert is_container(data)
    assert given_from_container(data) == GIVEN
    read = read_file(data, label="y")
    assert read.table["word"].levels == ("NA", "None", "u")
    assert read.table["size"].missing.tolist() == [False, True, False, False]


def test_what_an_earlier_version_decided_is_kept() -> None:
    known = [ColumnSchema("word", "category"), ColumnSchema("size", "category")]
    read = read_file(packed(), label="y", known=known)
    assert read.table["word"].levels == ("u",)
    assert read.table["size"].levels == ("1.5", "2.5", "3")


def test_a_container_is_read_as_its_columns_are() -> None:
    reading = ReadingOptions(kinds={"size": "category"}, exclude=("word",))
    assert read_file(packed(), reading, label="y") == read_file(GIVEN, reading, label="y")


def test_what_is_said_of_columns_holds_for_those_of_a_program() -> None:
    reading = ReadingOptions(kinds={"size": "category"}, exclude=("word",))
    read = read_file(packed(), reading, label="y")
    assert read.table.schema.kinds == {"size": "category", "y": "boolean"}
    assert read.table["size"].levels == ("1.5", "2.5", "3")


@pytest.mark.parametrize("kinds", [None, {"size": "number"}, {"size": "category"}])
def test_words_of_a_missing_cell_hold_for_texts_and_for_numbers(kinds: dict[str, str] | None) -> None:
    read = read_file(packed(), ReadingOptions(kinds=kinds, missing=("u", "2.5")), label="y")
    assert read.table["word"].missing.tolist() == [False, True, False, True]
    assert read.table["size"].missing.tolist() == [False, True, True, False]


def test_what_is_said_of_files_is_nothing_to_columns_of_a_program() -> None:
    of_file = ReadingOptions(
        encoding="utf-16", delimiter="|", quote="", header=3, names=("a", "b"), bad_rows=0.0
    )
    assert read_file(packed(), of_file, label="y") == read_file(packed(), label="y")


@pytest.mark.parametrize(
    ("reading", "field"),
    [
        (ReadingOptions(exclude=("gone",)), "exclude"),
        (ReadingOptions(kinds={"gone": "text"}), "kinds"),
        (ReadingOptions(exclude=("y",)), "exclude"),
    ],
)
def test_what_is_said_of_no_column_is_refused(reading: ReadingOptions, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_file(packed(), reading, label="y")
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (
            Numbers("a", np.array([0.0, 2.0, 1.0, 0.0]), "boolean", "False/True"),
            "row 2, column 'a': 2 is no boolean",
        ),
        (Numbers("a", np.array([0.5] * 4), "integer"), "0.5 is no integer"),
        (Numbers("a", np.array([1e300] * 4), "date"), "is no date"),
        (Numbers("a", np.zeros(4), "number", ".,$"), "not given in this way"),
        (Categories.of("a", ["u"] * 4), "not given in this way"),
        (replace(given_column("a", ["u"] * 4), missing_words=("u",)), "not given in this way"),  # type: ignore[type-var]
        (given_column(" a", ["u"] * 4), "blanks around it"),
    ],
)
def test_columns_that_no_program_gives_are_refused(column: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_file(packed(column), label="y")


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_a_table(data: st.DataObject) -> None:
    whole = bytearray(packed())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(8, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(9, len(whole)))])
    with suppress(InvalidInput):
        read_file(cut, label="y")


def test_a_container_becomes_a_version(store: Store) -> None:
    here: World = world(store)
    upload = here.upload(packed(), "m")
    assert (upload["state"], upload["rows"]) == ("accepted", 4), upload
