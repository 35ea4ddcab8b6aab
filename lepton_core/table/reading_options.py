"""What the owner of a data set says of how its files are read."""

from dataclasses import dataclass, fields
from typing import Literal

from lepton_core.errors import InvalidInput
from lepton_core.remedy import Remedy, call
from lepton_core.table.cells import shown
from lepton_core.table.files import Options
from lepton_core.table.kinds import BY_NAME

Words = tuple[str, ...]


@dataclass(frozen=True)
class ReadingOptions:
    """Options of reading; None: nobody said, so it is found out.

    ``kinds`` names the kind of a column, ``exclude`` the columns that are left out. ``missing`` lists exactly the words
    that stand for a missing cell, beside the empty one, for all columns or by column: so "NA" can be a value.
    ``decimal`` is the sign before a fraction, ``day_first`` whether in dates such as 1/2/2024 the day is before the
    month, ``sheet`` the sheet of an Excel file. The others are those of
    `lepton_core.table.files.Options`.
    """

    kinds: dict[str, str] | None = None
    exclude: Words | None = None
    missing: Words | dict[str, Words] | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | int | None = None
    names: Words | None = None
    bad_rows: float | None = None
    sheet: str | None = None

    @property
    def options(self) -> Options:
        """Those of the file, not of its columns."""
        return Options(**{one.name: getattr(self, one.name) for one in fields(Options)})

    @property
    def said(self) -> dict[str, object]:
        """The options that somebody named, by name."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in given.items() if value is not None}

    def over(self, earlier: "ReadingOptions") -> "ReadingOptions":
        """What is said here, and for the rest what was said ``earlier``.

        >>> ReadingOptions(decimal=",").over(ReadingOptions(decimal=".", exclude=("id",))).said
        {'exclude': ('id',), 'decimal': ','}
        """
        return ReadingOptions(**{**earlier.said, **self.said})  # type: ignore[arg-type]

    def call(self, files: int = 1, /, **changes: object) -> Remedy:
        """The call that reads a file like this, or two, with ``changes``.

        >>> str(ReadingOptions(decimal=",").call(exclude=("id",)))
        "Data.from_csv(path, exclude=['id'], decimal=',')"
        """
        given = {**self.said, **changes}
        order = [one.name for one in fields(self)]
        names = sorted(given, key=lambda name: order.index(name) if name in order else -1)
        return call(files, **{name: given[name] for name in names})


NOTHING_SAID = ReadingOptions()
"""Everything is found out."""


def check_reading(reading: ReadingOptions) -> None:
    """Raise `InvalidInput` naming the option that can be right for no file.

    >>> check_reading(ReadingOptions(kinds={"zip": "postcode"}))
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: 'postcode' is no kind of column; there are number, integer, boolean, category,
    date, duration, text, identifier, empty
    """
    for kind in (reading.kinds or {}).values():
        if kind not in BY_NAME:
            raise InvalidInput(
                f"{shown(kind)} is no kind of column; there are {', '.join(BY_NAME)}", field="kinds"
            )
    if reading.decimal not in (None, ".", ","):
        raise InvalidInput(f"must be '.' or ',', not {shown(str(reading.decimal))}", field="decimal")
    for name in ("delimiter", "quote"):
        sign = getattr(reading, name)
        if sign is not None and len(sign) != 1 and (name, sign) != ("quote", ""):
            raise InvalidInput("must be one character", field=name)
    if reading.bad_rows is not None and not 0 <= reading.bad_rows <= 1:
        raise InvalidInput("must be a share from 0 to 1", field="bad_rows")


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return {key: _plain(one) for key, one in value.items()} if isinstance(value, dict) else value
