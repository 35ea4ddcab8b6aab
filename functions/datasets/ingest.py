"""Take in a file that landed under an upload prefix: it becomes a new dataset version, or a reason why not.

Delivered once or many times, the event leaves one result: the upload's record decides.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from functions.context import Context, log
from functions.datasets import reports
from functions.datasets.kept_strata import keep_strata, strata_for
from functions.datasets.large_files import TakenFile, demand_memory, is_text, take_large, take_small
from functions.datasets.parts import read_columns, write_columns
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
from functions.storage.pieces import digest_of, pieces
from lepton_core import report as reporting
from lepton_core import table as tables
from lepton_core.artifact import digest, is_container
from lepton_core.conform import demand_columns
from lepton_core.errors import Failure, InvalidData, InvalidInput, TooLarge
from lepton_core.table import (
    ColumnFigures,
    ReadingOptions,
    described_schema,
)
from lepton_core.target import check_values

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}\Z")

ABANDONED_AFTER = timedelta(days=1)

_IS_GONE = "a file that landed under %r is gone; whoever settles one may move it away"


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
    found = _found(context, key)
    if found is None:
        return None
    store, upload = found
    try:
        if upload.value.state == "waiting" and not any(
            _settle(context, store, upload, key) for _ in range(COMMIT_TRIES)
        ):
            raise Lost(UPLOADS.name, upload.value.id)
    except BlobMissing:
        log.info(_IS_GONE, key)
        return None
    context.wake()
    return _settled(context, store, upload.value)


def _found(context: Context, key: str) -> tuple[Workspace, Stored[Upload]] | None:
    """The upload that a file belongs to, or becomes; None if it is passed over, or gone."""
    parts = key.split("/")
    if len(parts) != 4 or parts[1] != "incoming" or not all(map(is_name, (parts[0], parts[2]))):
        log.warning("a file that landed under %r belongs to no dataset", key)
        return None
    workspace, _, dataset, name = parts
    store = context.workspace(workspace)
    size = context.blobs.size(key)
    if size is None:
        log.info(_IS_GONE, key)
        return None
    if size > context.settings.max_upload_bytes:
        log.warning("a file that landed under %r is larger than the platform takes", key)
        return None
    upload = store.get(UPLOADS, dataset, name) if _ID.match(name) else None
    if upload is not None:
        return store, upload
    try:
        dropped = readable_key(name, pieces(context.blobs, key))
    except BlobMissing:
        log.info(_IS_GONE, key)
        return None
    unknown = Stored(Upload(dropped, dataset, "waiting", context.clock()), 0)
    return store, store.get(UPLOADS, dataset, dropped) or unknown


def reject(context: Context, key: str, error: Failure) -> Upload | None:
    """Settle the file that landed under ``key`` as one that cannot be read, for a reason that is not in it."""
    found = _found(context, key)
    if found is None:
        return None
    store, upload = found
    if upload.value.state == "waiting":
        ended = replace(upload.value, state="rejected", error=error, digest=digest_of(context.blobs, key))
        with suppress(Lost):
            store.write(store.put(UPLOADS, ended.dataset, ended.id, value=ended, expect=upload.revision))
        log.warning(
            "upload %s of dataset %s/%s rejected: %s", ended.id, store.name, ended.dataset, error.message
        )
    return _settled(context, store, upload.value)


def _settled(context: Context, store: Workspace, upload: Upload) -> Upload | None:
    _drop_other_tables(store, upload.dataset, upload.id)
    forget(context, store, upload)
    settled = store.get(UPLOADS, upload.dataset, upload.id)
    return None if settled is None else settled.value


def is_name(text: str) -> bool:
    """Whether a workspace or a dataset can have this name."""
    try:
        msgspec.convert(text, Name)
    except msgspec.ValidationError:
        return False
    return True


def _settle(context: Context, store: Workspace, upload: Stored[Upload], key: str) -> bool:
    """Decide and write; False if another upload of the same dataset came first, and it must be decided again."""
    size = context.blobs.size(key)
    large = size is not None and size >= context.settings.large_file_bytes and is_text(store, key)
    data = None if large else context.blobs.get(key)
    wanted = replace(upload.value, digest=digest_of(context.blobs, key) if data is None else digest(data))
    refused = ""
    dataset = store.get(DATASETS, wanted.dataset)
    try:
        if data is not None:
            demand_memory(len(data), context.settings.memory_bytes)
        writes = _accept(
            context, store, Stored(wanted, upload.revision), dataset, key if data is None else data
        )
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
    context: Context,
    store: Workspace,
    upload: Stored[Upload],
    dataset: Stored[Dataset] | None,
    file: bytes | str,
) -> list[Write]:
    """The writes that make the file a version (or point to the newest one, if it holds the same table).

    ``file`` is all of it, or the key of one that is too large for that.
    """
    wanted = upload.value
    if wanted.size is not None:
        check_size(wanted.size, len(file) if isinstance(file, bytes) else context.blobs.size(file) or 0)
    latest = None
    if dataset is not None:
        latest = store.get(DATASET_VERSIONS, wanted.dataset, number(dataset.value.latest))
    known = () if latest is None else read_columns(store, latest.value)
    earlier = ReadingOptions() if latest is None else latest.value.reading
    taken = _taken(context, store, wanted, dataset, file, earlier, known)
    label = taken.read.label
    reading = wanted.reading.over(earlier)
    demand_columns(taken.read.table, [column.name for column in known], reading)
    check_values(taken.labels.table[label])
    if latest is not None and latest.value.digest == taken.digest:
        ended = replace(wanted, state="accepted", label=label, version=latest.value.version)
        return [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
    earlier_report = reports.newest(store, None if latest is None else latest.value)
    report = reporting.make_report(
        taken.read,
        reading,
        figures=taken.figures,
        earlier=earlier_report,
        frame=isinstance(file, bytes) and is_container(file),
        rows=taken.rows,
    )
    version = DatasetVersion(
        dataset=wanted.dataset,
        version=1 if dataset is None else dataset.value.latest + 1,
        digest=taken.digest,
        rows=taken.rows,
        label=label,
        columns=write_columns(store, taken.figures, wanted.dataset, wanted.id),
        column_count=len(taken.figures),
        parts=taken.parts(),
        upload=wanted.id,
        created=context.clock(),
        reading=reading,
        report=reports.write(store, report, wanted.dataset, wanted.id),
        state="held" if report.held else "open",
        strata=keep_strata(
            store,
            strata_for(store, taken.labels, None if latest is None else latest.value),
            wanted.dataset,
            wanted.id,
        ),
    )
    series = Dataset(wanted.dataset, label, version.version, context.clock())
    if dataset is not None:
        series = replace(dataset.value, latest=version.version)
    ended = replace(wanted, state="accepted", label=label, version=version.version)
    return [
        store.put(DATASET_VERSIONS, wanted.dataset, number(version.version), value=version, expect=0),
        store.put(DATASETS, wanted.dataset, value=series, expect=0 if dataset is None else dataset.revision),
        store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision),
        intents.data_arrived(context.system, store.name, version),
    ]


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
    for key in store.blobs.keys(store.blob("tables", dataset, upload_id) + "/"):
        if key not in kept:
            store.blobs.delete(key)


def _taken(
    context: Context,
    store: Workspace,
    upload: Upload,
    dataset: Stored[Dataset] | None,
    file: bytes | str,
    earlier: ReadingOptions,
    known: Sequence[ColumnFigures],
) -> TakenFile:
    """The file as a table. Its label is that of the dataset, for a first version the announced or inferred one.

    Its cells are read as those of the newest version, whose columns are ``known``, unless the upload says otherwise.
    """
    if dataset is not None and upload.label not in (None, dataset.value.label):
        raise InvalidData(
            f"is not the label of this dataset; its earlier versions predict {dataset.value.label!r}",
            column=upload.label,
        )
    label = upload.label if dataset is None else dataset.value.label
    path = (upload.dataset, upload.id)
    if isinstance(file, str):
        memory = context.settings.memory_bytes
        return take_large(store, file, path, upload.reading, label, earlier, known, memory_bytes=memory)
    read = tables.read_file(
        file, upload.reading, label=label, earlier=earlier, known=described_schema(known).columns
    )
    return take_small(store, path, read)


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
