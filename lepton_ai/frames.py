"""Columns of frames and arrays, whatever library made them, as the platform's own table: one rule for all calls.

Nothing here imports pandas or polars: what a frame offers says what it is.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Column, Table, given_column


def is_frame(given: Any) -> bool:
    """Whether it has named columns: a frame of pandas or polars, a table of Arrow, a relation of DuckDB."""
    frames = ("__dataframe__", "__arrow_c_stream__", "iloc", "to_pandas")
    return any(hasattr(given, way) for way in frames) and not _is_series(given)


def table_from_frame(frame: Any) -> Table:
    """The columns of ``frame`` as `lepton_core.table.given_column` takes them, its index left out.

    Names become text (see `column_name`). Errors: `InvalidInput` for what is no frame, `InvalidData` for a name that is
    there twice and for what is no cell.
    """
    return Table(tuple(_distinct(_columns(frame))))


def column_name(name: Any) -> str:
    """The name of a column as text, blanks around it dropped; the parts of several header lines joined.

    >>> column_name(" age"), column_name(3), column_name(("size", "mean"))
    ('age', '3', 'size_mean')
    """
    if isinstance(name, tuple):
        return "_".join(filter(None, map(column_name, name)))
    return str(name).strip()


def table_from_array(array: Any, names: Sequence[str]) -> Table:
    """The columns of an array (m, n) under ``names``."""
    return Table(tuple(_distinct(given_column(name, array[:, at]) for at, name in enumerate(names))))


def table_from_arrays(X: Any, y: Any, columns: Sequence[str] | None, label: str) -> Table:
    """Features ``X`` (m, n), called ``columns``, and labels ``y`` (m,): see `Data.from_arrays`."""
    if columns is None and is_frame(X):
        return _with_label(table_from_frame(X), y, label)
    features = np.asarray(X)
    if features.ndim != 2:
        raise InvalidInput(f"X must have 2 dimensions, not {features.ndim}", field="X")
    names = [f"x{i}" for i in range(1, features.shape[1] + 1)] if columns is None else list(columns)
    if len(names) != features.shape[1]:
        raise InvalidInput(f"{len(names)} names for {features.shape[1]} columns of X", field="columns")
    return _with_label(table_from_array(features, list(map(column_name, names))), y, label)


def _with_label(features: Table, y: Any, label: str) -> Table:
    target = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if target.shape != (features.rows,):
        raise InvalidInput(
            f"y must have shape ({features.rows},), one label a row of X, not {target.shape}", field="y"
        )
    name = column_name(label)
    if name in features:
        raise InvalidInput(f"{name!r} is a column of X too; name the label otherwise", field="label")
    return Table((*features.columns, given_column(name, target)))


def _columns(frame: Any) -> Iterable[Column]:
    if hasattr(frame, "iloc"):
        return (
            given_column(_named(name, at), _values(series)) for at, (name, series) in enumerate(frame.items())
        )
    if hasattr(frame, "get_columns") and hasattr(frame, "to_dict"):  # polars
        listed = frame.to_dict(as_series=False)
        return (given_column(_named(name, at), cells) for at, (name, cells) in enumerate(listed.items()))
    for way in ("to_pandas", "to_df", "df"):
        if hasattr(frame, way):
            return _columns(getattr(frame, way)())
    raise InvalidInput(
        f"{type(frame).__name__} is no frame that can be read here; convert it to pandas first", field="frame"
    )


def _values(series: Any) -> Any:
    dtype = series.dtype
    if getattr(dtype, "tz", None) is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        dtype = series.dtype
    return series.to_numpy() if isinstance(dtype, np.dtype) else series.tolist()


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
