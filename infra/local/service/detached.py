"""A server that goes on when the program that started it has ended."""

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from functions.storage import posix
from infra.local.service.options import Serving
from infra.local.service.services import FOLDER, ServiceRecord, services
from lepton_core.errors import Conflict, Failure, Unavailable, error_from


class _Said(msgspec.Struct, frozen=True):
    """The line of the command, as far as it tells whether that is an error."""

    error: Failure | None = None


def start(command: Sequence[str], data: Path, model: str, name: str, port: int) -> Serving:
    """What the service ``name`` over ``data`` serves, which ``command`` starts if it is not running.

    The command says in a line of JSON what it serves, once it answers. What it says on stderr is added to the log
    beside its record. Raises what it refuses to start for, `Conflict` (field 'service') if the name is that of another
    server, and `Unavailable` if it ended without a word.
    """
    for known in services(data):
        if known.name == name and known.state == "running":
            return _same(known, model, port)
    posix.make_private_folder(data / FOLDER)
    path = data / FOLDER / f"{name}.log"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as errors:
        child = subprocess.Popen(  # noqa: S603  (this program)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    # Waited for as long as this program runs: one that ends would else stay a zombie.
    threading.Thread(target=child.wait, name=f"service-{name}", daemon=True).start()
    assert child.stdout is not None  # noqa: S101  (for the type checker)
    with child.stdout:
        line = child.stdout.readline()
    if not line:
        raise Unavailable(f"the service {name!r} did not start; {path} says why")
    said = msgspec.json.decode(line, type=_Said)
    if said.error is not None:
        child.wait()
        raise error_from(said.error)
    return msgspec.json.decode(line, type=Serving)


def _same(known: ServiceRecord, model: str, port: int) -> Serving:
    """What is served already, if that is what is wanted."""
    if known.serving.model != model or port not in (0, known.options.port):
        raise Conflict(
            f"the service {known.name!r} runs already: it serves {known.serving.model!r} at {known.serving.url}; "
            "stop it first, or take another name",
            field="service",
        )
    return known.serving
