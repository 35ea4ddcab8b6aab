"""Some rows of a text file, and in which lines they begin."""

from collections.abc import Sequence

import numpy as np

from lepton_core.table.files.line_numbers import LineNumbers
from lepton_core.table.files.records import Body, RowTally, cut_rows, read_block
from lepton_core.table.files.splitting import split_rows

_TOGETHER = 1 << 21
"""So many bytes are split at once."""

LineRow = tuple[int, list[str]]
"""The first line of a row, and its cells."""


def rows_at(body: Body, rows: Sequence[int]) -> list[LineRow]:
    r"""These ``rows``, which rise, each with its first line; 0 is the first row that `read_blocks` gives.

    Only blocks that have one of the rows are read with care, and nothing behind the last.

    >>> from lepton_core.table.files import open_sheet
    >>> rows_at(open_sheet(b'a,b\n1,x\n\n2,"y\nz"\n3,x\n').body, [0, 2])
    [(2, ['1', 'x']), (6, ['3', 'x'])]
    """
    found: list[LineRow] = []
    at, line, before, whole = body.start, body.line, 0, memoryview(body.data)
    while at < len(body.data) and len(found) < len(rows):
        stop = min(at + _TOGETHER, len(body.data))
        split = split_rows(whole[at:stop], body.dialect, body.width, is_last=stop == len(body.data))
        if split is not None:
            some = cut_rows(split.rows, body, RowTally())
            here = [row - before for row in rows[len(found) :] if row < before + len(some)]
            if not here or len(some) == split.lines:
                lines = [line + row for row in here]
                found += zip(lines, some.at(np.array(here, dtype=np.intp)), strict=True) if here else ()
                at, line, before = at + split.octets, line + split.lines, before + len(some)
                continue
        numbers = LineNumbers()
        cells, lines_read, at = read_block(body, RowTally(share=1.0, numbers=numbers), at, line)
        here = [row - before for row in rows[len(found) :] if row < before + len(cells)]
        found += [(numbers.rows[row], cells[row]) for row in here]
        line, before = line + lines_read, before + len(cells)
    return found
