"""The cells of a listed table as the file has them, and the files that are made of some of its rows.

The file is taken apart by pandas, which is told where its cells begin and end, and nothing of what is in them. So what
is uploaded and what is predicted is the text of the file itself, without the columns that the list says to drop
and without an index, which no longer counts the rows when some of them are taken.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lepton_core.table.files import open_sheet
from tests.benchmarks.real_tables.listed import Listed
from tests.benchmarks.real_tables.peer import PACKING

SHAPE = ("sep", "quoting", "quotechar", "skipinitialspace", "encoding")
"""The arguments of a reader that say where cells begin and end."""


@dataclass(frozen=True)
class Raw:
    """``names`` are those that Lepton gives the columns, ``label`` one of them.

    ``header`` is the line of names in the file, None without one; ``rows`` has the cells of each row, of which those
    before ``start`` have no name.
    """

    names: tuple[str, ...]
    label: str
    header: tuple[str, ...] | None
    rows: Sequence[Sequence[str]]
    start: int

    def file(self, places: Iterable[int]) -> bytes:
        """A file of these rows below the header."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if self.header is not None:
            writer.writerow(self.header)
        writer.writerows(self.rows[place] for place in places)
        return text.getvalue().encode()

    def records(self, places: Iterable[int]) -> list[dict[str, str]]:
        """These rows without the label, as a client sends them: texts by name."""
        found = (self._by_name(place) for place in places)
        return [{name: cell for name, cell in row.items() if name != self.label} for row in found]

    def labels(self, places: Iterable[int]) -> list[str]:
        """The label of each of these rows."""
        return [self._by_name(place)[self.label].strip() for place in places]

    def _by_name(self, place: int) -> Mapping[str, str]:
        cells = self.rows[place][self.start : self.start + len(self.names)]
        return dict(zip(self.names, cells, strict=True))


def raw(table: Listed, found: bytes) -> Raw:
    """The table cell by cell, without the columns that are to be dropped."""
    names, read = _names(table, found), table.reading.read
    packing = PACKING.get(Path(table.path).suffix)
    lines = pd.read_csv(
        io.BytesIO(found),
        compression=packing,
        header=None,
        dtype="str",
        na_filter=False,
        skiprows=read.get("skiprows"),
        low_memory=False,
        **{name: read[name] for name in SHAPE if name in read},
    )
    cells = lines.to_numpy("object").tolist()
    header = None if "header" in read else cells.pop(0)
    kept = [
        at for at, name in enumerate(names) if name not in table.reading.drop and at != read.get("index_col")
    ]
    rows = [[row[at] for at in kept] for row in cells]
    label = kept.index(names.index(table.label))
    shown = None if header is None else tuple(header[at] for at in kept)
    whole = Raw((), "", shown, rows, 0)
    sheet = open_sheet(whole.file(range(len(rows))))
    if sheet.body.width != len(kept):
        raise ValueError(f"{table.name}: {sheet.body.width} columns are read of {len(kept)}")
    return Raw(sheet.names, sheet.names[label - sheet.body.first], shown, rows, sheet.body.first)


def label_of(table: Listed) -> str:
    """The label's name in the file as it is: its place, where the file has no header."""
    given = table.reading.read.get("names")
    return table.label.strip() if given is None else f"column_{given.index(table.label) + 1}"


def _names(table: Listed, found: bytes) -> list[str]:
    """The names that pandas gives, by which the list speaks of columns; those of an index are there as well."""
    read = {name: value for name, value in table.reading.read.items() if name != "index_col"}
    packing = PACKING.get(Path(table.path).suffix)
    return list(pd.read_csv(io.BytesIO(found), compression=packing, nrows=1, index_col=False, **read).columns)
