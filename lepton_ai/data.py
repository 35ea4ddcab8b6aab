"""Data: a table with a label, read and checked on this side. Text is uploaded as it is, columns as a container."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lepton_ai.columns import Columns
from lepton_ai.content import Content
from lepton_ai.data_content import Given, Missing, listed, missing_words
from lepton_ai.data_report import DataReport
from lepton_ai.figure_cells import HEAD, figure_cells
from lepton_ai.file_rows import rows_from_file, rows_from_given
from lepton_ai.frames import is_frame, of_frame, table_from_arrays, to_frame
from lepton_ai.progress import say
from lepton_ai.remedies import reading_files
from lepton_ai.rows import Rows, json_rows, rows_from_table
from lepton_ai.show import html_table, text_table
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.remedy import argument
from lepton_core.report import make_report
from lepton_core.table import Read, ReadingOptions, Table, describe, read_file, with_held_out
from lepton_core.table.files import Note, SetAside
from lepton_core.table.formats import GivenFile
from lepton_core.table.given import column_name
from lepton_core.table.handing_over import handing_over
from lepton_core.table.reading import NOT_THERE

if TYPE_CHECKING:
    from lepton_core.table.lagged import Lags


class Data:
    """Rows of typed columns, one of which is the label.

    Made by `from_file`, `from_pandas` or `from_arrays`; immutable. ``content`` is what is uploaded: a file of text, or
    the columns in the platform's own container, in which a text stays a text. Of a file of more than 32 MB no copy is
    kept: it must still be there, unchanged, when it is uploaded.
    """

    def __init__(
        self, read: Read, first: Given, said: str | None, reading: ReadingOptions, second: Given | None = None
    ) -> None:
        self._read = read
        self._first = first.without_text()
        self._said = said
        self._reading = reading
        self._second = None if second is None else second.without_text()
        self._before: tuple[Table, Lags] | None = None
        self._content = first.content if second is None else Content.joined(first.content, second.content)
        end = read.table.rows - read.held_out
        self._table = read.table.take(slice(end)) if read.held_out else read.table

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        label: str | None = None,
        quiet: bool = False,
        *,
        held_out: str | Path | None = None,
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

        ``held_out`` is a second file, as `test.csv` beside `train.csv`. Its rows are read as those of the first are. No
        training sees them, and each version is measured on them.

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
        second = None if held_out is None else Given.of_file(held_out, reading)
        return cls._made(Given.of_file(path, reading), label, reading, second, quiet=quiet)

    from_csv = from_file

    @classmethod
    def from_pandas(
        cls,
        frame: Any,
        label: Any = None,
        quiet: bool = False,
        *,
        held_out: Any = None,
        kinds: Mapping[str, str] | None = None,
        exclude: Sequence[str] | None = None,
        missing: Missing | None = None,
        decimal: Literal[".", ","] | None = None,
        day_first: bool | None = None,
    ) -> "Data":
        """The rows of a frame of pandas, polars, Arrow or DuckDB, and the named levels of its index.

        An index that is a plain range, or has no name, is left out. Times with a zone are those of UTC.
        NaN, None, NA and blank texts are missing values, and no other text is. Names of columns become text, blanks
        around them dropped; those of several header lines are joined by "_". Of texts, and of whole numbers, which may
        be codes, the cells tell the kind, as those of a file do. ``held_out`` is a frame of rows that no training sees;
        it, ``kinds``, ``exclude``, ``missing``, ``decimal`` and
        ``day_first`` say it otherwise, see `from_file`. Errors: `InvalidData` naming row and column, `InvalidInput`
        naming the option.
        """
        left_out = listed(exclude, "exclude")
        first = _of_frame(frame, "frame", "a DataFrame", left_out)
        second = None
        if held_out is not None:
            second = _of_frame(held_out, "held_out", "the held-out DataFrame", left_out)
        reading = ReadingOptions(
            kinds=None if kinds is None else dict(kinds),
            exclude=left_out,
            missing=missing_words(missing),
            decimal=decimal,
            day_first=day_first,
        )
        name = None if label is None else column_name(label)
        return cls._made(first, name, reading, second, quiet=quiet)

    @classmethod
    def from_arrays(
        cls,
        X: Any,
        y: Any,
        columns: Sequence[str] | None = None,
        label: str = "label",
        *,
        held_out: tuple[Any, Any] | None = None,
    ) -> "Data":
        """Features ``X`` of shape (m, n) and labels ``y`` of shape (m,).

        NaN and None in ``X`` are missing values. ``columns`` names the features (default: x1 ... xn, or those of a
        DataFrame). ``held_out`` are features and labels of rows that no training sees.
        """
        first = Given.of_columns(table_from_arrays(X, y, columns, label), "arrays")
        second = None
        if held_out is not None:
            made = table_from_arrays(*held_out, columns, label)
            second = Given.of_columns(made, "the held-out arrays")
        return cls._made(first, column_name(label), ReadingOptions(), second, quiet=True)

    @classmethod
    def _made(
        cls, first: Given, label: str | None, reading: ReadingOptions, second: Given | None, *, quiet: bool
    ) -> "Data":
        """What is given, read."""
        with first.wording():
            try:
                read = read_file(first.unread, reading, label=label, alone=True)
            except InvalidInput as error:
                raise first.named(error) from None
            read = replace(read, notes=(*first.notes, *read.notes)) if first.notes else read
            if second is not None:
                read = with_held_out(read, second.unread, reading, second.source)
        for note in read.notes:
            say(f"{note.message}{f'; otherwise: {note.remedy}' if note.remedy else ''}", quiet=quiet)
        return cls(read, first, label, reading, second)

    def with_lags(
        self,
        lags: Mapping[str, Sequence[int]],
        by: str,
        group: str | None = None,
        *,
        known: Sequence[str] = (),
    ) -> "Data":
        """The same rows with what was known before, to forecast by: values of columns of numbers some rows earlier.

        ``lags={"sales": [1, 7]}`` adds the columns 'sales 1 before' and 'sales 7 before': of the row one, and seven,
        places earlier in the order of the column ``by``, among the rows with the same value of ``group``. The first
        rows lack them. Of these columns the present value is left out, but for the label's and those that are ``known``
        when a forecast is made, as a price that is planned.

        Errors: `InvalidData` naming the column or row that has no such order, `InvalidInput` naming the option.
        """
        from lepton_core.table.lagged import Lags  # noqa: PLC0415  (few data are forecast)
        from lepton_core.table.with_lags import with_lags  # noqa: PLC0415  (as above)

        if self._second is not None:
            raise InvalidInput(
                "does not go with a second file; hold out the newest rows by a split", field="held_out"
            )
        if self._before is not None:
            raise InvalidInput("were added already; one call takes those of all columns", field="lags")
        wanted = Lags.checked(lags, by, group)
        ahead = listed(known, "known") or ()
        table, kinds = with_lags(self.table, wanted, self.label, ahead, self._reading.kinds or {})
        first, reading = Given.of_columns(table, self._first.source), ReadingOptions(kinds=kinds or None)
        made = Data._made(first, self.label, reading, None, quiet=True)
        made._before = self.table, wanted
        return made

    def following(self) -> list[dict[str, Any]]:
        """The rows that come next in time, for `Model.predict`: one for each group of `with_lags`, which made this.

        Each has its time, one usual step after the last, its group, and the values before it; the rest is yours to add.
        Errors: `InvalidInput` if it was not made so.
        """
        from lepton_core.table.lagged import following  # noqa: PLC0415  (few data are forecast)

        if self._before is None:
            raise InvalidInput(
                "are not known: data = data.with_lags({'sales': [1, 7]}, by='day')", field="lags"
            )
        rows = json_rows(following(*self._before))
        return [dict(zip(rows.columns or (), row, strict=True)) for row in rows.rows]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was guessed, dropped or renamed when the file was read, each with the call that says it otherwise."""
        return self._read.notes

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """The first hundred rows that could not be read or have no label, each with its line and the reason."""
        return self._read.set_aside

    @property
    def table(self) -> Table:
        """All columns, the label among them, of the rows to train on: without those of a second file."""
        return self._table

    @property
    def held_out(self) -> Table | None:
        """The rows of the second file, which no training sees; None if there is none."""
        rows = self._read.table.rows
        return (
            None if self._second is None else self._read.table.take(slice(rows - self._read.held_out, rows))
        )

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
        """What was said of the file, by the names of the options of `from_file`; what was found out is not in it.

        ``held_out`` is how many bytes at the end of `content` are those of the second file.
        """
        label = {} if self._said is None else {"label": self._said}
        held_out = {} if self._second is None else {"held_out": self._second.content.size}
        return {**label, **held_out, **self._reading.said}

    @property
    def content(self) -> bytes:
        """What is uploaded, a second file behind the first.

        Errors: `InvalidInput` if a file was large, and is not what it was when it was read.
        """
        return self._content.read()

    @property
    def body(self) -> Content:
        """`content`, of which a large one is not in memory."""
        return self._content

    @property
    def content_type(self) -> str:
        """What ``content`` is."""
        return "text/csv" if self._first.table is None else "application/octet-stream"

    def wording(self) -> AbstractContextManager[None]:
        """A block in which an error offers the call of the constructor that made this."""
        return self._first.wording()

    def handed_over(self) -> AbstractContextManager[None]:
        """A block in which the same file is not read again in this thread, see `lepton_core.table.handing_over`."""
        if self._first.table is not None or any(one.code == NOT_THERE for one in self.notes):
            # A platform reads columns of a program from their container, and that checks them; and it knows what
            # columns the versions before have.
            return nullcontext()
        size = 0 if self._second is None else self._second.content.size
        return handing_over(self._read, self._content.digest, self._reading, self._said, size)

    def rows_to_predict(self) -> Rows | Columns:
        """All rows as they were given, the label with them: the columns of a model say how they are read.

        What was said of the cells of a file, as ``decimal``, comes first. Of a file they are those that could
        not be read, too; those of a second file are not among them.
        """
        given = self._first.what
        if isinstance(given, Table):
            return rows_from_table(given)
        if isinstance(given, GivenFile):
            return rows_from_given(given, self._reading)
        return rows_from_file(self._first.content.read(), self._reading)

    def __len__(self) -> int:
        return self.table.rows

    def __repr__(self) -> str:
        shape = f"{len(self)} rows, {len(self.columns)} columns"
        held_out = ""
        if self._second is not None:
            rows = self._read.held_out
            held_out = f", {rows} row{'' if rows == 1 else 's'} of {self._second.source} held out"
        return f"<Data from {self._first.source}: {shape}, label {self.label!r}{held_out}>"

    def report(self) -> DataReport:
        """What is to know of the data before it is uploaded; what changed since an earlier version is not in it."""
        frame = isinstance(self._first.what, Table)
        report = make_report(self._read, self._reading, frame=frame)
        return DataReport(self._first.source, None, reading_files(report) if self.is_no_text else report)

    @property
    def is_no_text(self) -> bool:
        """Whether it is a file of columns, as those of Excel and Parquet are: they are sent, and not the file."""
        return isinstance(self._first.what, GivenFile)

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


def _of_frame(frame: Any, field: str, source: str, exclude: Sequence[str] | None) -> Given:
    if not is_frame(frame):
        raise InvalidInput(f"needs a DataFrame, not {type(frame).__name__}{to_frame(frame)}", field=field)
    left_out = exclude or ()
    try:
        found = of_frame(frame, left_out, to_learn=True)
    except InvalidData as error:
        if error.row is None or error.column is None:
            raise
        way = argument(exclude=[*left_out, error.column])
        reason = f"{error.reason}; mend the cells, or leave the column out with {way}"
        raise InvalidData(reason, row=error.row, column=error.column, remedies=(way,)) from None
    return Given.of_columns(found.table, source, found.notes)


def as_features(data: Any) -> Table:
    """The feature columns of a `Data`, or a `Table` as it is."""
    if isinstance(data, Data):
        return data.features
    if isinstance(data, Table):
        return data
    raise InvalidInput(f"needs Data, not {type(data).__name__}", field="data")
