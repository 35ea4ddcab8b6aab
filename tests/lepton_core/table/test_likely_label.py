"""Which column is predicted if nobody says it, of a file read at once and in windows, and of texts of a program."""

import pytest

from lepton_core.errors import InvalidInput
from lepton_core.table import Table, read_csv
from lepton_core.table.given import given_column
from lepton_core.table.reading_given import read_given
from tests.lepton_core.table.large.test_read import large

ROWS = 5_000
FIRST = 3_000
"""The first rows, which decide at first."""

MARKS = {
    "in one row": lambda row: row == ROWS - 9,
    "in few rows": lambda row: row % 10 < 3,
    "in the first rows": lambda row: row < ROWS // 3,
    "in the last rows": lambda row: row > FIRST,
    "in most of the last rows": lambda row: row > ROWS // 3,
    "in most rows": lambda row: row % 10 < 6,
    "in all rows": lambda row: True,
}
FULL = ("in most of the last rows", "in most rows", "in all rows")


@pytest.mark.parametrize("which", MARKS)
@pytest.mark.parametrize("name", ["", "Unnamed: 2", "remark"])
def test_what_stands_beside_a_table_is_not_predicted(name: str, which: str) -> None:
    rows = [
        (str(row % 89), "pq"[row % 2], "uv"[row % 3 % 2] if MARKS[which](row) else "") for row in range(ROWS)
    ]
    data = f"x,paid,{name}\n{''.join(','.join(row) + chr(10) for row in rows)}".encode()
    label = "remark" if name == "remark" and which in FULL else "paid"
    whole = read_csv(data)
    table, found, _ = large(data, size=1 << 14, piece=1 << 18)
    assert (whole.label, found.read.label) == (label, label)
    assert table == whole.table
    assert found.read.notes == whole.notes
    names = whole.table.names
    cells = (given_column(names[at], [row[at] or None for row in rows]) for at in range(3))
    assert read_given(Table(tuple(cells))).label == label


@pytest.mark.parametrize(("marked", "label"), [(2, "column_3"), (1, "column_2")])
def test_of_a_file_without_names_the_last_column_with_cells_is_predicted(marked: int, label: str) -> None:
    rows = (f"{row % 9}.5,{row % 7}.5,{'uv'[row % 2] if row % 3 < marked else ''}\n" for row in range(300))
    assert read_csv("".join(rows).encode()).label == label


def test_a_column_that_is_called_a_label_is_predicted_however_few_rows_have_it() -> None:
    data = (
        "label,x\n" + "".join(f"{'uv'[row % 2] if row % 9 == 0 else ''},{row % 7}.5\n" for row in range(300))
    ).encode()
    assert read_csv(data).label == "label"


KEYS = "".join(f"{row * 7919 % 9973:05d}x,{row},{'pq'[row % 2]}\n" for row in range(300))


def test_a_column_that_is_left_out_is_neither_predicted_nor_offered() -> None:
    data = f"key,number,z\n{KEYS}".encode()
    for read in (read_csv(data, exclude=["z"]), large(data, size=4_000, exclude=["z"])[1].read):
        assert read.label == "number"
        [note] = read.notes
        assert note.remedy == "Data.from_csv(path, label='key')"
    same = "".join(f"7,8,{'pq'[row % 2]}\n" for row in range(300))
    data = f"one,other,z\n{same}".encode()
    for read in (read_csv(data, exclude=["z"]), large(data, size=4_000, exclude=["z"])[1].read):
        assert read.label == "other"


@pytest.mark.parametrize(
    ("exclude", "left"), [(["a", "b", "z"], "no column"), (["a", "z"], "'b' is the only")]
)
def test_two_columns_at_least_are_left(exclude: list[str], left: str) -> None:
    data = b"a,b,z\n1,2,p\n3,4,q\n"
    texts = Table(tuple(given_column(name, ["u", "v"]) for name in "abz"))
    for read in (
        lambda: read_csv(data, exclude=exclude),
        lambda: large(data, exclude=exclude),
        lambda: read_given(texts, exclude=exclude),
    ):
        with pytest.raises(InvalidInput, match=left) as refused:
            read()
        assert (refused.value.field, [str(one) for one in refused.value.remedies]) == (
            "exclude",
            ["exclude=..."],
        )
