"""Everything that Lepton raises on purpose, as one tree.

    LeptonError
    ├── InvalidInput        the caller's request is wrong: the message names the field
    │   ├── InvalidData     the caller's data is wrong: the message names the row and the column
    │   ├── InvalidArtifact a model file is damaged or hostile
    │   └── TooLarge        more bytes than the platform takes in one piece
    ├── Unauthorized        no key, or not a valid one
    ├── Forbidden           a valid key without the scope
    ├── NotFound            no such thing in the caller's workspace
    ├── Conflict            the thing is not in the state that the request supposes
    ├── Diverged            the loss left the finite numbers: the learning rate is too large
    ├── Damaged             what is stored is not what was written: the message names the thing
    └── Unavailable         the platform cannot answer now; the same call may work later
        └── StorageFull     there is no room left where the platform keeps its data

Each class carries the ``code`` and the HTTP ``status`` under which the API shows it; nothing else decides that.
"""


class LeptonError(Exception):
    """Base of the tree.

    ``message`` is shown to the caller as it is; ``field`` names the part of the input that is wrong, if one is.

    >>> InvalidInput("must be greater than 0", field="learning_rate").as_dict()
    {'code': 'invalid_input', 'message': 'must be greater than 0', 'field': 'learning_rate'}
    """

    code = "internal"
    status = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def as_dict(self) -> dict[str, str]:
        """The body of ``{"error": ...}``: ``code``, ``message`` and, if there is one, ``field``."""
        shown = {"code": self.code, "message": self.message}
        if self.field is not None:
            shown["field"] = self.field
        return shown


class InvalidInput(LeptonError):
    """The request is wrong; ``field`` names the part."""

    code = "invalid_input"
    status = 400


class InvalidData(InvalidInput):
    """The data is wrong at ``row`` (1 is the first row of data, below the header) and ``column``.

    >>> str(InvalidData("'abc' is not a number", row=3, column="age"))
    "row 3, column 'age': 'abc' is not a number"
    """

    code = "invalid_data"
    row: int | None = None
    column: str | None = None

    def __init__(self, message: str, *, row: int | None = None, column: str | None = None) -> None:
        place = [f"row {row}"] if row is not None else []
        if column is not None:
            place.append(f"column {column!r}")
        super().__init__(f"{', '.join(place)}: {message}" if place else message, field=column)
        self.row = row
        self.column = column


class InvalidArtifact(InvalidInput):
    """A model file that is damaged, truncated or not ours."""

    code = "invalid_artifact"


class TooLarge(InvalidInput):
    """More bytes than the platform takes in one piece."""

    code = "too_large"
    status = 413


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
    """What is stored is not what was written. The message names the thing; only a backup brings it back."""

    code = "damaged"
    status = 500


class Unavailable(LeptonError):
    """The platform cannot answer now; the same call may work later."""

    code = "unavailable"
    status = 503


class StorageFull(Unavailable):
    """There is no room left where the platform keeps its data. Nothing was stored; it works once there is room."""

    code = "storage_full"
    status = 507


def error_from(code: str, message: str, field: str | None = None) -> LeptonError:
    """The typed error for a ``code`` read back from a record or a response; an unknown code gives the base class.

    >>> type(error_from("not_found", "no model 'm'")).__name__
    'NotFound'
    """
    for kind in _tree(LeptonError):
        if kind.code == code:
            error = kind.__new__(kind)
            LeptonError.__init__(error, message, field=field)
            return error
    return LeptonError(message, field=field)


def _tree(kind: type[LeptonError]) -> list[type[LeptonError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _tree(child))]
