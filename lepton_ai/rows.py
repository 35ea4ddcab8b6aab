"""Rows to be predicted, in whatever form the caller has them, as the JSON that the platform takes.

numpy and pandas are recognised by what they bring along, so nothing here imports them.
"""

import csv
import io
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lepton_core.errors import InvalidData, InvalidInput

if TYPE_CHECKING:
    from lepton_core.table import Table

Cell = float | int | str | bool | None

_CELLS_A_CALL = 60_000
_ROWS_A_CALL = 5_000


@dataclass(frozen=True)
class Rows:
    """``rows`` are dicts by column name, or lists in the order of ``columns`` (None: the trained order).

    ``single`` says that the caller gave one row, not a list with one row in it.
    """

    rows: list[Any]
    columns: list[str] | None = None
    single: bool = False

    def batches(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(rows before it, request body) of pieces that stay within 6 MB, answers included."""
        widest = max((len(row) for row in self.rows), default=1) or 1
        size = max(1, min(_ROWS_A_CALL, _CELLS_A_CALL // widest))
        for start in range(0, max(1, len(self.rows)), size):
            body: dict[str, Any] = {"rows": self.rows[start : start + size]}
            if self.columns is not None:
                body["columns"] = self.columns
            yield start, body


def rows_from(given: Any) -> Rows:
    """Turn what `Model.predict` takes into `Rows`.

    A dict, a flat list, a 1-D array and a Series are one row; a list of dicts or lists, a 2-D array, a
    DataFrame and a `Data` are several (of a `Data` all columns are sent: the platform ignores its label).
    NaN in numpy and pandas is a missing value, as None is elsewhere; dates are text (see `as_text`).
    Errors: `InvalidData` naming row and column for infinity, NaN in plain Python, and what is no cell.

    >>> rows_from({"age": 31})
    Rows(rows=[{'age': 31}], columns=None, single=True)
    >>> rows_from([[1, None], [2, "red"]]).rows
    [[1, None], [2, 'red']]
    """
    if isinstance(given, Rows):
        return given
    if isinstance(given, Mapping):
        return Rows([_record(given, 1)], single=True)
    table = getattr(given, "table", None)
    if table is not None and hasattr(table, "schema"):
        return rows_from_table(table)
    readers = {"DataFrame": _from_frame, "Series": _from_series, "ndarray": _from_array}
    if _kind(given) in readers:
        return readers[_kind(given)](given)
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return _from_sequence(given)
    raise InvalidInput(
        "rows must be a dict, a list of dicts or lists, a numpy array, a pandas DataFrame or Data, "
        f"not {type(given).__name__}",
        field="rows",
    )


def rows_from_table(table: "Table") -> Rows:
    """The rows of a table, missing cells as None."""
    from lepton_core.table import kind_of  # noqa: PLC0415  (loads numpy)

    columns = [kind_of(column).cells(column) for column in table.columns]
    return Rows([list(row) for row in zip(*columns, strict=True)], columns=list(table.names))


def rows_from_csv(data: bytes) -> Rows:
    """The rows of a CSV file with a header, read as an uploaded file is (and with one column if need be)."""
    from lepton_core.table import parse_csv  # noqa: PLC0415  (loads numpy)

    first = data.lstrip().split(b"\n", 1)[0]
    if first.strip() and not any(mark in first for mark in b",;\t"):
        return _from_single_column(data)
    return rows_from_table(parse_csv(data))


def row_from_text(text: str) -> dict[str, Cell]:
    """The row that ``a=1,colour=red`` writes; a cell with a comma in it is quoted as in CSV.

    >>> row_from_text('age=31,"name=Smith, J",income=')
    {'age': 31.0, 'name': 'Smith, J', 'income': None}
    """
    row: dict[str, Cell] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise InvalidInput(f"{part!r} is not COLUMN=VALUE")
        if name.strip() in row:
            raise InvalidInput(f"{name.strip()!r} is there twice")
        row[name.strip()] = _cell_from_text(value.strip(), 1, name.strip())
    if not row:
        raise InvalidInput("there is no COLUMN=VALUE in it")
    return row


def as_text(moment: Any) -> str:
    """A date or a time as CSV files mostly have it, midnight as the date alone; the same in training and prediction.

    >>> from datetime import date, datetime
    >>> as_text(date(2024, 5, 1)), as_text(datetime(2024, 5, 1)), as_text(datetime(2024, 5, 1, 12, 30))
    ('2024-05-01', '2024-05-01', '2024-05-01 12:30:00')
    """
    return str(moment).removesuffix(" 00:00:00")


def is_missing(value: Any) -> bool:
    """Whether it is NA or NaT of pandas."""
    return type(value).__name__ in ("NAType", "NaTType")


def _from_sequence(given: Sequence[Any]) -> Rows:
    if not given:
        return Rows([])
    if all(_is_cell(item) for item in given):
        return Rows([_list(given, 1)], single=True)
    rows: list[Any] = []
    for number, item in enumerate(given, start=1):
        if isinstance(item, Mapping):
            rows.append(_record(item, number))
        elif isinstance(item, Sequence) and not isinstance(item, (str, bytes)):
            rows.append(_list(item, number))
        elif _kind(item) and rows_from(item).single:
            rows += rows_from(item).rows
        else:
            raise InvalidData(f"{_shown(item)} is not a dict or a list of cells", row=number)
    if len({type(row) for row in rows}) > 1:
        raise InvalidInput("the rows must all be dicts, or all be lists", field="rows")
    return Rows(rows)


def _from_frame(frame: Any) -> Rows:
    named = all(isinstance(name, str) for name in frame.columns)
    names = list(frame.columns) if named else None
    shown = names or list(range(1, len(frame.columns) + 1))
    columns = [_column(frame.iloc[:, at].tolist(), shown[at]) for at in range(len(frame.columns))]
    return Rows([list(row) for row in zip(*columns, strict=True)], columns=names)


def _from_series(series: Any) -> Rows:
    cells = series.tolist()
    if all(isinstance(name, str) for name in series.index):
        names = list(series.index)
        return Rows(
            [{name: _cell(cell, 1, name, nan=True) for name, cell in zip(names, cells, strict=True)}],
            single=True,
        )
    return Rows([[_cell(cell, 1, at, nan=True) for at, cell in enumerate(cells, start=1)]], single=True)


def _from_array(array: Any) -> Rows:
    if array.ndim == 1 and array.dtype.names is None:
        cells = array.tolist()
        return Rows([[_cell(cell, 1, at, nan=True) for at, cell in enumerate(cells, start=1)]], single=True)
    if array.ndim != 2:
        raise InvalidInput(f"an array must have 1 or 2 dimensions, not {array.ndim}", field="rows")
    kind = array.dtype.kind
    if kind in "iub" or (kind == "f" and sys.modules["numpy"].isfinite(array).all()):
        return Rows(array.tolist())
    if array.shape[0] == 0:
        return Rows([])
    columns = [_column(array[:, at].tolist(), at + 1) for at in range(array.shape[1])]
    return Rows([list(row) for row in zip(*columns, strict=True)])


def _from_single_column(data: bytes) -> Rows:
    try:
        records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidData(f"the file cannot be read: {error}") from None
    header, *rest = [record for record in records if record]
    name = header[0].strip()
    cells = [_cell_from_text(record[0].strip(), row, name) for row, record in enumerate(rest, start=1)]
    return Rows([[cell] for cell in cells], columns=[name])


def _cell_from_text(text: str, row: int, column: str) -> Cell:
    from lepton_core.table.cells import MISSING_WORDS, is_not_finite, is_number  # noqa: PLC0415  (loads numpy)

    if text in MISSING_WORDS:
        return None
    if is_not_finite(text):
        raise InvalidData(f"{text!r} is not a finite number", row=row, column=column)
    return float(text) if is_number(text) else text


def _column(cells: list[Any], name: object) -> list[Cell]:
    return [_cell(cell, row, name, nan=True) for row, cell in enumerate(cells, start=1)]


def _record(given: Mapping[Any, Any], row: int) -> dict[str, Cell]:
    record: dict[str, Cell] = {}
    for name, value in given.items():
        if not isinstance(name, str):
            raise InvalidData(f"the column name {_shown(name)} is not text", row=row)
        record[name] = _cell(value, row, name)
    return record


def _list(given: Sequence[Any], row: int) -> list[Cell]:
    return [_cell(value, row, at) for at, value in enumerate(given, start=1)]


def _cell(value: Any, row: int, column: object, *, nan: bool = False) -> Cell:
    """One cell for JSON, which knows neither NaN nor infinity: ``nan`` says that NaN means missing here."""
    if type(value) is float:
        return _finite(value, row, column, nan=nan)
    if value is None or isinstance(value, (int, str)):
        return value
    if is_missing(value):
        return None
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        return _cell(value.item(), row, column, nan=True)
    if hasattr(value, "__float__"):
        return _cell(float(value), row, column, nan=nan)
    if hasattr(value, "isoformat"):
        return as_text(value)
    raise InvalidData(f"{_shown(value)} is neither a number nor text", row=row, column=str(column))


def _finite(value: float, row: int, column: object, *, nan: bool) -> float | None:
    if math.isfinite(value):
        return value
    if math.isnan(value) and nan:
        return None
    advice = "; write None for a missing value" if math.isnan(value) else ""
    raise InvalidData(f"{value} is not a finite number{advice}", row=row, column=str(column))


def _is_cell(value: Any) -> bool:
    return value is None or isinstance(value, (int, float, str)) or getattr(value, "ndim", None) == 0


def _kind(value: Any) -> str:
    """'ndarray', 'DataFrame' or 'Series' if it is one, else ''. A library that is not loaded made none."""
    for library, kinds in (("numpy", ("ndarray",)), ("pandas", ("DataFrame", "Series"))):
        module = sys.modules.get(library)
        for kind in kinds if module is not None else ():
            if isinstance(value, getattr(module, kind)):
                return kind
    return ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
