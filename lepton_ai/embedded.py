"""The transport without a server: the platform's own handlers, run inside this process over a folder.

The one module of `lepton_ai` that opens the local stack of `infra`.
"""

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lepton_ai.cell_rows import CellColumns
from lepton_ai.content import Content
from lepton_ai.errors import LeptonError
from lepton_ai.transport import ANY_BYTES, ENTITY, Decoder, Sent, decode, encode

if TYPE_CHECKING:
    from infra.local.service.options import Serving
    from infra.local.service.services import ServiceRecord
    from infra.local.stack import Stack


class EmbeddedTransport:
    """Calls a platform that lives in this process and keeps its state in ``data``.

    The platform is opened (by ``opener``) at the first call and closed, with its traffic counts written and its runs
    given back, when the interpreter ends.
    """

    def __init__(self, data: Path, opener: "Callable[[Path], Stack] | None" = None) -> None:
        self._data = data
        self._opener = opener or _open
        self._stack: Stack | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"EmbeddedTransport({str(self._data)!r})"

    @property
    def address(self) -> str:
        """The folder of the platform's state."""
        return str(self._data)

    @property
    def url(self) -> None:
        """None: only this process can call it."""
        return

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str | None = None,
        sent: Sent | None = None,
        once: bool = False,
        repeatable: bool = False,
        decoder: Decoder = msgspec.json.decode,
        entity: str | None = None,
    ) -> Any:
        """See `lepton_ai.transport.Transport`."""
        stack = self._opened()
        from infra.local.gateway import call  # noqa: PLC0415  (loads the whole platform)

        headers = {"content-type": content_type or "application/json"} if body is not None else {}
        if decoder is bytes:
            headers["accept"] = ANY_BYTES
        if entity is not None:
            headers[ENTITY] = entity
        handed = body if isinstance(body, CellColumns) else None
        with _drafted(stack, body, sent) as draft:
            data = encode(body) if draft is None and handed is None else b""
            given = dict(query or {})
            response = call(
                stack.app, stack.platform, method, path, given, headers, data, draft=draft, handed=handed
            )
        if sent is not None and draft is None:
            sent(len(data))
        return decode(response.status, response.body, source="the embedded platform", decoder=decoder)

    def close(self) -> None:
        """Write what is still in memory and release the folder; a later call opens it again."""
        with self._lock:
            stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()

    def _opened(self) -> "Stack":
        if self._stack is None:
            with self._lock:
                if self._stack is None:
                    self._stack = self._opener(self._data)
        return self._stack


@contextmanager
def _drafted(stack: "Stack", body: Any, sent: Sent | None) -> Iterator[Any]:
    """A large file as the server would have it, written some of it at a time; None for any other body."""
    if not isinstance(body, Content) or body.path is None:
        yield None
        return
    draft = stack.platform.blobs.draft()
    try:
        for piece in body.pieces():
            draft.write(piece)
            if sent is not None:
                sent(draft.size)
        body.demand_same(draft.digest)
        yield draft
    finally:
        draft.drop()


def _open(data: Path) -> "Stack":
    try:
        with loading():
            from infra.local.stack import open_embedded  # noqa: PLC0415  (loads the whole platform)
    except ModuleNotFoundError as error:
        from lepton_ai.installed import not_in_light  # noqa: PLC0415

        raise not_in_light(error) from None
    return open_embedded(data)


@contextmanager
def loading() -> Iterator[None]:
    """A block that loads modules: they are no garbage, and to look for some takes a tenth of the time."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


_transports: dict[tuple[int, Path], EmbeddedTransport] = {}
_transports_lock = threading.Lock()


def embedded_transport(data: Path) -> EmbeddedTransport:
    """The transport of this process for the folder ``data``.

    Kept by process id too: a forked child must not use its parent's database connections and threads.
    """
    key = (os.getpid(), data.resolve())
    with _transports_lock:
        if key not in _transports:
            _transports[key] = EmbeddedTransport(data.resolve())
        return _transports[key]


def serve(
    port: int,
    data: Path,
    workers: int,
    host: str,
    ready: Callable[[str, str, str], None] | None = None,
    visit: Callable[[str], None] | None = None,
) -> None:
    """Run the platform as a server until it is told to stop (``lepton up``).

    Once it answers, ``ready`` is called with its address, an API key and a link to the console; left out, they are
    printed. Then ``visit`` is called with the link.
    """
    from infra.local import up  # noqa: PLC0415  (loads the whole platform)

    tell = ready or up.print_variables

    def answers(url: str, key: str, link: str) -> None:
        tell(url, key, link)
        if visit is not None:
            visit(link)

    up.serve(port, data, workers, host, answers)


def serve_model(
    name: str | None, file: Path | None, data: Path, ready: "Callable[[Serving], None]", **options: Any
) -> LeptonError | None:
    """Serve one model until a stop (``lepton serve``); why it ended by itself, if the model is served no more.

    ``options`` are further fields of `infra.local.service.run.ServiceOptions`.
    """
    from infra.local.service.options import ServiceOptions  # noqa: PLC0415  (loads what answers)
    from infra.local.service.run import serve  # noqa: PLC0415  (loads what answers)

    named = None if file is None else str(file)
    return serve(ServiceOptions(name, named, str(data), **options), ready)


def start_service(data: Path, model: str, service: str, port: int) -> "Serving":
    """Have a process of its own serve the ``model`` of ``data`` at ``port``, unless it does; what it serves.

    Errors: ``Conflict`` for a port, or the name of a service, that is taken.
    """
    from infra.local.service.detached import start  # noqa: PLC0415  (few programs start one)

    given = ("--service", service, "--port", str(port), "--data", str(data), "--json")
    command = [sys.executable, "-m", "lepton_ai", "serve", model, *given]
    return start(command, data, model, service, port)


def services(data: Path) -> "list[ServiceRecord]":
    """The servers over the folder ``data``."""
    from infra.local.service.services import services as known  # noqa: PLC0415

    return known(data)


def stop_service(data: Path, name: str) -> "ServiceRecord":
    """End a server over ``data``, and wait until it has. Errors: ``NotFound``, ``Unavailable``."""
    from infra.local.service.services import stop  # noqa: PLC0415

    return stop(data, name)


def unit_of(model: str, arguments: Sequence[str], data: Path, drain_seconds: float) -> str:
    """The unit with which systemd runs ``lepton serve`` with these ``arguments``."""
    from infra.local.service.unit import unit  # noqa: PLC0415

    return unit(
        model, [sys.executable, "-m", "lepton_ai", "serve", *arguments], data.absolute(), drain_seconds
    )


def build_image(model: str, file: Path, folder: Path) -> Path:
    """Write the new ``folder`` of an image that serves the version in ``file`` as the ``model``; its path.

    Errors: ``Conflict`` (field 'output') if the folder exists.
    """
    import lepton_core  # noqa: PLC0415
    from infra.local.service.image import write_image  # noqa: PLC0415  (few commands write one)

    packages = [Path(__file__).parent, Path(lepton_core.__file__).parent]
    return write_image(folder, model, file.read_bytes(), packages)


def close_all() -> None:
    """Close every platform that this process has opened; a later call opens it again.

    Takes a few seconds at most, in which Ctrl-C is not heard: the leases are being given back.
    """
    with _undisturbed():
        for (process, _), transport in list(_transports.items()):
            if process == os.getpid():
                transport.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)


@atexit.register
def _end() -> None:
    close_all()
    # Everything is given back: a Ctrl-C that comes still ends the process, without a traceback of its last steps.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
