"""Every error that the SDK raises on purpose: the tree of `lepton_core.errors`."""

from lepton_core.errors import (
    Conflict,
    Damaged,
    Diverged,
    Failure,
    Forbidden,
    InvalidArtifact,
    InvalidData,
    InvalidInput,
    LeptonError,
    NewerFormat,
    NotFound,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
    error_from,
)

__all__ = [
    "Conflict",
    "Damaged",
    "Diverged",
    "Forbidden",
    "InvalidArtifact",
    "InvalidData",
    "InvalidInput",
    "LeptonError",
    "NewerFormat",
    "NotFound",
    "StorageFull",
    "TooLarge",
    "TooMany",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMediaType",
]


def error_of(failure: Failure) -> LeptonError:
    """The typed error that a platform answered, or kept with a run; its text names the field that is wrong.

    The message of an `InvalidData` or an `InvalidArtifact` names the place itself, and so do others.

    >>> str(error_of(Failure("invalid_input", "must be greater than 0", "learning_rate")))
    'learning_rate: must be greater than 0'
    """
    error = error_from(failure)
    names_it = isinstance(error, InvalidData | InvalidArtifact)
    if isinstance(error, InvalidInput) and failure.field and not names_it and not _begins_with(failure):
        error.args = (f"{failure.field}: {failure.message}",)
    return error


def _begins_with(failure: Failure) -> bool:
    field = failure.field or ""
    return failure.message.startswith((f"{field} ", repr(field.rpartition(".")[2])))


def not_understood(error: Exception) -> Unavailable:
    """What is raised for an answer that is of another shape than this SDK knows.

    >>> str(not_understood(ValueError("no version")))
    "the platform's answer is not understood (no version); is lepton-ai up to date?"
    """
    return Unavailable(f"the platform's answer is not understood ({error}); is lepton-ai up to date?")
