"""A file that will come is announced first, and is taken in once it is there."""

from collections.abc import Callable

from functions.context import Platform
from functions.datasets.ingest import incoming_key
from functions.edge.shapes import ErrorView, UploadView
from functions.records import intents
from functions.records.kinds import (
    DATASET_VERSIONS,
    DUE_UPLOADS,
    UPLOADS,
    DueUpload,
    Upload,
    UploadMode,
    number,
)
from functions.records.names import Named
from functions.storage import Workspace
from lepton_core.errors import TooMany
from lepton_core.table import ReadingOptions, check_reading


def announce(
    platform: Platform,
    store: Workspace,
    dataset: Named,
    *,
    size: int,
    label: str | None,
    reading: ReadingOptions,
    mode: UploadMode = "replace",
    held_out: int = 0,
) -> Upload:
    """Write that a file of ``size`` bytes will come, which is read as is said here. Raises `TooMany`."""
    check_reading(reading)
    open_ones = platform.settings.most_uploads
    if intents.count_of(platform.system, DUE_UPLOADS, store.name, open_ones) >= open_ones:
        raise TooMany(
            f"this workspace has {open_ones} announced files that never came (setting most_uploads); "
            "send them, or wait until they are given up"
        )
    now = platform.clock()
    announced = Upload(
        platform.new_id("up"),
        dataset.key,
        "waiting",
        now,
        called=dataset.name,
        size=size,
        label=label,
        reading=reading,
        mode=mode,
        held_out=held_out,
    )
    due = DueUpload(store.name, dataset.key, announced.id, now)
    store.write(
        store.put(UPLOADS, dataset.key, announced.id, value=announced, expect=0),
        platform.system.put(DUE_UPLOADS, f"{store.name}:{dataset.key}:{announced.id}", value=due, expect=0),
    )
    return announced


def put_in(platform: Platform, store: Workspace, announced: Upload, put: Callable[[str], None]) -> Upload:
    """Have ``put`` store the announced file, which the platform has itself; the upload as it is then."""
    key = incoming_key(store, announced.dataset, announced.id)
    put(key)
    if platform.announce is not None:
        platform.announce(key)
    settled = store.get(UPLOADS, announced.dataset, announced.id)
    return announced if settled is None else settled.value


def upload_view(store: Workspace, upload: Upload, name: str, url: str | None = None) -> UploadView:
    """An upload to the data set ``name`` as callers see it; ``url`` is where its file is to be sent."""
    stored = None
    if upload.version is not None:
        stored = store.get(DATASET_VERSIONS, upload.dataset, number(upload.version))
    return UploadView(
        id=upload.id,
        dataset=name,
        state=upload.state,
        url=url,
        label=upload.label,
        version=upload.version,
        rows=None if stored is None else stored.value.rows,
        error=None if upload.error is None else ErrorView.of(upload.error),
        held=stored is not None and stored.value.state == "held",
        added=upload.added,
        repeated=upload.repeated,
        held_out=0 if stored is None else stored.value.held_out,
    )
