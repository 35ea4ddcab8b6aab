"""What an owner says of a file is done, kept, and refused by name where it cannot be."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import BY_NAME, ReadingOptions, kind_of, read_file
from tests.support.pasted import paste

READINGS = st.builds(
    ReadingOptions,
    kinds=st.none() | st.dictionaries(st.sampled_from("ab"), st.sampled_from(sorted(BY_NAME))),
    exclude=st.none() | st.lists(st.sampled_from("ab"), unique=True).map(tuple),
    decimal=st.sampled_from([None, ".", ","]),
    header=st.sampled_from([None, True, False]),
    bad_rows=st.none() | st.floats(0, 1),
)


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


@given(READINGS, READINGS)
def test_what_is_said_later_wins_and_the_rest_stays(later: ReadingOptions, earlier: ReadingOptions) -> None:
    whole = later.over(earlier)
    for one in fields(ReadingOptions):
        said = getattr(later, one.name)
        assert getattr(whole, one.name) == (getattr(earlier, one.name) if said is None else said)
    assert whole.over(whole) == whole
    assert ReadingOptions().over(earlier) == earlier


@given(READINGS)
def test_the_call_says_the_same_again(reading: ReadingOptions) -> None:
    def from_csv(path: str, **options: object) -> ReadingOptions:
        return ReadingOptions(
            **{name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}  # type: ignore[arg-type]
        )

    class Data:
        pass

    Data.from_csv = staticmethod(from_csv)  # type: ignore[attr-defined]
    assert paste(reading.call(), {"Data": Data, "path": "train.csv"}) == reading


@pytest.mark.parametrize("kind", sorted(set(BY_NAME) - {"empty"}))
def test_a_column_is_of_the_kind_that_was_said(kind: str) -> None:
    cells = {"boolean": "01", "date": ("2024-01-05", "2024-03-09"), "duration": ("10 min", "20 min")}.get(
        kind, "12"
    )
    data = lines("a,y", *(f"{cells[i % 2]},{i % 2}" for i in range(40)))
    assert read_file(data, ReadingOptions(kinds={"a": kind}), label="y").table.schema.kinds["a"] == kind


@pytest.mark.parametrize(
    ("reading", "field", "said"),
    [
        (ReadingOptions(kinds={"a": "postcode"}), "kinds", "'postcode' is no kind of column"),
        (
            ReadingOptions(kinds={"zip": "category"}),
            "kinds",
            "there is no column 'zip'; there are 'a', 'b', 'y'",
        ),
        (ReadingOptions(exclude=("zip",)), "exclude", "there is no column 'zip'"),
        (ReadingOptions(missing={"zip": ("-",)}), "missing", "there is no column 'zip'"),
        (ReadingOptions(exclude=("y",)), "exclude", "'y' is the label"),
        (ReadingOptions(bad_rows=2.0), "bad_rows", "from 0 to 1"),
        (ReadingOptions(delimiter="ab"), "delimiter", "one character"),
        (ReadingOptions(decimal="x"), "decimal", "must be '.' or ','"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused_naming_the_option(reading: ReadingOptions, field: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        read_file(lines("a,b,y", "1,2,p", "2,3,q"), reading, label="y")
    assert caught.value.field == field


def test_words_of_a_missing_cell_are_exactly_those_that_were_said() -> None:
    data = lines(
        "a,b,y",
        *(
            f"{cell},{b},{'pq'[i % 2]}"
            for i in range(30)
            for cell, b in zip(["NA", "-", "", "x"], [-999, 4.5 + i, 5, 6], strict=True)
        ),
    )
    read = read_file(data, ReadingOptions(missing=("-", "-999")), label="y")
    texts = kind_of(read.table["a"]).texts(read.table["a"])
    assert texts.levels == ("NA", "x")
    assert texts.missing[:4].tolist() == [False, True, True, False]
    np.testing.assert_array_equal(read.table["b"].values[:4], [np.nan, 4.5, 5, 6])
    by_column = read_file(data, ReadingOptions(missing={"a": ("x",)}), label="y").table
    assert kind_of(by_column["a"]).texts(by_column["a"]).levels == ("-", "NA")
    assert by_column["b"].values[0] == -999


@pytest.mark.parametrize("cell", [-999, -999.0, "-999", " -999 "])
def test_a_number_that_stands_for_a_missing_cell_does_so_in_rows_too(cell: object) -> None:
    table = read_file(
        lines("b,y", *["-999,p", "4,q", "6.5,p"] * 20), ReadingOptions(missing=("-999",)), label="y"
    ).table
    [column] = kind_of(table["b"]).from_cells([[cell, 4]], [table.schema["b"]])
    assert column.missing.tolist() == [True, False]


@pytest.mark.parametrize(
    ("decimal", "cells", "values"),
    [
        (",", ["1,200", "3,150"], [1.2, 3.15]),
        (".", ["1,200", "3,150"], [1200, 3150]),
        (",", ["1.200", "3.100"], [1200, 3100]),
        (".", ["1.200", "3.100"], [1.2, 3.1]),
        (",", ["12", "30"], [12, 30]),
    ],
)
def test_the_decimal_sign_is_no_guess_where_somebody_says_it(
    decimal: str, cells: list[str], values: list[float]
) -> None:
    data = lines("a;y", *(f"{cell};{label}" for cell, label in zip(cells, "pq", strict=True)))
    reading = ReadingOptions(decimal=decimal)  # type: ignore[arg-type]
    read = read_file(data, reading, label="y")
    assert read.table["a"].values.tolist() == values
    later = read_file(lines("a;y", "7;p", "8;q"), earlier=reading, known=read.table.schema.columns, label="y")
    assert later.table["a"].values.tolist() == [7, 8]


def test_a_later_file_is_read_like_the_one_before_unless_it_says_otherwise() -> None:
    first = lines("id,zip,n,y", *(f"{i},0{i % 3}1,{i % 7}.5,{i % 2}" for i in range(60)))
    said = ReadingOptions(kinds={"zip": "category"}, exclude=("id",))
    known = read_file(first, said, label="y").table.schema
    later = lines("id,zip,n,y", *(f"{i},{i},{i},{i % 2}" for i in range(60)))
    same = read_file(later, earlier=said, known=known.columns, label="y").table.schema
    assert same.kinds == known.kinds
    retyped = read_file(
        later,
        ReadingOptions(kinds={"zip": "integer"}, exclude=()),
        earlier=said,
        known=known.columns,
        label="y",
    ).table.schema
    assert retyped.kinds["zip"] == "integer"
    assert "id" in retyped.names


def test_a_column_may_be_excluded_that_is_gone_already() -> None:
    known = read_file(lines("a,b,y", "1,2,p", "2,3,q"), label="y").table.schema.columns
    read = read_file(lines("b,y", "1,p", "2,q"), ReadingOptions(exclude=("a",)), known=known, label="y")
    assert read.table.names == ("b", "y")


def test_a_label_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidData, match="there is no such column"):
        read_file(lines("a,y", "1,p"), label="z")
