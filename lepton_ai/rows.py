"""Rows to be predicted, in whatever form the caller has them, as the JSON or the columns that the platform takes.

numpy and pandas are recognised by what they bring along, so nothing here imports them before they are needed.
"""

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter, ne
from typing import TYPE_CHECKING, Any

from lepton_ai.batches import JsonBatch, slices
from lepton_ai.cell_rows import CellRows, cell_rows
from lepton_core.errors import InvalidData, InvalidInput

if TYPE_CHECKING:
    from lepton_ai.columns import Columns
    from lepton_ai.of_file import OfFile
    from lepton_core.table import Table

Cell = float | int | str | bool | None

_PLAIN = frozenset({int, bool, str, type(None)})
"""Types that are cells of JSON as they are."""

_NUMBERS_TOO = _PLAIN | {float}
_NAMES = frozenset({str})
_INFINITE = frozenset({math.inf, -math.inf})

_FEW = 16
"""Rows that are never sent as columns."""


@dataclass(frozen=True)
class Rows:
    """``rows`` are dicts by column name, or lists in the order of ``columns`` (None: the trained order).

    ``single`` says that the caller gave one row, not a list with one row in it. Those ``of_file`` may be None, which
    stands for a row that could not be read.
    """

    rows: list[Any]
    columns: list[str] | None = None
    single: bool = False
    of_file: "OfFile | None" = field(default=None, compare=False, repr=False)

    def batches(self, *, explain: bool = False, coverage: float | None = None) -> Iterator[JsonBatch]:
        """The requests, one after the other."""
        said: dict[str, Any] = {"columns": self.columns, "explain": explain or None, "coverage": coverage}
        said["row_errors"] = self.of_file and True
        more = {name: value for name, value in said.items() if value is not None}
        for start, stop in slices(len(self.rows), max(map(len, filter(None, self.rows)), default=1)):
            yield JsonBatch(start, {"rows": self.rows[start:stop], **more})


def rows_from(given: Any) -> "Rows | CellRows | Columns":
    """Turn what `Model.predict` takes into `Rows`, or `CellRows` or `Columns` where that is faster.

    A dict, a flat list, a 1-D array and a Series are one row; a list of dicts or lists, a 2-D array, a frame and a
    `Data` are several (of a `Data` all columns are sent: the platform ignores its label). Cells are what
    `lepton_core.table.given_column` makes of them: NaN is a missing value as None is, dates are text.
    Errors: `InvalidData` naming row and column for infinity and what is no cell.

    >>> rows_from({"age": 31})
    Rows(rows=[{'age': 31}], columns=None, single=True)
    >>> rows_from([[1, None], [2, "red"]]).rows
    [[1, None], [2, 'red']]
    """
    if isinstance(given, Rows) or hasattr(given, "batches"):  # `Columns`, which would load numpy here
        made: Rows | CellRows | Columns = given
        return made
    if isinstance(given, Mapping):
        return Rows([_record(given, 1)], single=True)
    if hasattr(given, "rows_to_predict"):
        found: Rows | Columns = given.rows_to_predict()
        return found
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return _from_sequence(given)
    kind = _kind(given)
    return {"Series": _from_series, "ndarray": _from_array}[kind](given) if kind else _from_columns(given)


def _from_columns(given: Any) -> "Rows | Columns":
    if hasattr(given, "parts") and hasattr(given, "schema"):
        return rows_from_table(given)
    from lepton_ai.frames import is_frame, table_from_frame, to_frame  # noqa: PLC0415  (loads numpy)

    if is_frame(given):
        return rows_from_table(table_from_frame(given))
    raise InvalidInput(
        "rows must be a dict, a list of dicts or lists, a numpy array, a DataFrame, a Series or Data, "
        f"not {type(given).__name__}{to_frame(given)}",
        field="rows",
    )


def rows_from_table(table: "Table") -> "Rows | Columns":
    """The rows of a table: many as columns.

    As JSON, missing cells are None, and a time of day stands behind a blank.
    """
    from lepton_ai.columns import columns_from_table  # noqa: PLC0415  (loads numpy)

    return columns_from_table(table) or json_rows(table)


def json_rows(table: "Table") -> Rows:
    """The rows of a table as JSON."""
    from lepton_core.table import kind_of  # noqa: PLC0415  (loads numpy)

    columns = [kind_of(column).given_cells(column) for column in table.columns]
    return Rows([list(row) for row in zip(*columns, strict=True)], columns=list(table.names))


def row_from_text(text: str) -> dict[str, Cell]:
    """The row that ``a=1,colour=red`` writes; a cell with a comma in it is quoted as in CSV.

    >>> row_from_text('age=31,"name=Smith, J",income=')
    {'age': '31', 'name': 'Smith, J', 'income': ''}
    """
    row: dict[str, Cell] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise InvalidInput(
                f"{part!r} is not COLUMN=VALUE; a pair with a comma in it needs quotes around it: "
                """--row '"price=1,5",colour=red'"""
            )
        if name.strip() in row:
            raise InvalidInput(f"{name.strip()!r} is there twice")
        row[name.strip()] = value.strip()
    if not row:
        raise InvalidInput("there is no COLUMN=VALUE in it")
    return row


def _from_sequence(given: Sequence[Any]) -> "Rows | CellRows | Columns":
    if not given:
        return Rows([])
    if len(given) > _FEW and (columns := _many(given)):
        return columns
    if set(map(type, given)) == {dict}:
        return _from_records(given)
    if all(_is_cell(item) for item in given):
        return Rows([_list(given, 1)], single=True)
    rows: list[Any] = []
    for number, item in enumerate(given, start=1):
        if isinstance(item, Mapping):
            rows.append(_record(item, number))
        elif isinstance(item, Sequence) and not isinstance(item, (str, bytes)):
            rows.append(_list(item, number))
        elif _kind(item) and isinstance(one := rows_from(item), Rows) and one.single:
            rows += one.rows
        else:
            raise InvalidData(f"{_shown(item)} is not a dict or a list of cells", row=number)
    if len({type(row) for row in rows}) > 1:
        raise InvalidInput("the rows must all be dicts, or all be lists", field="rows")
    return Rows(rows)


def _many(given: Sequence[Any]) -> "Columns | None":
    """Many dicts of the same names, or many lists of one length, of cells that need no second look."""
    kind, width = type(given[0]), len(given[0]) if hasattr(given[0], "__len__") else 0
    if kind not in (dict, list, tuple) or width < 2:
        return None
    first = given[0].values() if kind is dict else given[0]
    if str in map(type, first):  # texts are sooner sent as JSON
        return None
    if set(map(type, given)) != {kind} or set(map(len, given)) != {width}:
        return None
    from lepton_ai.columns import columns_from_rows  # noqa: PLC0415  (loads numpy)

    if kind is not dict:
        return columns_from_rows(given, [str(at) for at in range(1, width + 1)], in_order=True)
    names = list(given[0])
    try:
        return columns_from_rows(given, names, itemgetter(*names)) if _are_names(names) else None
    except KeyError:
        return None


def _from_records(given: Sequence[dict[Any, Any]]) -> Rows | CellRows:
    names = list(given[0])
    if len(names) >= 2 and _are_names(names) and (found := cell_rows(given, names)):
        return found
    return Rows([_record(row, number) for number, row in enumerate(given, start=1)])


def _are_names(keys: Iterable[Any]) -> bool:
    """Whether all ``keys`` are texts, and none of them is blank: that is a column without a name."""
    return _NAMES.issuperset(map(type, keys)) and all(map(str.strip, keys))


def _from_series(series: Any) -> Rows:
    from lepton_core.table.given import column_name  # noqa: PLC0415  (loads numpy)

    names = [column_name(name) or f"column_{place}" for place, name in enumerate(series.index, start=1)]
    cells = zip(names, series.tolist(), strict=True)
    return Rows([{name: _cell(cell, 1, name) for name, cell in cells}], single=True)


def _from_array(array: Any) -> "Rows | Columns":
    if array.ndim == 1 and array.dtype.names is None:
        return Rows([[_cell(cell, 1, at) for at, cell in enumerate(array, start=1)]], single=True)
    if array.ndim != 2:
        raise InvalidInput(f"an array must have 1 or 2 dimensions, not {array.ndim}", field="rows")
    if array.shape[0] == 0:
        return Rows([])
    from lepton_ai.columns import columns_from_table  # noqa: PLC0415  (loads numpy)
    from lepton_ai.frames import table_from_array  # noqa: PLC0415  (loads numpy)

    as_it_is = array.dtype.kind in "ib"
    if as_it_is and (len(array) <= _FEW or _beyond(array)):
        return Rows(array.tolist())
    table = table_from_array(array, [str(at) for at in range(1, array.shape[1] + 1)])
    columns = columns_from_table(table)
    if columns is not None:
        return replace(columns, in_order=True)
    return Rows(array.tolist() if as_it_is else json_rows(table).rows)


def _beyond(array: Any) -> bool:
    """Whether whole numbers are among the cells that float64 may not have."""
    return array.dtype.kind == "i" and bool(array.size) and not -(2**53) < array.min() <= array.max() < 2**53


def _record(given: Mapping[Any, Any], row: int) -> dict[str, Cell]:
    values = given.values()
    simple = _NUMBERS_TOO.issuperset(map(type, values)) and _are_names(given)
    # NaN is the only cell that differs from itself.
    if simple and _INFINITE.isdisjoint(values) and not any(map(ne, values, values)):
        return dict(given)
    from lepton_core.table.given import column_name  # noqa: PLC0415  (loads numpy)

    places = enumerate(given.items(), start=1)
    named = {column_name(key) or f"column_{place}": value for place, (key, value) in places}
    if len(named) < len(given):
        raise InvalidData("the row has a name twice", row=row)
    if any(isinstance(value, dict | list) for value in named.values()):
        from lepton_core.table.nested import flattened  # noqa: PLC0415  (loads numpy)

        flattened(named, row)
    return {name: _inner(value, row, name) for name, value in named.items()}


def _inner(value: Any, row: int, column: str) -> Any:
    """One cell for JSON, or an object of such; the platform makes columns of it."""
    if not isinstance(value, dict):
        return _cell(value, row, column)
    return {str(key): _inner(cell, row, f"{column}.{key}") for key, cell in value.items()}


def _list(given: Sequence[Any], row: int) -> list[Cell]:
    return [_cell(value, row, at) for at, value in enumerate(given, start=1)]


def _cell(value: Any, row: int, column: object) -> Cell:
    """One cell for JSON, which knows neither NaN nor infinity."""
    if type(value) in _PLAIN or (type(value) is float and math.isfinite(value)):
        found: Cell = value
        return found
    from lepton_core.table import given_cell  # noqa: PLC0415  (loads numpy)

    return given_cell(value, row, str(column))


def _is_cell(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, (int, float, str))
        or getattr(value, "ndim", None) == 0
        or (hasattr(value, "isoformat") or hasattr(value, "total_seconds"))
    )


def _kind(value: Any) -> str:
    """'ndarray' or 'Series' if it is one, else ''. A library that is not loaded made none."""
    for library, kind in (("numpy", "ndarray"), ("pandas", "Series")):
        module = sys.modules.get(library)
        if module is not None and isinstance(value, getattr(module, kind)):
            return kind
    return ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
