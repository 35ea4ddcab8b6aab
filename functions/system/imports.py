"""Import: announce the file of an exported version, PUT it, follow it."""

from contextlib import suppress
from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from functions.edge import Call, Received, route
from functions.edge.media_types import FILES
from functions.edge.shapes import ErrorView, Name, Request
from functions.records import find
from functions.records.files import digest_of
from functions.records.imported import IMPORTS, Import
from functions.records.intents import count_of
from functions.records.kinds import DUE_UPLOADS, MODELS, DueUpload
from functions.records.names import name_of
from functions.storage import BlobExists, BlobMissing, Stored
from lepton_core.errors import Conflict, InvalidInput, NotFound, TooLarge, TooMany

_URL_SECONDS = 3600


class ImportModel(Request, frozen=True):
    """Announce the file of an exported version, of ``size`` bytes.

    A model that does not exist yet is created, and learns from ``dataset`` (left out: one of its own name).
    """

    size: Annotated[int, Meta(ge=1)]
    dataset: Name | None = None


class ImportView(msgspec.Struct, frozen=True):
    """Where to PUT the file (``url``, while waiting), and what became of it.

    An accepted one is ``version`` of the ``model``. ``made``: the model has got it now; it had it before otherwise.
    """

    id: str
    model: str
    state: Literal["waiting", "accepted", "rejected"]
    url: str | None = None
    version: int | None = None
    made: bool = False
    error: ErrorView | None = None


bp = Blueprint(__name__)


@route(
    bp,
    "POST",
    "/v1/models/{model}/import",
    scope="write",
    body=ImportModel,
    returns=ImportView,
    status=201,
)
def announce(call: Call[ImportModel], model: str) -> ImportView:
    """Announce the file of an exported version that becomes the model's next one: the answer says where to PUT it."""
    from functions.system.importing import landing_key, most_bytes  # noqa: PLC0415  (no prediction needs it)

    size, most = call.body.size, most_bytes(call.platform)
    if size > most:
        raise TooLarge(f"the file has {size} bytes; the most is {most}", field="size")
    _check_model(call, model)
    store, system = call.store, call.platform.system
    open_ones = call.platform.settings.most_uploads
    if count_of(system, DUE_UPLOADS, store.name, open_ones) >= open_ones:
        raise TooMany(
            f"this workspace has {open_ones} announced files that never came (setting most_uploads); "
            "send them, or wait until they are given up"
        )
    now = call.platform.clock()
    name = call.platform.new_id("im")
    wanted = Import(name, model, call.body.dataset or model, "waiting", now, size)
    due = DueUpload(store.name, model, name, now, "model")
    store.write(
        store.put(IMPORTS, model, name, value=wanted, expect=0),
        system.put(DUE_UPLOADS, f"{store.name}:{model}:{name}", value=due, expect=0),
    )
    url = call.platform.blobs.upload_url(landing_key(store, model, name), size=size, seconds=_URL_SECONDS)
    return _view(wanted, url or f"/v1/models/{model}/import/{name}")


def _check_model(call: Call[ImportModel], model: str) -> None:
    if call.store.get(MODELS, model) is None:
        return
    found, wanted = find.active_model(call.store, model).value, call.body.dataset
    called = name_of(call.store, found.dataset)
    if wanted not in (None, called):
        raise Conflict(
            f"model {model!r} learns from dataset {called!r}; import it under another name", field="dataset"
        )


@route(
    bp,
    "PUT",
    "/v1/models/{model}/import/{upload}",
    scope="write",
    body=Received,
    content_types=FILES,
    returns=ImportView,
    status=202,
)
def put_version(call: Call[Received], model: str, upload: str) -> ImportView:
    """Send the announced file itself. It is kept when the answer comes; follow the import to see what became of it."""
    from functions.system.importing import landed, landing_key, most_bytes  # noqa: PLC0415  (no prediction needs it)

    stored = _announced(call, model, upload).value
    key, most = landing_key(call.store, model, upload), most_bytes(call.platform)
    if not call.body.size:
        raise InvalidInput("0 bytes came; send the file of an exported version")
    if call.body.size > most:
        raise TooLarge(f"the file has {call.body.size} bytes; the most is {most}")
    if stored.state == "waiting":
        try:
            call.body.put(call.platform.blobs, key)
        except BlobExists:
            _check_same(call, key)
        if call.platform.announce is not None:
            landed(call.platform, key)
        stored = _announced(call, model, upload).value
    elif stored.digest not in (None, call.body.digest):
        raise Conflict("this import was settled with another file; announce a new one")
    return _view(stored)


def _check_same(call: Call[Received], key: str) -> None:
    with suppress(BlobMissing):  # settled and removed meanwhile: the record says with which file
        if digest_of(call.platform.blobs, key) != call.body.digest:
            raise Conflict("another file was already sent under this import; announce a new one")


@route(bp, "GET", "/v1/models/{model}/import/{upload}", scope="read", returns=ImportView)
def follow(call: Call[None], model: str, upload: str) -> ImportView:
    """The state of an import: waiting, accepted as a version, or rejected with the reason."""
    return _view(_announced(call, model, upload).value)


def _announced(call: Call[Any], model: str, upload: str) -> Stored[Import]:
    stored = call.store.get(IMPORTS, model, upload)
    if stored is None:
        raise NotFound(f"no import {upload!r} was announced for model {model!r}")
    return stored


def _view(wanted: Import, url: str | None = None) -> ImportView:
    return ImportView(
        id=wanted.id,
        model=wanted.model,
        state=wanted.state,
        url=url,
        version=wanted.version,
        made=wanted.made,
        error=None if wanted.error is None else ErrorView.of(wanted.error),
    )
