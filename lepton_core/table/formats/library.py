"""The optional libraries that read a format: imported when a file needs one, their failures made errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from lepton_core.errors import InvalidData, LeptonError

_PANIC = "PanicException"
"""What a library written in Rust raises where its own code is wrong; it is no `Exception`."""


def pyarrow(what: str) -> Any:
    """pyarrow with its reader of Parquet; `InvalidData` says how to install it, for ``what`` needs it."""
    try:
        import pyarrow as found  # noqa: PLC0415  (optional, and 50 MB of memory)
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        raise missing(what, "parquet") from None
    return found


def has_pyarrow() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def calamine(what: str) -> Any:
    """python-calamine; `InvalidData` says how to install it, for ``what`` needs it."""
    try:
        import python_calamine as found  # noqa: PLC0415  (optional)
    except ImportError:
        raise missing(what, "excel") from None
    return found


def missing(what: str, extra: str) -> InvalidData:
    """The error for a file whose reader is not installed.

    >>> print(missing("an Excel file", "excel"))
    this is an Excel file: pip install 'lepton-ai[excel]'; where that has no place, Data.from_file(path) of the SDK
    converts the file before it is sent
    """
    return InvalidData(
        f"this is {what}: pip install 'lepton-ai[{extra}]'; where that has no place, Data.from_file(path) of the SDK "
        f"converts the file before it is sent"
    )


@contextmanager
def failures_named(what: str) -> Iterator[None]:
    r"""Whatever a library raises inside is an `InvalidData` that names the file: it met bytes that it did not expect.

    >>> with failures_named("Excel file"):
    ...     raise OSError("no such sheet\nsource: xlsx.rs")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: the Excel file cannot be read: no such sheet; get it again, or write it again as CSV
    """
    try:
        yield
    except LeptonError:
        raise
    except BaseException as error:  # a library's failures have no class in common
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        why = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        raise InvalidData(
            f"the {what} cannot be read: {why}; get it again, or write it again as CSV"
        ) from None
