"""A second file: its rows stand below those of the first, read in the same way, and whatever does not fit is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table import Read, ReadingOptions, Table, given_column, kind_of, read_file, with_held_out
from tests.support.sampling import examples

pytestmark = pytest.mark.usefixtures("either_reader")

FIRST = "age,job,y\n31,clerk,no\n47,baker,yes\n50,clerk,no\n"

CELLS = st.sampled_from(["1", "2.5", "-3", "x", "a b", "NA", "", "007", "2024-01-31", "yes", "€5"])
ROWS = st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["no", "yes"])), min_size=3, max_size=30)


def both(first: str, second: str, label: str = "y", **options: object) -> Read:
    reading = ReadingOptions(**options)  # type: ignore[arg-type]
    return with_held_out(read_file(first.encode(), reading, label=label), second.encode(), reading)


def codes(read: Read) -> dict[str, str]:
    return {note.code: note.message for note in read.notes}


def sides(read: Read) -> tuple[Table, Table]:
    end = read.table.rows - read.held_out
    return read.table.take(slice(end)), read.table.take(slice(end, None))


def cells(table: Table) -> list[list[object]]:
    return [kind_of(column).cells(column) for column in table.columns]


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(150))
@given(ROWS, ROWS)
def test_the_first_rows_are_those_of_file_one_and_the_held_out_ones_those_of_file_two(one, two):
    def frame(rows):
        return Table(
            tuple(
                given_column(name, list(column))
                for name, column in zip("aby", zip(*rows, strict=True), strict=True)
            )
        )

    first = read_file(frame(one), ReadingOptions(kinds={"a": "category", "b": "category"}), label="y")
    read = with_held_out(first, frame(two))
    assert read.held_out == len(two)
    above, below = sides(read)
    assert cells(above) == cells(first.table)
    known = first.table.schema.columns
    assert cells(below) == cells(read_file(frame(two), label="y", known=known).table)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(st.data())
def test_files_of_plain_values_read_as_one_file_of_both(data):
    """Where the first file shows what each column is, to hold rows out changes no cell of either side."""
    row = st.tuples(
        st.integers(-99, 99),
        st.floats(-5, 5).map(lambda x: round(x, 3)),
        st.sampled_from("pqr"),
        st.sampled_from(["no", "yes"]),
    )
    one, two = (data.draw(st.lists(row, min_size=1, max_size=20)) for _ in range(2))
    one += [(7, 1.5, "p", "no"), (8, 2.5, "q", "yes"), (9, 3.25, "r", "no")]
    text = [pd.DataFrame(rows, columns=["a", "b", "c", "y"]).to_csv(index=False) for rows in (one, two)]
    whole = pd.DataFrame([*one, *two], columns=["a", "b", "c", "y"]).to_csv(index=False)
    read = both(*text)
    assert read.table == read_file(whole.encode(), label="y").table
    assert read.held_out == len(two)


def test_columns_may_stand_in_another_order_and_kinds_are_those_of_the_first_file():
    read = both("zip,y\n01010,a\n90210,b\n", "y,zip\na,10115\n", kinds={"zip": "category"})
    assert read.table.names == ("zip", "y")
    assert read.table.schema.kinds["zip"] == "category"
    read = both("when,y\n13/2/2024,a\n14/2/2024,b\n", "when,y\n1/2/2024,a\n")
    assert (
        read.table["when"].values[2]
        == read_file(b"when,y\n2024-02-01,a\n", label="y").table["when"].values[0]
    )


def test_words_for_a_missing_cell_hold_for_both_files():
    read = both("a,y\nx,no\n-,yes\n", "a,y\n-,no\nNA,yes\n", missing=("-",))
    assert cells(read.table)[0] == ["x", None, None, "NA"]


def test_a_column_that_the_first_file_never_fills_gets_its_kind_from_the_second():
    read = both("a,b,y\n1,,no\n2,,yes\n", "a,b,y\n3,7,no\n4,8,yes\n")
    assert read.table.schema.kinds["b"] == "integer"
    assert cells(read.table)[1] == [None, None, 7, 8]


def test_what_is_done_is_noted():
    read = both(FIRST, "age,job,y,more\n31,clerk,no,1\n20,cook,yes,2\n")
    said = codes(read)
    assert said["held_out"] == "2 rows of the second file are held out: no training sees them"
    assert said["held_out_copies"].startswith("1 of 2 held-out rows hold the same as a row to train on")
    assert said["held_out_column"] == "the column 'more' is in the second file only, and was left out"
    assert "held_out_labels" not in said


def test_rows_of_the_second_file_that_cannot_be_read_are_set_aside_and_named():
    rows = "".join(f"{age},clerk,no\n" for age in range(40))
    read = both(FIRST, f"age,job,y\n{rows}1,2,3,4\n5,cook,\n")
    assert read.held_out == 40
    assert (read.set_aside_count, len(read.unlabelled)) == (2, 1)
    assert (read.set_aside[1].line, read.set_aside[1].column) == (43, "y")
    assert read.set_aside[0].reason.startswith("the second file: 4 cells")
    assert codes(read)["no_label"].startswith("the second file: 1 row has no label")


def test_a_class_of_the_second_file_alone_is_a_warning():
    read = both(FIRST, "age,job,y\n1,cook,maybe\n2,cook,no\n")
    assert (
        "1 of 2 held-out rows have classes that the rows to train on lack ('maybe')"
        in codes(read)["held_out_labels"]
    )
    assert kind_of(read.table["y"]).names(read.table["y"]) == ("maybe", "no", "yes")


def test_a_quantity_may_have_values_that_the_first_file_lacks():
    numbers = "".join(f"{n},{n * 1.5}\n" for n in range(30))
    assert "held_out_labels" not in codes(both(f"a,y\n{numbers}", "a,y\n1,77.25\n"))
    assert "held_out_labels" in codes(both("a,y\n1,0\n2,1\n3,1\n", "a,y\n1,2\n2,0\n"))


@pytest.mark.parametrize(
    ("second", "says", "row", "column"),
    [
        ("", "the second file: the file is empty", None, None),
        ("age,job,y\n", "the second file: there are no rows below the header", None, None),
        ("age,job\n3,cook\n", "rows without one are for predict", None, "y"),
        ("age,y\n3,no\n", "to go on without: Data.from_csv(path, exclude=['job'])", None, "job"),
        ("3,cook,no\n4,cook,yes\n", "Data.from_csv(path, names=['age', 'job', 'y'])", None, "y"),
        ("age,job,y\n3,cook,no\nold,cook,no\n", "the first is 'old'", 2, "age"),
        ("age,job,y\n3,cook,No.\n", "here it is 'No.', there it is another, as 'no'; spell them alike", 1, "y"),
        ("age,job,y\n3,cook,\n", "no row has a label", None, "y"),
    ],
)  # fmt: skip
def test_a_second_file_that_does_not_fit_is_refused_by_name_column_and_row(second, says, row, column):
    with pytest.raises(InvalidData) as caught:
        both(FIRST, second)
    assert caught.value.message.startswith("the second file: ")
    assert says in caught.value.message
    assert (caught.value.row, caught.value.column) == (row, column)


def test_the_labels_of_adult_test_are_told_from_those_of_adult_data():
    """As UCI wrote them: no header, a first line of its own, and a full stop behind each label."""
    data = " 39, State-gov, <=50K\n 50, Private, >50K\n" * 20
    test = "|1x3 Cross validator\n" + " 25, Private, <=50K.\n 38, Private, >50K.\n" * 10
    names = ("age", "work", "income")
    with pytest.raises(InvalidData, match=r"here it is '<=50K\.', '>50K\.', there it is another, as '<=50K'"):
        both(data, test, label="income", names=names)
    read = both(data, test.replace("K.", "K"), label="income", names=names)
    assert (read.held_out, np.isnan(read.table["age"].values).any()) == (20, np.False_)


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ("{0}.5", "{0},5", "decimal"),
        ("{0},25", "{0}.25", "decimal"),
        ("{1}/20/2024", "20/{1}/2024", "day_first"),
    ],
)
@pytest.mark.parametrize("typed", [False, True])
def test_a_second_file_in_another_notation_is_told_what_helps(
    one: str, other: str, way: str, typed: bool
) -> None:
    """An option would read the second file, and no longer the first."""

    def file(form: str) -> str:
        return "x;y\n" + "".join(f"{form.format(at, at % 12 + 1)};{at % 2}\n" for at in range(40))

    second: bytes | Table = file(other).encode()
    if typed:
        second = Table(
            (
                given_column("x", [other.format(at, at % 12 + 1) for at in range(40)]),
                given_column("y", [at % 2 for at in range(40)]),
            )
        )
    first = read_file(file(one).encode())
    with pytest.raises(InvalidData) as caught:
        with_held_out(first, second)
    assert caught.value.row == 1 and caught.value.column == "x"
    assert "write them alike in both files" in str(caught.value) and way not in str(caught.value)
    with pytest.raises(InvalidData, match=f"read them so with {way}"):  # a file that comes later alone
        read_file(file(other).encode(), known=first.table.schema.columns)
    assert both(file(one), file(one)).held_out == 40
