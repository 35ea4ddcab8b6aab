"""The columns of a program arrive in a container, which may have been made by anybody."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.datasets.read_upload import read_file, read_upload
from lepton_core.artifact import is_container, write_container
from lepton_core.errors import InvalidInput
from lepton_core.table import Categories, Numbers, Table, Wanted, given_column, pack_table
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
    assert read_upload(data) == GIVEN
    read = read_file(data, label="y", wanted={})
    assert read.table["word"].levels == ("NA", "None", "u")
    assert read.table["size"].missing.tolist() == [False, True, False, False]


def test_what_an_earlier_version_decided_is_kept() -> None:
    read = read_file(
        packed(), label="y", wanted={"word": Wanted("category", ""), "size": Wanted("category", "")}
    )
    assert read.table["word"].levels == ("u",)
    assert read.table["size"].levels == ("1.5", "2.5", "3")


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
        read_file(packed(column), label="y", wanted={})


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_a_table(data: st.DataObject) -> None:
    whole = bytearray(packed())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(8, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(9, len(whole)))])
    with suppress(InvalidInput):
        read_file(cut, label="y", wanted={})


def test_a_container_becomes_a_version(store: Store) -> None:
    here: World = world(store)
    upload = here.upload(packed(), "m")
    assert (upload["state"], upload["rows"]) == ("accepted", 4), upload
