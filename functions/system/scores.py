"""Score: announce a file of rows, PUT it, follow it, get it with the predictions beside."""

import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from functions.edge import Call, Download, Received, route
from functions.edge.media_types import FILES
from functions.edge.shapes import ErrorView, Request, Written
from functions.records import find
from functions.records.intents import count_of
from functions.records.kinds import DUE_UPLOADS, DueUpload
from functions.records.scorings import SCORINGS, Scoring, landing_key
from functions.runs.job import ScoreJob
from functions.runs.record import RUNS, Run, ScoreOutcome
from functions.runs.score_task import FirstRow
from functions.runs.scored import demand_size
from functions.storage import BlobExists, BlobMissing, Stored
from lepton_core.errors import Conflict, InvalidInput, NotFound, TooLarge, TooMany
from lepton_core.evaluate import LabelRule
from lepton_core.table import ReadingOptions, check_reading

_URL_SECONDS = 3600

FileName = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")]


class ScoreFile(Request, frozen=True):
    """Announce a ``file`` of rows, of ``size`` bytes, that is to be predicted.

    ``version`` scores it; left out: the one that serves when the file is there, and no canary beside it. ``reading``
    says how the file is written, where that cannot be found out.
    """

    file: FileName
    size: Annotated[int, Meta(ge=0)]
    version: Annotated[int, Meta(ge=1)] | None = None
    reading: Written | None = None


class ScoreView(msgspec.Struct, frozen=True):
    """A file to be scored: where to PUT it while it is waiting, and where to GET the result once it has succeeded.

    ``url`` is either; one of another host needs no key, and is good for an hour, and one that begins with "/" is a path
    of this platform. ``done`` of ``rows`` are predicted, ``refused`` have no prediction. ``scored`` is the name of the
    result; ``as_it_came`` is false where its form cannot be written, so that it is CSV. It is kept ``until`` then.
    ``ignored`` are columns that the model does not read, ``filled`` those with missing cells. ``run`` is
    the run that scores the file, once it is there, and ``digest`` that of the version's file. ``rule`` made the labels
    where the most probable class did not. As long as the result is kept, ``first`` are its first rows, whose cells are
    in the ``columns``, and ``errors`` say of the first refused ones why.
    """

    id: str
    model: str
    file: str
    state: Literal["waiting", "rejected", "queued", "running", "succeeded", "failed", "cancelled"]
    url: str | None = None
    run: str | None = None
    version: int | None = None
    digest: str | None = None
    done: int = 0
    rows: int = 0
    refused: int = 0
    scored: str | None = None
    as_it_came: bool = True
    until: datetime | None = None
    ignored: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    error: ErrorView | None = None
    rule: LabelRule | None = None
    columns: list[str] = []
    first: list[FirstRow] = []
    errors: list[str] = []


bp = Blueprint(__name__)


@route(bp, "POST", "/v1/models/{model}/score", scope="predict", body=ScoreFile, returns=ScoreView, status=201)
def announce(call: Call[ScoreFile], model: str) -> ScoreView:
    """Announce a file of rows that is to be predicted: the answer says where to PUT it."""
    from functions.system.scoring import chosen  # noqa: PLC0415  (no prediction needs it)

    body, store, system = call.body, call.store, call.platform.system
    if body.size == 0:
        raise InvalidInput("0 bytes were announced; send a table with rows", field="size")
    demand_size(body.size, call.platform.settings)
    reading = ReadingOptions(**msgspec.structs.asdict(body.reading or Written()))
    check_reading(reading)
    find.active_model(store, model)
    chosen(store, model, body.version)
    open_ones = call.platform.settings.most_uploads
    if count_of(system, DUE_UPLOADS, store.name, open_ones) >= open_ones:
        raise TooMany(
            f"this workspace has {open_ones} announced files that never came (setting most_uploads); "
            "send them, or wait until they are given up"
        )
    now, name = call.platform.clock(), call.platform.new_id("up")
    wanted = Scoring(name, model, body.file, "waiting", now, body.size, body.version, reading)
    due = DueUpload(store.name, model, name, now, "rows")
    store.write(
        store.put(SCORINGS, model, name, value=wanted, expect=0),
        system.put(DUE_UPLOADS, f"{store.name}:{model}:{name}", value=due, expect=0),
    )
    url = call.platform.blobs.upload_url(
        landing_key(store, model, name), size=body.size, seconds=_URL_SECONDS
    )
    return _waiting(wanted, url or f"/v1/models/{model}/score/{name}")


@route(
    bp,
    "PUT",
    "/v1/models/{model}/score/{upload}",
    scope="predict",
    body=Received,
    content_types=FILES,
    returns=ScoreView,
    status=202,
)
def put_rows(call: Call[Received], model: str, upload: str) -> ScoreView:
    """Send the announced file itself. It is kept when the answer comes; follow it to see what becomes of it."""
    from functions.datasets.ingest import check_size  # noqa: PLC0415  (no prediction needs it)
    from functions.records.files import digest_of  # noqa: PLC0415
    from functions.system.scoring import scoring_landed  # noqa: PLC0415

    stored, key = _announced(call, model, upload).value, landing_key(call.store, model, upload)
    if stored.size is not None:
        check_size(stored.size, call.body.size)
    if stored.state == "waiting":
        try:
            call.body.put(call.platform.blobs, key)
        except BlobExists:
            with suppress(BlobMissing):  # taken up and removed meanwhile: the record says which file it was
                if digest_of(call.platform.blobs, key) != call.body.digest:
                    raise Conflict(
                        "another file was already sent under this id; announce a new one"
                    ) from None
        if call.platform.announce is not None:
            scoring_landed(call.platform, key)
    elif stored.digest not in (None, call.body.digest):
        raise Conflict("this file was settled with other content; announce a new one")
    return _view(call, model, upload)


@route(bp, "GET", "/v1/models/{model}/score/{upload}", scope="predict", returns=ScoreView)
def follow(call: Call[None], model: str, upload: str) -> ScoreView:
    """How far a file is scored, and where the result is."""
    return _view(call, model, upload)


@route(bp, "GET", "/v1/models/{model}/score/{upload}/file", scope="predict", returns=Download)
def scored_file(call: Call[None], model: str, upload: str) -> Download:
    """The scored file. On AWS one of more than 4 MB is at the address that the call above tells."""
    from functions.records.files import read_file  # noqa: PLC0415  (no prediction needs it)
    from functions.system.export import MOST_SENT  # noqa: PLC0415

    outcome = _outcome(_run(call, model, upload))
    if outcome is None or outcome.file is None:
        raise NotFound(f"file {upload!r} of model {model!r} has no result: it is not scored, or was removed")
    size = call.platform.blobs.size(outcome.file.key) or 0
    if size > MOST_SENT and _address(call, outcome) is not None:
        way = f"/v1/models/{model}/score/{upload}"
        raise TooLarge(f"the file has {size} bytes; an answer holds {MOST_SENT}: GET {way} tells its address")
    data = read_file(call.store, outcome.file, f"the scored file {outcome.name!r}")
    return Download(data, _plain(outcome.name))


@route(bp, "DELETE", "/v1/models/{model}/score/{upload}", scope="predict", returns=ScoreView)
def remove_scored(call: Call[None], model: str, upload: str) -> ScoreView:
    """End the scoring of a file, or remove its result. Sent twice it changes nothing more."""
    from functions.storage import Lost  # noqa: PLC0415  (no prediction needs it)
    from functions.system.scoring import reject, removed  # noqa: PLC0415

    stored = _announced(call, model, upload)
    if stored.value.state == "waiting":
        with suppress(Lost):
            reject(call.platform, call.store, stored, "it was cancelled before it came")
    if stored.value.run is not None:
        removed(call.platform, call.store, stored.value.run)
    return _view(call, model, upload)


def _announced(call: Call[Any], model: str, upload: str) -> Stored[Scoring]:
    stored = call.store.get(SCORINGS, model, upload)
    if stored is None:
        raise NotFound(f"no file {upload!r} was announced for model {model!r}")
    return stored


def _run(call: Call[Any], model: str, upload: str) -> Run | None:
    name = _announced(call, model, upload).value.run
    found = None if name is None else call.store.get(RUNS, name)
    return None if found is None else found.value


def _outcome(run: Run | None) -> ScoreOutcome | None:
    return run.outcome if run is not None and isinstance(run.outcome, ScoreOutcome) else None


def _address(call: Call[Any], outcome: ScoreOutcome) -> str | None:
    if outcome.file is None:
        return None
    return call.platform.blobs.download_url(outcome.file.key, name=_plain(outcome.name), seconds=_URL_SECONDS)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)


def _waiting(wanted: Scoring, url: str | None = None) -> ScoreView:
    state: Any = "queued" if wanted.state == "accepted" else wanted.state
    return ScoreView(
        wanted.id,
        wanted.model,
        wanted.name,
        state,
        url,
        version=wanted.version,
        error=None if wanted.error is None else ErrorView.of(wanted.error),
    )


def _view(call: Call[Any], model: str, upload: str) -> ScoreView:
    run = _run(call, model, upload)
    if run is None or not isinstance(run.job, ScoreJob):
        return _waiting(_announced(call, model, upload).value)
    outcome, url = _outcome(run), None
    if outcome is not None and outcome.file is not None:
        url = _address(call, outcome) or f"/v1/models/{model}/score/{upload}/file"
    return ScoreView(
        upload,
        model,
        run.job.name,
        run.state,
        url,
        run.id,
        run.job.version,
        run.job.artifact.digest,
        run.progress.iteration,
        run.progress.iterations,
        0 if outcome is None else outcome.refused,
        None if outcome is None else outcome.name,
        True if outcome is None else outcome.as_it_came,
        None if outcome is None or outcome.file is None else outcome.until,
        () if outcome is None else outcome.ignored,
        () if outcome is None else outcome.filled,
        None if run.error is None else ErrorView.of(run.error),
        run.job.rule,
        [] if outcome is None else outcome.columns,
        [] if outcome is None else outcome.first,
        [] if outcome is None else outcome.errors,
    )
