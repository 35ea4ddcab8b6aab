"""What a `Data` is made of and what it sends: options as the core has them, columns as a container."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lepton_ai.content import Content, file_content
from lepton_core.artifact import write_container
from lepton_core.errors import InvalidData, InvalidInput, LeptonError, TooLarge
from lepton_core.remedy import Remedy, reworded
from lepton_core.table import ReadingOptions, Table, pack_table
from lepton_core.table.files import Note, is_value
from lepton_core.table.formats import GivenFile, open_file
from lepton_core.table.reading_given import text_chunks

Missing = Sequence[str] | Mapping[str, Sequence[str]]
"""Words of a missing cell, for all columns or by column."""


def listed(words: Sequence[str] | None, field: str) -> tuple[str, ...] | None:
    """As a tuple; a single text would be taken for its letters."""
    if isinstance(words, str):
        raise InvalidInput(f"must be a list, as [{words!r}]", field=field)
    return None if words is None else tuple(words)


def missing_words(words: Missing | None) -> tuple[str, ...] | dict[str, tuple[str, ...]] | None:
    """As `ReadingOptions` has them."""
    if isinstance(words, Mapping):
        return {name: listed(own, "missing") or () for name, own in words.items()}
    return listed(words, "missing")


def _header(names: Sequence[str]) -> str:
    """The first line of a file. Quotes all through tell that names which look like numbers are names."""
    text = io.StringIO(newline="")
    if any(map(is_value, names)):
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(names)
    else:
        csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue()


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


@dataclass(frozen=True)
class Given:
    """Rows as somebody gave them: a text, or columns; what they are called, and what is uploaded of them.

    ``what`` is None for a text that was read: its bytes are those of ``content``, which may have no copy of them.
    ``notes`` are what is to say of the columns before they are read.
    """

    what: bytes | Table | GivenFile | None
    source: str
    content: Content
    notes: tuple[Note, ...] = ()

    @classmethod
    def of_file(cls, path: str | Path, reading: ReadingOptions) -> "Given":
        """Those of a file. Raises what `open_file` raises, and names the file."""
        data = file_content(path)
        try:
            opened = open_file(data, reading)
        except InvalidInput as error:
            raise error.in_file(str(path)) from None
        if isinstance(opened, bytes):
            return cls(opened, str(path), Content.of(data, path))
        is_text = opened.is_text
        return cls(
            opened, str(path), Content.of(data, path) if is_text else Content.of(given_content(opened.table))
        )

    @classmethod
    def of_columns(cls, table: Table, source: str, notes: tuple[Note, ...] = ()) -> "Given":
        """Those of a program."""
        return cls(table, source, Content.of(given_content(table)), notes)

    @property
    def table(self) -> Table | None:
        """Its columns, unless it is a text."""
        return self.what.table if isinstance(self.what, GivenFile) else self.columns

    @property
    def columns(self) -> Table | None:
        """The columns of a program; None of a file."""
        return self.what if isinstance(self.what, Table) else None

    @property
    def unread(self) -> bytes | Table | GivenFile:
        """`what`. Raises ``ValueError`` once `without_text` has left it out."""
        if self.what is None:
            raise ValueError("the text was read, and is not kept")
        return self.what

    def without_text(self) -> "Given":
        """The same, without the bytes of a text."""
        return replace(self, what=None) if isinstance(self.what, bytes) else self

    def named(self, error: InvalidInput) -> InvalidInput:
        """The error, which names the file if it is one."""
        return error if isinstance(self.what, Table) else error.in_file(self.source)

    @contextmanager
    def wording(self) -> Iterator[None]:
        """A block in which an error that offers a call which reads a file offers the one that reads this."""
        try:
            yield
        except LeptonError as error:
            if self.table is not None:
                self._word(error)
            raise

    def _word(self, error: LeptonError) -> None:
        said = error.remedies
        error.args = tuple(reworded(text, said, self._said) for text in error.args)
        error.message = reworded(error.message, said, self._said)
        if isinstance(error, InvalidData):
            error.reason = reworded(error.reason, said, self._said)
        error.remedies = tuple(map(self._read, said))

    def _read(self, one: Remedy) -> Remedy:
        return one.reading("from_file" if isinstance(self.what, GivenFile) else "from_pandas")

    def _said(self, one: Remedy) -> str:
        return self._read(one).said
