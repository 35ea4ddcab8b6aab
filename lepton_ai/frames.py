"""Columns of frames and arrays, whatever library made them, as the platform's own table: one rule for all calls.

Nothing here imports pandas or polars: what a frame offers says what it is.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Column, Table, given_column
from lepton_core.table.files import Note
from lepton_core.table.given import column_name, zone_said

_WAYS = ("to_pandas", "to_df", "df")
"""How a frame of another library becomes one of pandas."""


def is_frame(given: Any) -> bool:
    """Whether it has named columns: a frame of pandas or polars, a table of Arrow, a relation of DuckDB."""
    frames = ("__dataframe__", "__arrow_c_stream__", "iloc", "to_pandas")
    return any(hasattr(given, way) for way in frames) and not _is_series(given)


def to_frame(given: Any) -> str:
    """What makes a frame of a lazy frame, or of a Series, behind a message; empty for what is neither.

    >>> to_frame([1, 2])
    ''
    """
    way = "to_frame" if _is_series(given) else "collect"
    return f"; give .{way}() of it" if hasattr(given, way) else ""


@dataclass(frozen=True)
class OfFrame:
    """The ``table`` of a frame, and ``notes`` on what became of its index and of zones."""

    table: Table
    notes: tuple[Note, ...] = ()


def of_frame(frame: Any, exclude: Collection[str] = (), *, to_learn: bool = False) -> OfFrame:
    """The columns of ``frame`` as `lepton_core.table.given_column` takes them, with the named levels of an index first.

    A plain range is no column, nor is a level without a name, or of the name of a column: of these a note tells.
    Names become text (see `column_name`). ``to_learn`` is that of `given_column`. A column among ``exclude`` is
    left empty if it holds what is no cell. Errors: `InvalidInput` for what is no frame, `InvalidData` for a name
    that is there twice and for what is no cell.
    """
    if _is_arrow(frame):
        from lepton_core.table.formats import has_pyarrow, read_arrow_stream  # noqa: PLC0415  (for these alone)

        if has_pyarrow() or not any(hasattr(frame, way) for way in _WAYS):
            read = read_arrow_stream(frame, exclude, to_learn=to_learn)
            return OfFrame(read.table, read.notes)
    found, notes = _series_of(frame), list[Note]()
    index, names = getattr(found, "index", None), {column_name(name) for name, _ in _items(found)}
    levels: list[tuple[str, Any]] = []
    for place in range(getattr(index, "nlevels", 0) if type(index).__name__ != "RangeIndex" else 0):
        level = index.get_level_values(place)  # type: ignore[union-attr]
        name = "" if level.name is None else column_name(level.name)
        if name and name not in names:
            levels.append((name, level.to_frame(index=False, name=name)[name]))
            notes.append(Note("frame_index", f"the index {name!r} is read as a column", column=name))
        elif not name:
            message = "the index has no name and was left out; frame.reset_index() makes columns of one"
            notes.append(Note("frame_index", message))
    columns = [*levels, *_items(found)]
    types = getattr(found, "schema", {})  # of polars
    zones = (_zone(column_name(name), series, types.get(name)) for name, series in columns)
    notes += [note for note in zones if note is not None]
    made = (
        _column(_named(name, at), series, exclude, to_learn=to_learn)
        for at, (name, series) in enumerate(columns)
    )
    return OfFrame(Table(tuple(_distinct(made))), tuple(dict.fromkeys(notes)))


def table_from_frame(frame: Any) -> Table:
    """The table of `of_frame`."""
    return of_frame(frame).table


def table_from_array(array: Any, names: Sequence[str], *, to_learn: bool = False) -> Table:
    """The columns of an array (m, n) under ``names``, as `lepton_core.table.given_column` takes them."""
    columns = (given_column(name, array[:, at], to_learn=to_learn) for at, name in enumerate(names))
    return Table(tuple(_distinct(columns)))


def table_from_arrays(X: Any, y: Any, columns: Sequence[str] | None, label: str) -> Table:
    """Features ``X`` (m, n), called ``columns``, and labels ``y`` (m,): see `Data.from_arrays`."""
    if columns is None and is_frame(X):
        return _with_label(of_frame(X, to_learn=True).table, y, label)
    features = np.asarray(X)
    if features.ndim != 2:
        raise InvalidInput(f"X must have 2 dimensions, not {features.ndim}", field="X")
    names = [f"x{i}" for i in range(1, features.shape[1] + 1)] if columns is None else list(columns)
    if len(names) != features.shape[1]:
        raise InvalidInput(f"{len(names)} names for {features.shape[1]} columns of X", field="columns")
    return _with_label(table_from_array(features, list(map(column_name, names)), to_learn=True), y, label)


def _with_label(features: Table, y: Any, label: str) -> Table:
    target = y if hasattr(y, "iloc") else y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if target.shape != (features.rows,):
        raise InvalidInput(
            f"y must have shape ({features.rows},), one label a row of X, not {target.shape}", field="y"
        )
    name = column_name(label)
    if name in features:
        raise InvalidInput(f"{name!r} is a column of X too; name the label otherwise", field="label")
    cells = _values(target) if hasattr(y, "iloc") else target
    return Table((*features.columns, given_column(name, cells, to_learn=True)))


def _column(name: str, series: Any, exclude: Collection[str], *, to_learn: bool) -> Column:
    try:
        return given_column(name, _values(series), to_learn=to_learn)
    except InvalidData:
        if name not in exclude:
            raise
        return given_column(name, [None] * len(series))


def _is_own(frame: Any) -> bool:
    """Whether it is a frame of pandas, or what is like one, or of polars: their columns are taken as they are."""
    return hasattr(frame, "iloc") or (hasattr(frame, "get_columns") and hasattr(frame, "to_dict"))


def _is_arrow(frame: Any) -> bool:
    return hasattr(frame, "__arrow_c_stream__") and not _is_own(frame)


def _series_of(frame: Any) -> Any:
    if _is_own(frame):
        return frame
    for way in _WAYS:
        if hasattr(frame, way):
            return _series_of(getattr(frame, way)())
    raise InvalidInput(
        f"{type(frame).__name__} is no frame that can be read here; convert it to pandas first", field="frame"
    )


def _items(frame: Any) -> Iterator[tuple[Any, Any]]:
    """Its columns by their names."""
    if hasattr(frame, "iloc"):
        yield from frame.items()
        return
    types = getattr(frame, "schema", {})
    for name, cells in frame.to_dict(as_series=False).items():
        # Python's own lengths of time end at microseconds.
        is_length = str(types.get(name)).startswith("Duration")
        yield name, frame.get_column(name).to_numpy() if is_length else cells


def _zone(name: str, series: Any, form: Any) -> Note | None:
    """What to say of times with a zone other than UTC; ``form`` is the type of a column of polars."""
    zone = getattr(getattr(series, "dtype", None), "tz", None) or getattr(form, "time_zone", None)
    said = zone_said(name, zone)
    if said is None:
        return None
    way = f"frame[{name!r}].dt.{'tz_localize' if form is None else 'replace_time_zone'}(None)"
    return Note("zone", f"{said}, give local times without a zone: {way}", column=name)


def _values(series: Any) -> Any:
    if isinstance(series, list | np.ndarray):  # of polars
        return series
    dtype = series.dtype
    if getattr(dtype, "tz", None) is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return series.to_numpy()
    if hasattr(dtype, "categories"):
        known = [*_values(dtype.categories.to_series()), None]
        return [known[code] for code in series.cat.codes]
    own = getattr(dtype, "numpy_dtype", None)
    if isinstance(own, np.dtype) and own.kind == "f":  # a list would have lost that it is short
        return series.to_numpy(dtype=own, na_value=np.nan)
    return series.tolist()


def _named(name: Any, at: int) -> str:
    return column_name(name) or f"column_{at + 1}"


def _distinct(columns: Iterable[Column]) -> Iterable[Column]:
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise InvalidData("there are two columns of this name; rename one", column=column.name)
        seen.add(column.name)
        yield column


def _is_series(given: Any) -> bool:
    return getattr(given, "ndim", 2) == 1 or type(given).__name__ == "Series"
