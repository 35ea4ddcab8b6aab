"""The rows of a file are the same however many bytes are read at a time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lepton_core.table.files import open_sheet
from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.records import Body, RowTally, read_blocks, read_rows

ROWS = "".join(f"g{row % 9},{row},{'pq'[row % 2]}\n" for row in range(40))
NOTES = {
    "notes": "of May,,\n" * 9,
    "empty rows between": "of May,,\n" + ",,\n" * 3 + ",see there,\n",
    "many empty rows between": "of May,,\n" + ",,\n" * 8 + ",see there,\n" + ",,\n" * 50,
    "quotes": '"of ""May""",,\n\n4",,\n"u\nv",,\n',
    "too many": "of May,,\n" * 11,
    "a row": "of May,,\n" + ROWS[:9],
}


def in_sevens(body: Body, tally: RowTally) -> Iterator[list[list[str]]]:
    return read_rows(body, tally, 7)


@pytest.mark.usefixtures("either_reader")
@pytest.mark.parametrize("name", NOTES)
def test_a_total_and_its_notes_are_found_wherever_blocks_end(name: str) -> None:
    body = open_sheet(f"a,b,y\n{ROWS}Total,9,p\n{NOTES[name]}".encode()).body
    told = []
    for size in (1 << 18, 16, 30, 70, 200, 500):
        for read, numbers in ((in_sevens, None), (in_sevens, LineNumbers()), (read_blocks, None)):
            tally = RowTally(numbers=numbers)
            rows = [row for some in read(replace(body, block_bytes=size), tally) for row in some]
            told.append((rows, tally.set_aside, tally.total, tally.empty, tally.rows))
    assert all(one == told[0] for one in told)
    assert bool(told[0][2]) is (name not in ("too many", "a row"))
