"""What an owner says of a file is done, kept, and refused by name where it cannot be."""

import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import BY_NAME, ReadingOptions, kind_of, read_file
from lepton_core.table.reading import NOT_THERE
from tests.support.pasted import paste

pytestmark = pytest.mark.usefixtures("either_reader")

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
    assert paste(str(reading.call()), {"Data": Data, "path": "train.csv"}) == reading


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


OTHER_WAYS = {
    "decimal comma, then point": (["9,5", "80,25"], ["9.5", "80.25"], "decimal='.'"),
    "decimal point, then comma": (["9.5", "80.25"], ["9,55", "80,25"], "decimal=','"),
    "with groups": (["1.200,50", "7,25"], ["1,200.50", "7.25"], "decimal='.'"),
    "a unit at last": (["9.50", "7.25"], ["9.50 €", "7.25 €"], "decimal='.'"),
    "day first, then month": (["31.1.2024", "1.2.2024"], ["1.31.2024", "2.28.2024"], "day_first=False"),
    "month first, then day": (["1/31/2024", "2/1/2024"], ["31/1/2024", "28/2/2024"], "day_first=True"),
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_a_column_that_is_now_written_in_another_way_is_refused_with_what_reads_it(name: str) -> None:
    before, now, said = OTHER_WAYS[name]

    def file(cells: list[str]) -> bytes:
        return lines("x;z;y", *(f"{cells[i % 2]};{i};{'pq'[i // 2 % 2]}" for i in range(60)))

    first = read_file(file(before), label="y")
    known = first.table.schema.columns
    with pytest.raises(InvalidData, match=f"another way than before; read them so with {re.escape(said)}"):
        read_file(file(now), label="y", known=known)
    options = paste(f"dict({said})", {"dict": dict})
    again = read_file(file(now), ReadingOptions(**options), label="y", known=known)
    assert again.table["x"].kind == first.table["x"].kind
    assert not again.columns[0].misfits


@pytest.mark.parametrize(
    ("before", "now", "units"),
    [
        ("${}.50", "{}.50 €", ("€", "$")),
        ("{}.5 kg", "{}.5 lb", ("lb", "kg")),
        ("{}%", "{} bp", ("bp", "%")),
    ],
)
def test_numbers_in_another_unit_are_first_to_be_converted(
    before: str, now: str, units: tuple[str, str]
) -> None:
    def file(cell: str) -> bytes:
        return lines("x,y", *(f"{cell.format(i)},{'pq'[i // 2 % 2]}" for i in range(60)))

    known = read_file(file(before), label="y").table.schema.columns
    with pytest.raises(InvalidData) as caught:
        read_file(file(now), label="y", known=known)
    unit, old = map(repr, units)
    assert f"they are in {unit}, and those before in {old}; convert them in the file, or" in str(caught.value)
    assert str(caught.value).endswith(f"if all rows are in {unit} from now on, read them so with decimal='.'")


def test_dates_that_do_not_show_their_order_are_offered_both() -> None:
    def file(date: str) -> bytes:
        return lines("x,y", *(f"{date.format(i % 9 + 1)},{'pq'[i // 2 % 2]}" for i in range(60)))

    known = read_file(file("2024-01-0{}"), label="y").table.schema.columns
    with pytest.raises(InvalidData, match="read them so with day_first=False or day_first=True"):
        read_file(file("03/0{}/2024"), label="y", known=known)


def test_a_column_that_now_has_words_is_to_be_read_as_text() -> None:
    first = read_file(lines("x,z,y", *(f"{i}.5,{i},{'pq'[i % 2]}" for i in range(60))), label="y")
    with pytest.raises(InvalidData) as caught:
        read_file(
            lines("x,z,y", *(f"red,{i},{'pq'[i % 2]}" for i in range(60))),
            label="y",
            known=first.table.schema.columns,
        )
    advice = caught.value.message.split("; ")[1:]
    assert advice[0] == "mend them in the file"
    assert advice[1].endswith(
        "read the column as text with kinds={'x': 'category'}, which is kept until kinds={'x': 'number'} takes it back"
    )


def test_of_a_label_of_numbers_without_any_the_file_is_to_be_mended_first() -> None:
    first = read_file(lines("x,y", *(f"{i},{i}.5" for i in range(60))), label="y")
    with pytest.raises(
        InvalidData, match=r"60 of 60 cells are no number, the first is 'x'; mend them in the file; "
    ):
        read_file(lines("x,y", *(f"{i},x" for i in range(60))), label="y", known=first.table.schema.columns)


def test_a_column_that_is_left_out_may_be_in_files_that_are_not_known_here() -> None:
    """The remedy for a column that a later file lacks is said before the platform, which knows the column, is asked."""
    file, said = lines("x,y", "1,p", "2,q"), ReadingOptions(exclude=("gone",))
    with pytest.raises(InvalidInput, match="there is no column 'gone'"):
        read_file(file, said)
    alone = read_file(file, said, alone=True)
    assert [(one.code, one.message) for one in alone.notes if "gone" in one.message] == [
        (NOT_THERE, "the file has no column 'gone': that is right if the version before has one")
    ]
    for cells in (("3", "4"), ("", "")):  # also one that never had a cell
        known = read_file(lines("gone,x,y", f"{cells[0]},1,p", f"{cells[1]},2,q")).table.schema.columns
        assert read_file(file, said, known=known).table == alone.table
