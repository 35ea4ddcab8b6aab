"""What the first window cannot show of a file: columns that get their first cell late, and lines that are wrapped."""

import random
from collections.abc import Callable

import pytest

from tests.lepton_core.table.large.test_first_cells import in_both_ways

ROWS = 4_000
LATE = 3_900

Cells = Callable[[int], object]

deal = random.Random(7)


def lines(*columns: Cells, header: str, before: str = "", behind: str = "") -> list[str]:
    rows = (",".join(str(cell(row)) for cell in columns) for row in range(ROWS))
    return [header, *(f"{before}{row}{behind}" for row in rows)]


def number(row: int) -> str:
    return f"{deal.gauss(0, 9):.2f}"


def town(row: int) -> str:
    return deal.choice(["Bonn", "Ulm"])


def label(row: int) -> str:
    return deal.choice("pq")


def late(row: int) -> str:
    return "note" if row == LATE else ""


def in_quotes(line: str) -> str:
    return '"' + line.replace('"', '""') + '"'


FILES: dict[str, Callable[[], list[str]]] = {
    "a delimiter behind each row": lambda: lines(number, label, header="a,y,", behind=","),
    "a delimiter behind each row but the header": lambda: lines(number, label, header="a,y", behind=","),
    "two columns behind, the first has a late cell": lambda: lines(
        number, label, late, header="a,y,,", behind=","
    ),
    "a delimiter behind each row, and blank lines": lambda: [
        one for line in lines(number, label, header="a,y,", behind=",") for one in (line, "")
    ],
    "a column without a name, and a late cell": lambda: lines(number, label, late, header="a,y,"),
    "a late cell in front of the first bar": lambda: [
        "|a|b|y|",
        "|---|---|---|",
        *(f"{late(row)}|{number(row)}|{town(row)}|{label(row)}|" for row in range(ROWS)),
    ],
    "numbers of the rows in front, and a late cell behind": lambda: lines(
        str, number, label, late, header=",a,y,"
    ),
    "each line in quotes": lambda: [*map(in_quotes, lines(number, town, label, header="a,b,y"))],
    "each line in quotes but the header": lambda: [
        "a,b,y",
        *map(in_quotes, lines(number, town, label, header="")[1:]),
    ],
    "each line in quotes, with cells in quotes": lambda: [
        *map(in_quotes, lines(number, lambda row: f'"{town(row)}, x"', label, header="a,b,y"))
    ],
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_in_windows(name: str, end: str) -> None:
    deal.seed(name)
    found = in_both_ways(end.join(FILES[name]()).encode(), 4_000)
    assert found is not None
    assert found[0].table.rows == ROWS


def test_a_cell_that_comes_late_makes_a_column() -> None:
    deal.seed(1)
    read, _ = in_both_ways("\n".join(lines(number, label, late, header="a,y,")).encode(), 4_000) or (None, 0)
    assert read is not None
    assert read.table.names == ("a", "y", "column_3")
