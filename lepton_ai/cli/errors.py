"""The answer of the command when something is wrong: one line, with what to do next. Never a traceback."""

import os
import sys
import traceback
from typing import Any

import click

from lepton_ai.cli.shared import as_options, write_json
from lepton_core.errors import (
    Forbidden,
    LeptonError,
    StorageFull,
    TooLarge,
    Unauthorized,
    Unavailable,
)

_USAGE = 2
_INTERRUPTED = 130


def report(error: BaseException, *, as_json: bool) -> int:
    """Say on stderr what is wrong, and return the exit status.

    With ``as_json`` the error is also written on stdout, in the API's shape.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        _line("interrupted")
        return _INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe (head, less) has left; closing stdout again at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    status = 1
    if isinstance(error, click.UsageError):
        shown: dict[str, Any] = {"code": "usage", "message": _usage(error)}
        status = _USAGE
    elif isinstance(error, click.ClickException):
        shown = {"code": "usage", "message": error.format_message()}
    elif isinstance(error, LeptonError):
        shown = error.failure.as_dict()
    elif isinstance(error, OSError):
        shown = {"code": "os", "message": _system(error)}
    else:
        shown = {"code": "internal", "message": _unexpected(error)}
    said = as_options(str(error), error.remedies) if isinstance(error, LeptonError) else shown["message"]
    _line(f"error: {said}{_advice(error)}")
    if as_json:
        write_json({"error": shown})
    return status


def _advice(error: BaseException) -> str:
    if isinstance(error, Unauthorized):
        return "; set LEPTON_API_KEY to a valid key ('lepton up' prints one)"
    if isinstance(error, Forbidden):
        return "; use an API key with that scope"
    notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
    if isinstance(error, Unavailable) and not isinstance(error, StorageFull) and not notes:
        return "; check LEPTON_URL and that the platform is up, then try again"
    if isinstance(error, TooLarge):
        return "; upload fewer rows"
    return notes


def _usage(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx is not None else "lepton"
    return f"{error.format_message().rstrip('.')}; see '{command} --help'"


def _system(error: OSError) -> str:
    named = error.filename is not None and error.strerror
    return f"{error.filename}: {error.strerror}" if named else str(error)


def _unexpected(error: BaseException) -> str:
    if os.environ.get("LEPTON_DEBUG"):
        traceback.print_exception(error)
    said = " ".join(str(error).split()) or "no message"
    return f"unexpected {type(error).__name__}: {said}; LEPTON_DEBUG=1 shows where"


def _line(text: str) -> None:
    sys.stderr.write(" ".join(text.split()) + "\n")
