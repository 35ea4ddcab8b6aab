"""Tables with thousands of columns: what is held of each column is little, and large files decide as small ones do."""

import tracemalloc

import pytest

from lepton_core.table import Table, concatenate, read_csv
from lepton_core.table.files.splitting import block_bytes
from lepton_core.table.large.read import read_large
from lepton_core.table.large.windows import WINDOW_BYTES
from tests.lepton_core.table.large.test_read import large
from tests.support.sampling import some


def wide(columns: int, rows: int) -> bytes:
    lines = [",".join([*(f"c{at}" for at in range(columns)), "y"])]
    lines += [
        ",".join([*(f"{(row * at) % 7}.5" for at in range(columns)), "no" if row % 3 else "yes"])
        for row in range(rows)
    ]
    return ("\n".join(lines) + "\n").encode()


class Kept:
    def begin(self, label: str) -> None:
        self.tables: list[Table] = []

    def take(self, table: Table) -> None:
        self.tables.append(table)

    def end(self) -> None:
        self.table = concatenate(self.tables)


@pytest.mark.lengthy
@pytest.mark.usefixtures("either_reader")
def test_a_wide_table_is_read_in_few_bytes_a_cell():
    data = wide(1_000, 200)
    read_csv(wide(30, 20), label="y")  # what is loaded once is no matter of cells
    tracemalloc.start()
    read = read_csv(data, label="y")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.table.rows == 200
    # Eight for its number, eight for its places in the text, some for what is kept of each column; a text has sixty.
    # Without what is compiled there are four more for the point in a number, and the places of all marks meanwhile.
    assert peak < 60 * 1_001 * 200


@pytest.mark.parametrize("columns", some("tables so wide that windows grow", [14_000], 0))
def test_a_file_so_wide_that_its_windows_are_larger_is_read_as_it_is_at_once(columns):
    rows = 330
    data = wide(columns, rows)
    assert len(data) > WINDOW_BYTES and 8 * block_bytes(columns + 1) > WINDOW_BYTES
    kept = Kept()
    found = read_large(lambda: [data], kept, wanted_for=lambda names: ({}, ()), label="y")
    whole = read_csv(data, label="y")
    assert found.rows == rows and kept.table == whole.table
    assert [one.decision for one in found.read.columns] == [one.decision for one in whole.columns]


@pytest.mark.lengthy
@pytest.mark.parametrize("behind", [0, 9_000, 30_000])
def test_notes_below_a_total_of_a_wide_table_are_in_its_window(behind: int) -> None:
    width = 8_000
    rows = [f"g{row % 9},{'7,' * (width - 2)}{'pq'[row % 2]}\n" for row in range(40)]
    above = (
        ",".join(f"c{place}" for place in range(width))
        + "\n"
        + "".join(rows)
        + f"Total{',9' * (width - 1)}\n"
    )
    data = (above + f"of May{',' * (width - 1)}\n" * 10).encode()
    _, found, _ = large(data, size=len(above) + behind, piece=1 << 20)
    assert (found.rows, found.read.set_aside_count) == (40, 11)
