"""Everything that Lepton raises on purpose, as one tree.

    LeptonError
    ├── InvalidInput        the caller's request is wrong: the message names the field
    │   ├── InvalidData     the caller's data is wrong: the message names the row and the column
    │   ├── InvalidArtifact a model file is damaged or hostile
    │   ├── TooLarge        more bytes than the platform takes in one piece
    │   └── UnsupportedMediaType  a body in a form that the call does not take
    ├── Unauthorized        no key, or not a valid one
    ├── Forbidden           a valid key without the scope
    ├── NotFound            no such thing in the caller's workspace
    ├── Conflict            the thing is not in the state that the request supposes
    ├── Damaged             what is stored is not what was written: the message names the thing
    ├── TooMany             more than the share of one workspace: of open uploads, queued runs, seconds of a run
    ├── Diverged            the loss left the finite numbers: the learning rate is too large
    └── Unavailable         the platform cannot answer now; the same call may work later
        └── StorageFull     there is no room left where the platform keeps its data

Each class carries the ``code`` and the HTTP ``status`` under which the API shows it; nothing else decides that.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from lepton_core.remedy import Remedy, RemedyRequest, request_of

MOST_FAULTS = 10
"""Faults that one error shows."""

MOST_LETTERS = 2000
"""Letters of each text of an error that is kept: it may quote a file, however long the names in it are."""


@dataclass(frozen=True)
class Failure:
    """An error as data: so it is stored with the thing that failed, and sent under ``{"error": ...}``.

    ``message`` is for people and names the place too; programs read ``field``, ``row`` (1 is the first row of data)
    and ``column``, each None where it is not known. ``reason`` is the message without the place, None where that is
    the message itself. ``remedies`` are the calls that the message offers, in its order.

    >>> Failure("conflict", "is taken", field="name").as_dict()
    {'code': 'conflict', 'message': 'is taken', 'field': 'name'}
    """

    code: str
    message: str
    field: str | None = None
    row: int | None = None
    column: str | None = None
    reason: str | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def request(self) -> RemedyRequest | None:
        """What a request of HTTP says to mend it; None where no request does."""
        return request_of(self.remedies)

    def cut(self, letters: int = MOST_LETTERS) -> "Failure":
        """The error with each of its texts cut to so many letters, and with the remedies that its message still has.

        >>> Failure("not_found", "no column 'aaaa'", column="aaaa").cut(3).as_dict()
        {'code': 'not_found', 'message': 'no ', 'column': 'aaa'}
        """
        field, column, reason = (text and text[:letters] for text in (self.field, self.column, self.reason))
        message = self.message[:letters]
        remedies = tuple(one for one in self.remedies if one.said in message)
        return Failure(self.code, message, field, self.row, column, reason, remedies)

    def as_dict(self) -> dict[str, Any]:
        """``code``, ``message``, and of the others those that are known; the `request` too, if there is one."""
        known = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "remedies"}
        told = {name: value for name, value in known.items() if value is not None}
        if self.remedies:
            told["remedies"] = [asdict(one) for one in self.remedies]
        return told if self.request is None else {**told, "request": asdict(self.request)}


@dataclass(frozen=True)
class RowError:
    """Why ``row`` (1 is the first) has no prediction; ``column`` has the fault, if one column has it."""

    row: int
    reason: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row: the ``reason`` and the ``column`` of the first of its ``count`` faults."""

    reason: str
    column: str | None = None
    count: int = 1
    remedies: tuple[Remedy, ...] = ()


class LeptonError(Exception):
    """Base of the tree.

    ``message`` is shown to the caller; ``field`` names the part of the input that is wrong, if one is, ``row`` and
    ``column`` the place in the data. ``remedies`` are the calls that the message offers, as values: the message says
    them in Python, and a caller of another language says them in its own (`lepton_core.remedy.reworded`).

    >>> InvalidInput("must be greater than 0", field="learning_rate").failure.as_dict()
    {'code': 'invalid_input', 'message': 'must be greater than 0', 'field': 'learning_rate'}
    """

    code = "internal"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        row: int | None = None,
        column: str | None = None,
        remedies: Sequence[Remedy] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.row = row
        self.column = column
        self.remedies = tuple(remedies)

    @property
    def failure(self) -> Failure:
        """All that is known of it, as data; `error_from` makes the error of it again."""
        return Failure(self.code, self.message, self.field, self.row, self.column, remedies=self.remedies)

    @property
    def rows(self) -> int:
        """How many rows it is about; 1 where it is about none."""
        return 1


class InvalidInput(LeptonError):
    """The request is wrong; ``field`` names the part."""

    code = "invalid_input"
    status = 400

    def in_file(self, name: str) -> "InvalidInput":
        """The same error, which names the file that it is about.

        >>> str(InvalidInput("there is no header in line 9", field="header").in_file("rows.csv"))
        'rows.csv: there is no header in line 9'
        """
        message = f"{name}: {self.message}"
        return type(self)(message, field=self.field, row=self.row, column=self.column, remedies=self.remedies)


class InvalidData(InvalidInput):
    """The data is wrong at ``row`` (1 is the first row of data, below the header) and ``column``.

    >>> str(InvalidData("'abc' is not a number", row=3, column="age"))
    "row 3, column 'age': 'abc' is not a number"
    """

    code = "invalid_data"

    def __init__(
        self,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        remedy: str = "",
        remedies: Sequence[Remedy] = (),
    ) -> None:
        reason = f"{message}; {remedy}" if remedy else message
        super().__init__(
            _place(row, column) + reason, field=column, row=row, column=column, remedies=remedies
        )
        self.reason = reason
        """The message without the place."""
        self.fault = message
        """The reason without the remedy."""
        self.remedy = remedy
        """What helps, where it is told apart because something else may help in another call."""
        self.first: tuple[InvalidData, ...] = (self,)
        """The first faults, if it stands for several; at most `MOST_FAULTS`."""
        self.count = 1
        """How many faults it stands for."""
        self.by_row: Mapping[int, RowFault] = (
            {} if row is None else {row: RowFault(reason, column, remedies=self.remedies)}
        )
        """What is wrong with each row that has one of them."""

    @property
    def failure(self) -> Failure:
        """All that is known of it, as data; the reason beside the message, if that names a place."""
        known = super().failure
        return known if self.reason == self.message else replace(known, reason=self.reason)

    @property
    def rows(self) -> int:
        """How many rows are refused."""
        return max(1, len(self.by_row))

    def at(self, row: int) -> "InvalidData":
        """The same error at another row, as where a table was cut out of a longer one.

        The further faults of `together`, each on a line of its own, move by as many rows.

        >>> str(InvalidData("is missing", row=2, column="age").at(10))
        "row 10, column 'age': is missing"
        """
        moved = row - (row if self.row is None else self.row)
        reason = _FURTHER.sub(lambda line: f"{line[1]}{int(line[2]) + moved}", self.reason)
        return InvalidData(reason, row=row, column=self.column, remedies=self.remedies)

    def in_file(self, name: str) -> "InvalidData":
        """The same error, which names the file that it is in.

        >>> str(InvalidData("is missing", row=2, column="age").in_file("rows.csv"))
        "rows.csv: row 2, column 'age': is missing"
        """
        found = InvalidData(self.reason, row=self.row, column=self.column, remedies=self.remedies)
        found.message = f"{name}: {self.message}"
        found.args, found.first, found.count = (found.message,), self.first, self.count
        found.by_row = self.by_row
        return found

    @staticmethod
    def in_rows(by_row: Mapping[int, RowFault]) -> "InvalidData":
        """One error for rows that are refused, at least one: it says what is wrong with the first of them.

        >>> str(InvalidData.in_rows({7: RowFault("is missing", "age"), 4: RowFault("is too large", "age")}))
        "row 4, column 'age': is too large"
        """
        row = min(by_row)
        first = by_row[row]
        error = InvalidData(first.reason, row=row, column=first.column, remedies=first.remedies)
        error.by_row = by_row
        return error

    @staticmethod
    def together(first: "Sequence[InvalidData]", count: int, by_row: Mapping[int, RowFault]) -> "InvalidData":
        """One error for ``count`` faults, of which ``first`` are the first: it is where the first is, and tells of ten.

        >>> faults = [InvalidData("'x' is no number", row=row, column="age") for row in (1, 4)]
        >>> print(InvalidData.together(faults, 9, {}))
        row 1, column 'age': 'x' is no number
        row 4, column 'age': 'x' is no number
        and 7 more
        """
        if count == 1:
            return first[0]
        shown = first[:MOST_FAULTS]
        lines = [shown[0].reason, *(fault.message for fault in shown[1:])]
        if count > len(shown):
            lines.append(f"and {count - len(shown)} more")
        remedies = {one.said: one for fault in shown for one in fault.remedies}
        where = {"row": shown[0].row, "column": shown[0].column}
        error = InvalidData("\n".join(lines), **where, remedies=(*remedies.values(),))  # type: ignore[arg-type]
        error.first, error.count, error.by_row = tuple(shown), count, by_row
        return error


_MOST_SHOWN = 200
"""Letters of a column's name that a message shows."""

_FURTHER = re.compile(r"^(row )([0-9]+)(?=[,:])", re.MULTILINE)
"""The row of a further fault: texts of the caller are quoted, and so begin no line."""


class InvalidArtifact(InvalidInput):
    """A model file that is damaged, truncated or not ours."""

    code = "invalid_artifact"


class NewerFormat(InvalidArtifact):
    """A file or a record in a format that came after this program; a newer Lepton reads it."""

    code = "newer_format"


class TooLarge(InvalidInput):
    """More bytes than the platform takes in one piece."""

    code = "too_large"
    status = 413


class UnsupportedMediaType(InvalidInput):
    """The body's `Content-Type` or `Content-Encoding` is not one that this call takes; the message names which."""

    code = "unsupported_media_type"
    status = 415


class Unauthorized(LeptonError):
    """No API key, or one that is unknown, expired or revoked."""

    code = "unauthorized"
    status = 401


class Forbidden(LeptonError):
    """The key is valid and lacks the scope that the call needs."""

    code = "forbidden"
    status = 403


class NotFound(LeptonError):
    """No such thing in the caller's workspace (things of other workspaces look the same)."""

    code = "not_found"
    status = 404


class Conflict(LeptonError):
    """The thing is not in the state that the request supposes."""

    code = "conflict"
    status = 409


class Diverged(LeptonError):
    """Training left the finite numbers, or ended worse than it began: the learning rate is too large."""

    code = "diverged"
    status = 422


class Damaged(LeptonError):
    """Stored data are not what was written, or are gone: the message names the thing.

    Nothing is trained on it, served or shown from it; only a backup brings it back.
    """

    code = "damaged"
    status = 500


class TooMany(LeptonError):
    """More than the share of one workspace; wait for some to end, or raise the setting that the message names."""

    code = "too_many"
    status = 429


class Unavailable(LeptonError):
    """The platform cannot answer now; the same call may work later."""

    code = "unavailable"
    status = 503


class StorageFull(Unavailable):
    """There is no room left where the platform keeps its data. Nothing was stored; it works once there is room."""

    code = "storage_full"
    status = 507


def error_from(failure: Failure) -> LeptonError:
    """The typed error for a ``failure`` read back from a record or a response; an unknown code gives the base class.

    >>> error_from(Failure("not_found", "no model 'm'"))
    NotFound("no model 'm'")
    >>> found = error_from(InvalidData("is missing", row=2, column="age").failure)
    >>> found.row, found.column, str(found)
    (2, 'age', "row 2, column 'age': is missing")
    """
    kind = next((kind for kind in _tree(LeptonError) if kind.code == failure.code), LeptonError)
    error = kind.__new__(kind)
    place = {"field": failure.field, "row": failure.row, "column": failure.column}
    LeptonError.__init__(error, failure.message, **place, remedies=failure.remedies)  # type: ignore[arg-type]
    if isinstance(error, InvalidData):
        error.reason = failure.message if failure.reason is None else failure.reason
    return error


def _place(row: int | None, column: str | None) -> str:
    known = [f"row {row}"] if row is not None else []
    if column is not None:
        known.append(f"column {column if len(column) <= _MOST_SHOWN else column[:_MOST_SHOWN] + '...'!r}")
    return f"{', '.join(known)}: " if known else ""


def _tree(kind: type[LeptonError]) -> list[type[LeptonError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _tree(child))]
