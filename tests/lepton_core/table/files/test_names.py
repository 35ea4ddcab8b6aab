"""Names that stand between bars, or are missing in front of others: each column is there once, and is said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table.files import Options, open_sheet


def read(text, **options):
    sheet = open_sheet(text.encode(), Options(**options))
    return sheet, [row for chunk in sheet.chunks(7) for row in chunk]


def codes(sheet):
    return [note.code for note in sheet.notes]


CELL = st.text("ab 1.-", min_size=1, max_size=5).filter(lambda text: text.strip(" -."))


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.integers(-99, 99), CELL, st.sampled_from(["no", "yes"])), min_size=3, max_size=9),
    st.sampled_from(["| a | b | paid |\n|---|---|---|\n", "| a | b | paid |\n|:--|--:|:-:|\n"]),
    st.booleans(),
)
def test_the_bars_around_the_rows_of_a_markdown_table_make_no_columns(cells, head, outer):
    text = head + "".join(f"| {a} | {b} | {y} |\n" for a, b, y in cells)
    if not outer:
        text = "\n".join(line.strip("|") for line in text.splitlines()) + "\n"
    sheet, rows = read(text)
    assert sheet.names == ("a", "b", "paid")
    assert [[cell.strip() for cell in row] for row in rows] == [[str(a), b.strip(), y] for a, b, y in cells]
    assert ("outer_bars" in codes(sheet)) == outer
    assert not {"empty_columns", "no_name"} & set(codes(sheet))


@pytest.mark.slow
def test_a_column_in_front_of_the_first_bar_stays_if_any_row_has_a_cell_there():
    rows = "| 1 | no |\n" * 30_000
    sheet, _ = read(f"| a | paid |\n{rows}x | 1 | no |\n")
    assert sheet.names == ("column_1", "a", "paid")
    assert read(f"| a | paid |\n{rows}")[0].names == ("a", "paid")


def test_the_numbers_of_the_rows_in_a_markdown_table_are_no_column():
    sheet, rows = read("|    |   a | paid |\n|---:|----:|:-----|\n|  0 |   5 | no   |\n|  1 |   6 | yes  |\n")
    assert (sheet.names, len(rows)) == (("a", "paid"), 2)
    assert codes(sheet) == ["delimiter", "rule", "outer_bars", "index"]


@pytest.mark.parametrize("row", ["-,-", "-,1", "--,5"])
def test_a_row_of_single_dashes_below_the_names_is_a_row(row: str) -> None:
    assert len(read(f"age,paid\n{row}\n" + "31,0\n" * 9)[1]) == 10


@pytest.mark.parametrize(
    ("text", "names", "codes_said"),
    [
        (",,y\n4,1.5,no\n4,2.5,yes\n7,1.5,no\n", ("column_1", "column_2", "y"), ["no_name", "no_name"]),
        (",,y\nu,p,no\nu,q,yes\nv,p,no\nv,q,yes\nu,p,yes\n", ("column_1", "column_2", "y"), ["no_name", "no_name"]),
        (",,y\n0,1.5,no\n1,2.5,yes\n2,1.5,no\n", ("column_1", "y"), ["index", "no_name"]),
        (",,,x,y\n4,1,2,3,0\n5,1,2,3,1\n4,1,2,3,0\n", ("column_1", "column_2", "column_3", "x", "y"), ["no_name"] * 3),
    ],
)  # fmt: skip
def test_columns_without_a_name_in_front_of_the_others_are_there_and_said(text, names, codes_said):
    """As pandas writes an index of two columns."""
    sheet, _ = read(text)
    assert sheet.names == names
    assert codes(sheet) == codes_said


@pytest.mark.parametrize(
    "text", [",,Report of May\nage,town,paid\n31,Bonn,1\n47,Ulm,0\n", "Report,,\nage,town,paid\n31,Bonn,1\n"]
)
def test_a_title_over_names_is_a_title_wherever_it_stands(text):
    assert read(text)[0].names == ("age", "town", "paid")


def test_the_call_that_keeps_the_row_numbers_can_be_used():
    sheet, _ = read(text := ",,x,y\n0,7,1,2\n1,7,1,3\n2,9,2,3\n")
    [note] = [one for one in sheet.notes if one.code == "index"]
    assert note.remedy == "Data.from_csv(path, names=['row', 'column_1', 'x', 'y'])"
    assert read(text, names=("row", "column_1", "x", "y"))[0].names == ("row", "column_1", "x", "y")
