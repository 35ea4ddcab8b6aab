"""Data: a table with a label, read and checked on this side, uploaded as the bytes that it came in."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lepton_ai.progress import say
from lepton_ai.rows import as_text, is_missing
from lepton_ai.show import figure, html_table, text_table
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.table import Table, check_label, describe, infer_label, parse_csv

_LABEL_WORDS = ("label", "target", "y", "class")


class Data:
    """Rows of typed columns, one of which is the label.

    Made by `from_csv`, `from_pandas` or `from_arrays`; immutable. ``content`` is the CSV file that is
    uploaded.
    """

    def __init__(self, table: Table, label: str, content: bytes, source: str) -> None:
        self._table = table
        self._label = label
        self._content = content
        self._source = source

    @classmethod
    def from_csv(cls, path: str | Path, label: str | None = None, quiet: bool = False) -> "Data":
        """Read and check a CSV file.

        Without ``label`` it is the column named label, target, y or class, else the last; which one was
        taken is said on stderr unless ``quiet``. Errors: `InvalidData` naming the row and the column that
        are wrong, `InvalidInput` for a file that cannot be read.
        """
        return cls._parsed(file_content(path), label, str(path), quiet=quiet)

    @classmethod
    def from_pandas(cls, frame: Any, label: str | None = None, quiet: bool = False) -> "Data":
        """The rows of a pandas DataFrame, its index left out; NaN, None and NA are missing values, dates are text."""
        if not hasattr(frame, "to_csv"):
            raise InvalidInput(f"needs a DataFrame, not {type(frame).__name__}", field="frame")
        content = _dates_as_text(frame).to_csv(index=False, lineterminator="\n").encode()
        return cls._parsed(content, label, "a DataFrame", quiet=quiet)

    @classmethod
    def from_arrays(
        cls, X: Any, y: Any, columns: Sequence[str] | None = None, label: str = "label"
    ) -> "Data":
        """Features ``X`` of shape (m, n) and labels ``y`` of shape (m,).

        NaN and None in ``X`` are missing values. ``columns`` names the features (default: x1 ... xn, or
        those of a DataFrame).
        """
        if columns is None and hasattr(X, "columns"):
            columns = [str(name) for name in X.columns]
        features, target = np.asarray(X), np.asarray(y)
        if features.ndim != 2:
            raise InvalidInput(f"X must have 2 dimensions, not {features.ndim}", field="X")
        if target.shape != features.shape[:1]:
            raise InvalidInput(
                f"y must have shape ({len(features)},), one label a row of X, not {target.shape}", field="y"
            )
        names = [f"x{i}" for i in range(1, features.shape[1] + 1)] if columns is None else list(columns)
        if len(names) != features.shape[1]:
            raise InvalidInput(f"{len(names)} names for {features.shape[1]} columns of X", field="columns")
        content = _csv([*names, label], features, target)
        return cls._parsed(content, label, "arrays", quiet=True)

    @classmethod
    def _parsed(cls, content: bytes, label: str | None, source: str, *, quiet: bool) -> "Data":
        if label is not None:
            return cls(parse_csv(content, label=label), label, content, source)
        table = parse_csv(content)
        taken = infer_label(table.names)
        missing = table[taken].missing
        if missing.any():
            raise InvalidData(
                f"the label is missing (label taken: {taken}; name another with label=...)",
                row=int(missing.argmax()) + 1,
                column=taken,
            )
        check_label(table, taken)
        named = taken.lower() in _LABEL_WORDS
        why = f"the column named {taken}" if named else "the last column; name another with label=..."
        say(f"label: {taken} ({why})", quiet=quiet)
        return cls(table, taken, content, source)

    @property
    def table(self) -> Table:
        """All columns, the label among them."""
        return self._table

    @property
    def features(self) -> Table:
        """The columns without the label."""
        return self._table.without(self._label)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns in the order of the file."""
        return self._table.names

    @property
    def label(self) -> str:
        """The name of the column that is to be predicted."""
        return self._label

    @property
    def content(self) -> bytes:
        """The CSV file."""
        return self._content

    def __len__(self) -> int:
        return self._table.rows

    def __repr__(self) -> str:
        shape = f"{len(self)} rows, {len(self.columns)} columns"
        return f"<Data from {self._source}: {shape}, label {self._label!r}>"

    def summary(self) -> str:
        """Describe what each column holds, as a table of text."""
        return f"{self!r}\n{text_table(*self._described())}"

    def _repr_html_(self) -> str:
        return html_table(*self._described())

    def _described(self) -> tuple[list[str], list[list[str]]]:
        head = ["column", "kind", "missing", "mean", "std", "min", "max", "distinct"]
        rows = []
        for column in describe(self._table):
            name = f"{column.name} (label)" if column.name == self._label else column.name
            figures = (column.mean, column.std, column.min, column.max, column.distinct)
            shown = ["" if one is None else figure(one) for one in figures]
            rows.append([name, column.kind, str(column.missing), *shown])
        return head, rows


def file_content(path: str | Path) -> bytes:
    """The bytes of a file; `InvalidInput` says why it cannot be read."""
    if not isinstance(path, (str, Path)):
        raise InvalidInput(f"needs the path of a file, not {type(path).__name__}", field="path")
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"no such file: {path} (looked in {Path.cwd()})") from None
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None


def _dates_as_text(frame: Any) -> Any:
    """``frame`` itself if it has no dates, else one like it in which they are what `rows_from` makes of them."""
    changed = frame
    for at, dtype in enumerate(frame.dtypes):
        cells = frame.iloc[:, at].tolist() if getattr(dtype, "kind", "O") in "MO" else []
        if any(hasattr(cell, "isoformat") for cell in cells):
            changed = frame.copy(deep=False) if changed is frame else changed
            changed.isetitem(at, [_written(cell) for cell in cells])
    return changed


def _csv(names: list[str], features: Any, target: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    labels = [_written(cell) for cell in target.tolist()]
    for row, label in zip(features.tolist(), labels, strict=True):
        writer.writerow([*map(_written, row), label])
    return text.getvalue().encode()


def _written(cell: Any) -> Any:
    # NaN is the only float that differs from itself.
    if cell is None or (isinstance(cell, float) and cell != cell) or is_missing(cell):  # noqa: PLR0124
        return ""
    return as_text(cell) if hasattr(cell, "isoformat") else cell


def as_features(data: Any) -> Table:
    """The feature columns of a `Data`, or a `Table` as it is."""
    if isinstance(data, Data):
        return data.features
    if isinstance(data, Table):
        return data
    raise InvalidInput(f"needs Data, not {type(data).__name__}", field="data")
