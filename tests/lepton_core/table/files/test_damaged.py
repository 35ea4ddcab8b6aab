"""Whatever happens to a table, no cell slides, no row is lost without a word, and what is refused says why."""

import re

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table.files import Options, Sheet, open_sheet
from tests.lepton_core.table.files.damaged import Damaged, damaged
from tests.support import sampling
from tests.support.rises import with_rise

CASES = range(20_000)
HEAPS = 8
"""So many tests share the cases, so that a long run tells how far it is."""
MOST = 50
"""Of each heap."""
CELL = re.compile(r"c(\d+)r(\d+)z")
SAYS_WHERE = re.compile(r"lines? \d|Data\.from_csv|column ")
BYTES_EACH = 100
"""Bytes of memory for each byte of a file, beside `BYTES_AT_LEAST`."""
BYTES_AT_LEAST = 12_000_000  # of which bzip2 takes 8


ENOUGH = 50


def read(data: bytes, share: float | None) -> tuple[Sheet, list[list[str]]]:
    sheet = open_sheet(data, Options(bad_rows=share))
    return sheet, [row for chunk in sheet.chunks(16) for row in chunk]


def row_of(cells: list[str]) -> int | None:
    """The number of the good row that these cells are of."""
    found = next(filter(None, map(CELL.match, cells)), None)
    return None if found is None else int(found[2])


def check(made: Damaged) -> bool:
    """Whether it was read; every demand is an assertion."""
    data = made.data()
    try:
        sheet, rows = read(data, made.share)
    except InvalidData as error:
        assert made.refusable or (made.wrong > 1 and made.share is None), error
        assert SAYS_WHERE.search(error.message), error
        assert len(error.message) < 3000
        return False
    assert len(sheet.names) == made.width
    found = []
    for cells in rows:
        row = row_of(cells)
        for column, cell in enumerate(cells):
            place = CELL.match(cell)
            assert place is None or (int(place[1]), int(place[2])) == (column, row), f"a cell slid: {cells}"
        if row is None:
            continue
        found.append(row)
        if row not in made.spoilt:
            assert cells == made.rows[row]
    assert found == sorted(found), "the order of the rows changed"
    assert len(found) - len(set(found)) <= len(made.again), "a row is there twice"
    inside = {int(row) for cells in rows for cell in cells if "\n" in cell for _, row in CELL.findall(cell)}
    lost = set(range(len(made.rows))) - set(found) - inside
    if len(sheet.set_aside) == sheet.set_aside_count:
        texts = "".join(one.text for one in sheet.set_aside)
        told = {int(row) for _, row in CELL.findall(texts)}
        cut = any(len(one.text) == 200 for one in sheet.set_aside)
        assert cut or all(row in told for row in lost - made.spoilt), f"rows are lost: {lost - told}"
    assert not lost or sheet.set_aside_count, "rows are lost without a word"
    again, others = read(data, made.share)
    assert (again.names, others, again.notes, again.set_aside) == (
        sheet.names,
        rows,
        sheet.notes,
        sheet.set_aside,
    )
    return True


@pytest.mark.parametrize("heap", range(HEAPS))
def test_any_damage_is_read_or_refused_with_its_place_in_bounded_memory(heap: int) -> None:
    taken = sampling.some(f"damaged tables, heap {heap}", CASES[heap::HEAPS], MOST)
    refused = 0
    for seed in taken:
        made = damaged(seed)
        size = len(made.data())
        try:
            is_read, rise = with_rise(lambda made=made: check(made))  # type: ignore[misc]
            assert rise < BYTES_AT_LEAST + BYTES_EACH * size, f"{rise} bytes for {size}"
            refused += not is_read
        except Exception as error:
            error.add_note(f"damaged({seed}): {', '.join(made.done)}")
            raise
    # Of fewer cases more than half may be refused by chance.
    assert refused < len(taken) / 2 or len(taken) < ENOUGH
