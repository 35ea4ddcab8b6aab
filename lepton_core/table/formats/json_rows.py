"""A JSON text of objects as a table: a key is a column, the objects in a cell are columns of their own."""

from array import array
from collections.abc import Collection, Iterator
from math import inf
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData
from lepton_core.remedy import Remedy, argument
from lepton_core.table.columns import Column
from lepton_core.table.files.encoding import as_utf8
from lepton_core.table.files.every_row import Unread
from lepton_core.table.files.few_wrong import demand_few
from lepton_core.table.files.lines import RawRecord
from lepton_core.table.files.names import MOST_COLUMNS
from lepton_core.table.files.records import RowTally
from lepton_core.table.files.values import Options
from lepton_core.table.formats.given_file import GivenFile, demand_dense, is_mixed
from lepton_core.table.formats.json_text import JsonRow, Twice, json_rows
from lepton_core.table.given import MOST_EXACT, given_column
from lepton_core.table.nested import NO_LIST, TOO_DEEP, flat_cells
from lepton_core.table.table import Table

_NO_ROWS = (
    "there are no rows: the JSON holds an empty list or empty objects; a row is an object with a value for each "
    'column, as [{"age": 31, "paid": "yes"}, {"age": 47, "paid": "no"}]'
)
_CHUNK = 3_072
_INFINITE = frozenset({inf, -inf})


def read_json(
    data: bytes, options: Options, exclude: Collection[str] = (), *, every_row: bool = False
) -> GivenFile:
    """The table of the objects in ``data``.

    What JSON says counts: a text is a text, true a boolean, null a missing cell, as is a key that a row lacks. Of
    an object in a cell each key is a column, ``a.b``. Of an infinity see `given_column`. Rows with another cell,
    and lines that are no object, are set aside, up to the share that ``options`` allow. The columns ``exclude`` are
    left empty, whatever they hold. With ``every_row`` all rows may be wrong, and are ``unread``; those that hold no
    worse than a list, an infinity or deep objects are read, and such cells are ``odd``: nobody may want their
    column.

    Raises `InvalidData` naming the line for what is no JSON, for more rows set aside than allowed, for columns in place
    of rows, more than `MOST_COLUMNS`, and no rows; `TooLarge` for rows whose keys hardly repeat.

    >>> given = read_json(b'{"age": 31, "at": {"zip": "01010"}}\\n{"age": null}', Options())
    >>> given.table["age"].values, given.table["at.zip"].as_list()
    (array([31., nan]), ['01010', None])
    """
    text = as_utf8(data, options.encoding)
    tally = RowTally(share=1.0 if every_row else options.bad_rows or 0.0)
    columns = _Columns(len(text.data), frozenset(exclude), keeps_rows=every_row)
    begins = array("q")
    unread: list[Unread] = []
    lines = json_rows(text.data, text.start)
    first = next(lines, None)
    second = next(lines, None)
    if first is None:
        raise InvalidData(_NO_ROWS)
    if second is None:
        _demand_rows(first.cells)
    for row in _these_first(first, second, lines):
        fault = row.fault or columns.put(row.cells)
        begins.append(row.line)
        if not fault:
            tally.rows += 1
            continue
        unread.append(Unread(len(begins) - 1, fault, row.line))
        tally.put(RawRecord(row.line, 1, ()), fault, row.text, ())
        if tally.hopeless:
            break
    tally.remedies = columns.remedies
    if not every_row:
        demand_few(tally, options)
        if not tally.rows or not columns.has_any:
            raise InvalidData(_NO_ROWS)
    return GivenFile(
        columns.table(),
        (*text.notes, *tally.notes()),
        tuple(tally.set_aside),
        tally.set_aside_count,
        is_text=True,
        lines=begins,
        unread=tuple(unread),
        names=columns.names if columns.names_differ else (),
        cells=columns.mixed,
        odd=columns.odd,
    )


def _these_first(first: JsonRow, second: JsonRow | None, rest: Iterator[JsonRow]) -> Iterator[JsonRow]:
    yield first
    if second is not None:
        yield second
    yield from rest


def _demand_rows(only: dict[str, Any]) -> None:
    """Refuse a single object that holds columns, or a list of rows."""
    values = list(only.values())
    if values == [[]]:
        raise InvalidData(_NO_ROWS)
    for name, value in only.items():
        if type(value) is list and value and type(value[0]) is dict:
            raise InvalidData(
                f"the rows are in the list {name[:80]!r} of one JSON object; write that list alone"
            )
    for kind in (dict, list):
        if values and all(type(value) is kind and len(value) > 1 for value in values):
            raise InvalidData(
                "this is one JSON object of columns; write rows: frame.to_json(path, orient='records')"
            )


class _Columns:
    """Rows that are put one by one, as columns: chunks of them lie in arrays where their cells have one type.

    ``names`` lists the columns of each row, of which equal ones are one object, ``mixed`` has the cells of columns
    of texts of which not all are, and ``odd`` those that are none, if it ``keeps_rows`` with such: see `GivenFile`.
    """

    def __init__(self, octets: int, exclude: frozenset[str], *, keeps_rows: bool = False) -> None:
        self.odd: dict[int, dict[str, str]] = {}
        self._keeps_rows = keeps_rows
        self.names: list[frozenset[str]] = []
        self._known_names: dict[frozenset[str], frozenset[str]] = {}
        self.mixed: dict[str, list[Any]] = {}
        self._octets = octets
        self._exclude = exclude
        self._pieces: dict[str, list[Any]] = {}
        self._plain: set[str] = set()
        self._chunk: list[dict[str, Any]] = []
        self.remedies: dict[str, Remedy] = {}
        """What helps against what `put` says, by that."""
        self._rows = 0

    @property
    def has_any(self) -> bool:
        """Whether there is a column."""
        return bool(self._pieces)

    @property
    def names_differ(self) -> bool:
        """Whether some row lacks a column of another one."""
        return len(self._known_names) > 1

    def put(self, row: dict[str, Any]) -> str:
        """Take the row, or say what is wrong with it."""
        try:
            finite = _INFINITE.isdisjoint(row.values())
            plain = row.keys() <= self._plain and (finite or not self._keeps_rows)
        except TypeError:  # lists and objects have no hash
            plain = False
        if not plain:
            flat: dict[str, Any] = {}
            odd: dict[str, str] = {}
            fault = self._flatten(row, flat, odd)
            if fault:
                return fault
            if odd:
                self.odd[self._rows + len(self._chunk)] = odd
            for name in flat:
                self._pieces.setdefault(name, [])
                if name in row and name not in self._exclude:
                    self._plain.add(name)
            row = flat
        self._chunk.append(row)
        own = frozenset(row)
        self.names.append(self._known_names.setdefault(own, own))
        if len(self._chunk) == _CHUNK:
            self._finish()
        return ""

    def table(self) -> Table:
        """All rows. The columns are in the order in which their names came."""
        self._finish()
        return Table(tuple(self._column(name) for name in list(self._pieces)))

    def _flatten(self, row: dict[str, Any], into: dict[str, Any], odd: dict[str, str]) -> str:
        for name, value in flat_cells(row, self._exclude):
            shown = repr(name[:80])
            if name in self._exclude:
                into[name] = None
                continue
            fault = f"the name {shown} is there twice" if name in into else _no_cell(value, shown)
            if not fault and self._keeps_rows and value in _INFINITE:
                fault = f"{shown} holds a number that is not finite"
            if fault and type(value) is list:
                way = argument(exclude=[name])
                fault += f"; leave the column out with {way}"
                self.remedies[fault] = way
            if fault and name not in into and self._keeps_rows and type(value) is not Twice:
                odd[name] = fault
                into[name] = None
                continue
            if fault:
                return fault
            into[name] = value
        return ""

    def _finish(self) -> None:
        if len(self._pieces) > MOST_COLUMNS:
            raise InvalidData(f"there are {len(self._pieces)} columns; at most {MOST_COLUMNS} are taken")
        demand_dense(self._rows + len(self._chunk), len(self._pieces), self._octets)
        for name, pieces in self._pieces.items():
            if not pieces and self._rows:
                pieces.append([None] * self._rows)
            pieces.append(_compact([row.get(name) for row in self._chunk]))
        self._rows += len(self._chunk)
        self._chunk = []

    def _column(self, name: str) -> Column:
        pieces = self._pieces.pop(name)
        if all(isinstance(piece, np.ndarray) for piece in pieces):
            kinds = {piece.dtype.kind for piece in pieces}
            if len(kinds) == 1 or kinds == {"i", "f"}:
                return given_column(name, np.concatenate(pieces), to_learn=True)
        cells = [
            cell for piece in pieces for cell in (piece.tolist() if isinstance(piece, np.ndarray) else piece)
        ]
        if is_mixed(cells):
            self.mixed[name] = cells
        return given_column(name, cells, to_learn=True)


def _no_cell(value: Any, name: str) -> str:
    """Why ``value`` is no cell; empty if it is one."""
    if type(value) is dict:
        return TOO_DEEP
    if type(value) is list:
        return f"{name} {NO_LIST}"
    return f"the key {value.key[:80]!r} is there twice" if type(value) is Twice else ""


def _compact(cells: list[Any]) -> Any:
    """The cells as an array, if they are all truth values, all whole numbers, or all other numbers."""
    types = set(map(type, cells))
    if float in types and types <= {float, type(None)}:
        return np.array(cells, dtype=np.float64)
    if types == {int} and min(cells) >= -MOST_EXACT and max(cells) <= MOST_EXACT:
        return np.array(cells, dtype=np.int64)
    return np.array(cells) if types == {bool} else cells
