"""Data: a table with a label, read and checked on this side. Text is uploaded as it is, columns as a container."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lepton_ai.columns import Columns
from lepton_ai.content import Content, file_content
from lepton_ai.data_content import Missing, given_content, listed, missing_words
from lepton_ai.data_report import DataReport
from lepton_ai.figure_cells import HEAD, figure_cells
from lepton_ai.file_rows import rows_from_file, rows_from_given
from lepton_ai.frames import column_name, is_frame, table_from_array, table_from_frame
from lepton_ai.progress import say
from lepton_ai.rows import Rows, rows_from_table
from lepton_ai.show import html_table, text_table
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.report import make_report
from lepton_core.table import Read, ReadingOptions, Table, describe, given_column, read_file
from lepton_core.table.files import Note, SetAside
from lepton_core.table.formats import GivenFile, open_file
from lepton_core.table.handing_over import handing_over
from lepton_core.table.reading import NOT_THERE


class Data:
    """Rows of typed columns, one of which is the label.

    Made by `from_file`, `from_pandas` or `from_arrays`; immutable. ``content`` is what is uploaded: a file of text, or
    the columns in the platform's own container, in which a text stays a text. Of a file of more than 32 MB no copy is
    kept: it must still be there, unchanged, when it is uploaded.
    """

    def __init__(
        self,
        read: Read,
        content: Content,
        source: str,
        said: str | None,
        reading: ReadingOptions,
        given: Table | GivenFile | None = None,
    ) -> None:
        self._read = read
        self._content = content
        self._source = source
        self._said = said
        self._reading = reading
        self._given = given

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        label: str | None = None,
        quiet: bool = False,
        *,
        kinds: Mapping[str, str] | None = None,
        exclude: Sequence[str] | None = None,
        missing: Missing | None = None,
        decimal: Literal[".", ","] | None = None,
        day_first: bool | None = None,
        encoding: str | None = None,
        delimiter: str | None = None,
        quote: str | None = None,
        header: bool | int | None = None,
        names: Sequence[str] | None = None,
        bad_rows: float | None = None,
        sheet: str | None = None,
    ) -> "Data":
        """Read and check a file; what it is, its content tells, not its name. `from_csv` is the same.

        CSV of any usual encoding and dialect; JSON of one object a row, one a line or in an array; Parquet, Arrow and
        Feather with the extra ``lepton-ai[parquet]``; Excel with ``lepton-ai[excel]``. Also packed: gzip, bzip2, xz,
        zip. What the last four and JSON say of a cell counts, as in `from_pandas`.

        Without ``label`` it is the column named label, target, y or class, else the last; which one was
        taken, and what else was guessed, is said on stderr unless ``quiet``, and `notes` have it. What is not given is
        found out.

        ``kinds`` names the kind of a column (``{"zip": "category"}``: number, integer, boolean, category, date,
        duration, text, identifier, empty), ``exclude`` the columns that are left out. ``missing`` lists exactly the
        words of a missing cell, beside the empty one, for all columns or by column. ``decimal`` is the sign before a
        fraction, ``day_first`` whether in dates such as 1/2/2024 the day is before the month; ``encoding``,
        ``delimiter`` and ``quote`` say how the text is written. ``header`` is False for a file without names, or the
        number of the line that has them; ``names`` are the names of the columns. ``bad_rows`` is the share of rows that
        may be set aside as unreadable (0.01). ``sheet`` is the sheet of an Excel file (the first that has cells). What
        is said is kept with the data set, and holds for later files unless they say otherwise.

        Errors: `InvalidData` naming the file, the row and the column that are wrong, `InvalidInput` naming the option,
        or for a file that cannot be read.
        """
        reading = ReadingOptions(
            kinds=None if kinds is None else dict(kinds),
            exclude=listed(exclude, "exclude"),
            missing=missing_words(missing),
            decimal=decimal,
            day_first=day_first,
            encoding=encoding,
            delimiter=delimiter,
            quote=quote,
            header=header,
            names=listed(names, "names"),
            bad_rows=bad_rows,
            sheet=sheet,
        )
        data = file_content(path)
        try:
            opened = open_file(data, reading)
            is_text = isinstance(opened, bytes) or opened.is_text
            content = Content.of(data, path) if is_text else None
            return cls._made(opened, label, str(path), reading, content, quiet=quiet)
        except InvalidData as error:
            raise error.in_file(str(path)) from None

    from_csv = from_file

    @classmethod
    def from_pandas(
        cls,
        frame: Any,
        label: Any = None,
        quiet: bool = False,
        *,
        kinds: Mapping[str, str] | None = None,
        exclude: Sequence[str] | None = None,
        missing: Missing | None = None,
        decimal: Literal[".", ","] | None = None,
        day_first: bool | None = None,
    ) -> "Data":
        """The rows of a frame of pandas, polars, Arrow or DuckDB; an index is left out.

        NaN, None, NA and blank texts are missing values, and no other text is. Names of columns become text, blanks
        around them dropped; those of several header lines are joined by "_". Of texts, and of whole numbers, which may
        be codes, the cells tell the kind, as those of a file do. ``kinds``, ``exclude``, ``missing``, ``decimal`` and
        ``day_first`` say it otherwise, see `from_file`. Errors: `InvalidData` naming row and column, `InvalidInput`
        naming the option.
        """
        if not is_frame(frame):
            raise InvalidInput(f"needs a DataFrame, not {type(frame).__name__}", field="frame")
        reading = ReadingOptions(
            kinds=None if kinds is None else dict(kinds),
            exclude=listed(exclude, "exclude"),
            missing=missing_words(missing),
            decimal=decimal,
            day_first=day_first,
        )
        name = None if label is None else column_name(label)
        return cls._made(table_from_frame(frame), name, "a DataFrame", reading, quiet=quiet)

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
        given = Table((*features.columns, given_column(name, target)))
        return cls._made(given, name, "arrays", ReadingOptions(), quiet=True)

    @classmethod
    def _made(
        cls,
        given: bytes | Table | GivenFile,
        label: str | None,
        source: str,
        reading: ReadingOptions,
        content: Content | None = None,
        *,
        quiet: bool,
    ) -> "Data":
        """What is ``given``, read; without ``content`` the columns themselves are sent."""
        read = read_file(given, reading, label=label, alone=True)
        for note in read.notes:
            say(f"{note.message}{f'; otherwise: {note.remedy}' if note.remedy else ''}", quiet=quiet)
        if isinstance(given, bytes):
            return cls(read, content or Content.of(given), source, label, reading)
        table = given if isinstance(given, Table) else given.table
        content = content or Content.of(given_content(table))
        return cls(read, content, source, label, reading, given)

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
        return self._read.table

    @property
    def features(self) -> Table:
        """The columns without the label."""
        return self.table.without(self.label)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns in the order of the file."""
        return self.table.names

    @property
    def label(self) -> str:
        """The name of the column that is to be predicted."""
        return self._read.label

    @property
    def said(self) -> dict[str, object]:
        """What was said of the file, by the names of the options of `from_file`; what was found out is not in it."""
        label = {} if self._said is None else {"label": self._said}
        return {**label, **self._reading.said}

    @property
    def content(self) -> bytes:
        """What is uploaded. Errors: `InvalidInput` if the file was large, and is not what it was when it was read."""
        return self._content.read()

    @property
    def body(self) -> Content:
        """`content`, of which a large one is not in memory."""
        return self._content

    @property
    def content_type(self) -> str:
        """What ``content`` is."""
        return "text/csv" if self._given is None else "application/octet-stream"

    def handed_over(self) -> AbstractContextManager[None]:
        """A block in which the same file is not read again in this thread, see `lepton_core.table.handing_over`."""
        if self._given is not None or any(one.code == NOT_THERE for one in self.notes):
            # A platform reads columns of a program from their container, and that checks them; and it knows what
            # columns the versions before have.
            return nullcontext()
        return handing_over(self._read, self._content.digest, self._reading, self._said)

    def rows_to_predict(self) -> Rows | Columns:
        """All rows as they were given, the label with them: the columns of a model say how they are read.

        Of a file they are those that could not be read, too.
        """
        if isinstance(self._given, Table):
            return rows_from_table(self._given)
        if self._given is None:
            return rows_from_file(self._content.read(), self._reading)
        return rows_from_given(self._given)

    def __len__(self) -> int:
        return self.table.rows

    def __repr__(self) -> str:
        shape = f"{len(self)} rows, {len(self.columns)} columns"
        return f"<Data from {self._source}: {shape}, label {self.label!r}>"

    def report(self) -> DataReport:
        """What is to know of the data before it is uploaded; what changed since an earlier version is not in it."""
        return DataReport(
            self._source, None, make_report(self._read, self._reading, frame=isinstance(self._given, Table))
        )

    def summary(self) -> str:
        """Describe what each column holds, as a table of text."""
        return f"{self!r}\n{text_table(*self._described())}"

    def _repr_html_(self) -> str:
        return html_table(*self._described())

    def _described(self) -> tuple[list[str], list[list[str]]]:
        rows = []
        for column in describe(self.table):
            name = f"{column.name} (label)" if column.name == self.label else column.name
            rows.append(figure_cells(column, name))
        return list(HEAD), rows


def as_features(data: Any) -> Table:
    """The feature columns of a `Data`, or a `Table` as it is."""
    if isinstance(data, Data):
        return data.features
    if isinstance(data, Table):
        return data
    raise InvalidInput(f"needs Data, not {type(data).__name__}", field="data")
