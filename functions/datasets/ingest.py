"""Take in a file that landed under an upload prefix: it becomes a new dataset version, or a reason why not.

Delivered once or many times, the event leaves one result: the upload's record decides.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from functions.context import Context, log
from functions.datasets import reports
from functions.datasets.kept_strata import keep_strata, strata_for
from functions.datasets.parts import read_columns, remove_unused, write_columns, write_parts
from functions.datasets.taking import Taken, appending, replacing
from functions.edge.shapes import Name
from functions.records import intents
from functions.records.change import COMMIT_TRIES
from functions.records.kinds import (
    DATASET_VERSIONS,
    DATASETS,
    DUE_UPLOADS,
    UPLOADS,
    Dataset,
    DatasetVersion,
    Upload,
    number,
)
from functions.records.readable_key import readable_key
from functions.storage import BlobMissing, Lost, Stored, Workspace, Write
from functions.storage.checks import check_writes
from lepton_core import report as reporting
from lepton_core import table as tables
from lepton_core.artifact import digest, is_container
from lepton_core.errors import Failure, InvalidData, InvalidInput, TooLarge
from lepton_core.table import (
    ColumnFigures,
    ReadingOptions,
    describe,
    described_schema,
)
from lepton_core.target import check_values

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z")

ABANDONED_AFTER = timedelta(days=1)


def incoming_key(store: Workspace, dataset: str, name: str) -> str:
    """Where the file of an upload lands."""
    return store.blob("incoming", dataset, name)


def landed(context: Context, key: str) -> Upload | None:
    """A file landed under ``<workspace>/incoming/<dataset>/<name>``: make it a dataset version, once.

    ``name`` is the id of an announced upload, or the name of a file that somebody put there: the same name with other
    content is another upload. A key of another form, or with names that no workspace or dataset can have, is passed
    over, and so is a file that is larger than the platform takes.

    Returns the upload as it was settled; None if the file was passed over, is gone, or another thread is at it.
    """
    with context.under_way.alone(key) as alone:
        # The request, the watcher and the sweeper of one process may all have heard of it; parsing it once is enough.
        return _take_in(context, key) if alone else None


def _take_in(context: Context, key: str) -> Upload | None:
    parts = key.split("/")
    if len(parts) != 4 or parts[1] != "incoming" or not all(map(is_name, (parts[0], parts[2]))):
        log.warning("a file that landed under %r belongs to no dataset", key)
        return None
    workspace, _, dataset, name = parts
    store = context.workspace(workspace)
    size = context.blobs.size(key)
    if size is not None and size > context.settings.max_upload_bytes:
        log.warning("a file that landed under %r is larger than the platform takes", key)
        return None
    try:
        data = None if size is None else context.blobs.get(key)
    except BlobMissing:
        data = None
    if data is None:
        log.info("a file that landed under %r is gone; whoever settles one may move it away", key)
        return None
    upload = store.get(UPLOADS, dataset, name) if _ID.match(name) else None
    if upload is None:
        dropped = readable_key(name, data)
        unknown = Stored(Upload(dropped, dataset, "waiting", context.clock()), 0)
        upload = store.get(UPLOADS, dataset, dropped) or unknown
    if upload.value.state == "waiting" and not any(
        _settle(context, store, upload, data) for _ in range(COMMIT_TRIES)
    ):
        raise Lost(UPLOADS.name, upload.value.id)
    context.wake()
    _drop_other_tables(store, dataset, upload.value.id)
    forget(context, store, upload.value)
    settled = store.get(UPLOADS, dataset, upload.value.id)
    return None if settled is None else settled.value


def is_name(text: str) -> bool:
    """Whether a workspace or a dataset can have this name."""
    try:
        msgspec.convert(text, Name)
    except msgspec.ValidationError:
        return False
    return True


def _settle(context: Context, store: Workspace, upload: Stored[Upload], data: bytes) -> bool:
    """Decide and write; False if another upload of the same dataset came first, and it must be decided again."""
    wanted = replace(upload.value, digest=digest(data))
    refused = ""
    dataset = store.get(DATASETS, wanted.dataset)
    try:
        writes = _accept(context, store, Stored(wanted, upload.revision), dataset, data)
        _demand_room(writes)
    except InvalidInput as error:
        ended = replace(wanted, state="rejected", error=error.failure.cut())
        writes = [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
        refused = error.message
    try:
        store.write(*writes)
    except Lost:
        now = store.get(UPLOADS, wanted.dataset, wanted.id)
        return now is not None and now.revision != upload.revision
    if refused:
        log.warning("upload %s of dataset %s/%s rejected: %s", wanted.id, store.name, wanted.dataset, refused)
    return True


def _demand_room(writes: list[Write]) -> None:
    # Refused by the store the file would be taken up again and again: the sweeper cannot know that it never fits.
    try:
        check_writes(writes)
    except TooLarge:
        raise TooLarge("what is kept of it takes too much room: the name of its label is too long") from None


def _accept(
    context: Context, store: Workspace, upload: Stored[Upload], dataset: Stored[Dataset] | None, data: bytes
) -> list[Write]:
    """The writes that make the file a version (or point to the newest one, if it holds the same table)."""
    wanted = upload.value
    if wanted.size is not None:
        check_size(wanted.size, len(data))
    if dataset is not None and dataset.value.life == "going":
        raise InvalidData("the dataset is being deleted; upload the file again when that is done")
    latest = _latest(store, dataset)
    known = () if latest is None else read_columns(store, latest.value)
    earlier = ReadingOptions() if latest is None else latest.value.reading
    read = _read(wanted, latest, data, earlier, known)
    reading = wanted.reading.over(earlier)
    newest = None if latest is None else latest.value
    if wanted.mode == "append" and newest is not None:
        taken = appending(store, read, reading, newest)
    else:
        taken = replacing(store, read, reading, newest)
    check_values(taken.rows.table[read.label])
    counts = {"label": read.label, "added": taken.added, "repeated": taken.repeated}
    if newest is not None and newest.digest == taken.digest and newest.label == read.label:
        ended = replace(wanted, state="accepted", version=newest.version, **counts)
        return [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
    given = 0 if dataset is None else dataset.value.given
    version = _version(context, store, wanted, taken, reading, newest, given + 1, frame=is_container(data))
    series = _series(context, dataset, version)
    ended = replace(wanted, state="accepted", version=version.version, **counts)
    return [
        store.put(DATASET_VERSIONS, wanted.dataset, number(version.version), value=version, expect=0),
        store.put(DATASETS, wanted.dataset, value=series, expect=0 if dataset is None else dataset.revision),
        store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision),
        intents.data_arrived(context.system, store.name, version),
    ]


def _latest(store: Workspace, dataset: Stored[Dataset] | None) -> Stored[DatasetVersion] | None:
    """The newest version that was not deleted."""
    if dataset is None or dataset.value.latest == 0:
        return None
    return store.get(DATASET_VERSIONS, dataset.value.name, number(dataset.value.latest))


def _version(
    context: Context,
    store: Workspace,
    wanted: Upload,
    taken: Taken,
    reading: ReadingOptions,
    latest: DatasetVersion | None,
    which: int,
    *,
    frame: bool,
) -> DatasetVersion:
    """The record of a new version, whose files are written."""
    place = (wanted.dataset, wanted.id)
    columns = describe(taken.rows.table)
    earlier = reports.newest(store, latest, taken.rows.label)
    report = reporting.make_report(
        taken.read, reading, figures=columns, earlier=earlier, news=taken.news, frame=frame
    )
    return DatasetVersion(
        dataset=wanted.dataset,
        version=which,
        digest=taken.digest,
        rows=taken.rows.table.rows,
        label=taken.rows.label,
        columns=write_columns(store, columns, *place),
        column_count=len(columns),
        parts=[*taken.kept_parts, *write_parts(store, taken.packed, *place)],
        upload=wanted.id,
        created=context.clock(),
        reading=reading,
        report=reports.write(store, report, *place),
        state="held" if report.held else "open",
        strata=keep_strata(store, strata_for(store, taken.rows, latest), *place),
        appended_to=taken.appended_to,
        plain_keys=taken.plain_keys,
        key_form=taken.rows.form,
    )


def _series(context: Context, dataset: Stored[Dataset] | None, version: DatasetVersion) -> Dataset:
    """The dataset with its new version; one that was deleted begins anew, and gives no number twice."""
    which = version.version
    if dataset is None or dataset.value.life == "gone":
        return Dataset(version.dataset, version.label, which, context.clock(), which)
    return replace(dataset.value, label=version.label, latest=which, given=which)


def check_size(announced: int, arrived: int) -> None:
    """Raises `InvalidInput` for a file that is not the one that was announced."""
    if announced != arrived:
        raise InvalidInput(f"the file has {arrived} bytes, and {announced} were announced", field="size")


def _drop_other_tables(store: Workspace, dataset: str, upload_id: str) -> None:
    """Delete the tables of deliveries that came too late, or of tries that another upload came before."""
    kept: set[str] = set()
    upload = store.get(UPLOADS, dataset, upload_id)
    if upload is not None and upload.value.version is not None:
        version = store.get(DATASET_VERSIONS, dataset, number(upload.value.version))
        kept = set() if version is None else {file.key for file in version.value.files}
    remove_unused(
        store, dataset, set(store.blobs.keys(store.blob("tables", dataset, upload_id) + "/")) - kept
    )


def _read(
    upload: Upload,
    latest: Stored[DatasetVersion] | None,
    data: bytes,
    earlier: ReadingOptions,
    known: Sequence[ColumnFigures],
) -> "tables.Read":
    """The file's table and its label: the announced one, else that of the newest version, else an inferred one.

    Its cells are read as those of the newest version, whose columns are ``known``, unless the upload says otherwise.
    """
    label = upload.label if upload.label is not None or latest is None else latest.value.label
    return tables.read_file(
        data, upload.reading, label=label, earlier=earlier, known=described_schema(known).columns
    )


def forget(context: Context, store: Workspace, upload: Upload) -> None:
    """Remove the sweeper's pointer to an upload that is settled."""
    intents.forget_due(context.system, DUE_UPLOADS, f"{store.name}:{upload.dataset}:{upload.id}")


def abandon(context: Context, store: Workspace, stored: Stored[Upload]) -> None:
    """Reject an upload whose file never came."""
    problem = Failure("invalid_input", "the file never arrived; start a new upload")
    ended = replace(stored.value, state="rejected", error=problem)
    upload = stored.value
    try:
        store.write(store.put(UPLOADS, upload.dataset, upload.id, value=ended, expect=stored.revision))
    except Lost:
        return
    forget(context, store, upload)
