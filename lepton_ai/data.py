"""Data: a table with a label, read and checked on this side. A file is uploaded as it is, columns as a container."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lepton_ai.frames import column_name, is_frame, table_from_array, table_from_frame
from lepton_ai.progress import say
from lepton_ai.rows import Rows, rows_from_sheet, rows_from_table
from lepton_ai.show import figure, html_table, text_table
from lepton_core.artifact import is_container, write_container
from lepton_core.errors import InvalidInput, TooLarge
from lepton_core.table import Read, Table, describe, given_column, pack_table, read_csv, read_given
from lepton_core.table.files import Note, Options, SetAside, is_value, open_sheet
from lepton_core.table.read_given import text_chunks


class Data:
    """Rows of typed columns, one of which is the label.

    Made by `from_csv`, `from_pandas` or `from_arrays`; immutable. ``content`` is what is uploaded: the file, or the
    columns in the platform's own container, in which a text stays a text.
    """

    def __init__(self, read: Read, content: bytes, source: str, given: Table | None = None) -> None:
        self._read = read
        self._table = read.table
        self._label = read.label
        self._content = content
        self._source = source
        self._given = given

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        label: str | None = None,
        quiet: bool = False,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        quote: str | None = None,
        header: bool | int | None = None,
        names: Sequence[str] | None = None,
        bad_rows: float | None = None,
    ) -> "Data":
        """Read and check a text file: CSV of any usual encoding and dialect, also packed (gzip, bzip2, xz, zip).

        Without ``label`` it is the column named label, target, y or class, else the last; which one was
        taken, and what else was guessed, is said on stderr unless ``quiet``, and `notes` have it. What is not given is
        found out: ``encoding``, ``delimiter``, ``quote``; ``header`` is True, False for a file without names, or the
        number of the line that has them; ``names`` stand in place of those of the file; ``bad_rows`` is the share of
        rows that may be set aside (0.01). Errors: `InvalidData` naming the line or the row and the column that
        are wrong, `InvalidInput` for a file that cannot be read.
        """
        given = None if names is None else tuple(names)
        options = Options(encoding, delimiter, quote, header, given, bad_rows)
        content = file_content(path)
        read = read_csv(content, label=label, options=options)
        if options != Options():
            content = _plain(content, options)
        return cls._said(read, content, str(path), quiet=quiet)

    @classmethod
    def from_pandas(cls, frame: Any, label: Any = None, quiet: bool = False) -> "Data":
        """The rows of a frame of pandas, polars, Arrow or DuckDB; an index is left out.

        NaN, None, NA and blank texts are missing values, and no other text is. Names of columns become text, blanks
        around them dropped; those of several header lines are joined by "_". Of texts, and of whole numbers, which may
        be codes, the cells tell the kind, as those of a file do. Errors: `InvalidData` naming row and column.
        """
        if not is_frame(frame):
            raise InvalidInput(f"needs a DataFrame, not {type(frame).__name__}", field="frame")
        return cls._of(table_from_frame(frame), label, "a DataFrame", quiet=quiet)

    @classmethod
    def from_arrays(
        cls, X: Any, y: Any, columns: Sequence[str] | None = None, label: str = "label"
    ) -> "Data":
        """Features ``X`` of shape (m, n) and labels ``y`` of shape (m,).

        NaN and None in ``X`` are missing values. ``columns`` names the features (default: x1 ... xn, or
        those of a DataFrame).
        """
        if columns is None and is_frame(X):
            table = table_from_frame(X)
            return cls._joined(table, y, label)
        features = np.asarray(X)
        if features.ndim != 2:
            raise InvalidInput(f"X must have 2 dimensions, not {features.ndim}", field="X")
        names = [f"x{i}" for i in range(1, features.shape[1] + 1)] if columns is None else list(columns)
        if len(names) != features.shape[1]:
            raise InvalidInput(f"{len(names)} names for {features.shape[1]} columns of X", field="columns")
        return cls._joined(table_from_array(features, list(map(column_name, names))), y, label)

    @classmethod
    def _joined(cls, features: Table, y: Any, label: str) -> "Data":
        target = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
        if target.shape != (features.rows,):
            raise InvalidInput(
                f"y must have shape ({features.rows},), one label a row of X, not {target.shape}", field="y"
            )
        name = column_name(label)
        if name in features:
            raise InvalidInput(f"{name!r} is a column of X too; name the label otherwise", field="label")
        return cls._of(Table((*features.columns, given_column(name, target))), name, "arrays", quiet=True)

    @classmethod
    def _of(cls, given: Table, label: Any, source: str, *, quiet: bool) -> "Data":
        read = read_given(given, label=None if label is None else column_name(label))
        for note in read.notes:
            say(f"{note.message}{f'; otherwise: {note.remedy}' if note.remedy else ''}", quiet=quiet)
        return cls(read, given_content(given), source, given)

    @classmethod
    def _said(cls, read: Read, content: bytes, source: str, *, quiet: bool) -> "Data":
        for note in read.notes:
            say(f"{note.message}{f'; otherwise: {note.remedy}' if note.remedy else ''}", quiet=quiet)
        return cls(read, content, source)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was guessed, dropped or renamed when the file was read, each with the call that says it otherwise."""
        return self._read.notes

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """The first hundred rows of the file that could not be read, each with its line and the reason."""
        return self._read.set_aside

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
        """What is uploaded."""
        return self._content

    @property
    def content_type(self) -> str:
        """What ``content`` is."""
        return "text/csv" if not is_container(self._content) else "application/octet-stream"

    def rows_to_predict(self) -> Rows:
        """All rows as they were given, the label with them: the columns of a model say how they are read."""
        if self._given is None:
            return rows_from_sheet(open_sheet(self._content, Options()))
        return rows_from_table(self._given)

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


def _header(names: Sequence[str]) -> str:
    """The first line of a file. Quotes all through tell that names which look like numbers are names."""
    text = io.StringIO(newline="")
    if any(map(is_value, names)):
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(names)
    else:
        csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue()


def _plain(content: bytes, options: Options) -> bytes:
    """The file as everybody reads it: what its owner said of it need not travel."""
    sheet = open_sheet(content, options)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    text.write(_header(sheet.names))
    for chunk in sheet.chunks():
        writer.writerows(chunk)
    return text.getvalue().encode()


def given_content(given: Table) -> bytes:
    """The columns as a container; as CSV if there are more of them than a container takes."""
    try:
        return write_container(*pack_table(given))
    except TooLarge:
        text = io.StringIO(newline="")
        text.write(_header(given.names))
        writer = csv.writer(text, lineterminator="\n")
        for chunk in text_chunks(given.columns):
            writer.writerows(chunk)
        return text.getvalue().encode()


def as_features(data: Any) -> Table:
    """The feature columns of a `Data`, or a `Table` as it is."""
    if isinstance(data, Data):
        return data.features
    if isinstance(data, Table):
        return data
    raise InvalidInput(f"needs Data, not {type(data).__name__}", field="data")
