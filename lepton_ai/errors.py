"""Every error that the SDK raises on purpose: the tree of `lepton_core.errors`."""

from lepton_core.errors import (
    Conflict,
    Damaged,
    Diverged,
    Forbidden,
    InvalidArtifact,
    InvalidData,
    InvalidInput,
    LeptonError,
    NotFound,
    StorageFull,
    TooLarge,
    Unauthorized,
    Unavailable,
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
    "NotFound",
    "StorageFull",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
]


def error_of(code: str, message: str, field: str | None = None) -> LeptonError:
    """The typed error that a platform answered, or kept with a run; its text names the field that is wrong.

    >>> str(error_of("invalid_input", "must be greater than 0", "learning_rate"))
    'learning_rate: must be greater than 0'
    """
    error = error_from(code, message, field)
    if isinstance(error, InvalidInput) and field and field not in message:
        error.args = (f"{field}: {message}",)
    return error
