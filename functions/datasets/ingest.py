"""Take in a file that landed under an upload prefix: it becomes a new dataset version, or a reason why not.

Delivered once or many times, the event leaves one result: the upload's record decides.
"""

import re
from contextlib import suppress
from datetime import timedelta
from functools import cache

import msgspec
from msgspec.structs import replace

from functions import datasets
from functions.context import Context, log
from functions.datasets import reports
from functions.datasets.kept_strata import keep_strata, strata_for
from functions.datasets.parts import remove_unused, write_columns
from functions.edge.shapes import Name
from functions.records import intents
from functions.records.change import COMMIT_TRIES
from functions.records.files import digest_of, pieces
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
from functions.records.names import named
from functions.records.readable_key import readable_key
from functions.storage import BlobMissing, Lost, Stored, Workspace, Write
from functions.storage.checks import check_writes
from lepton_core import report as reporting
from lepton_core import table as tables
from lepton_core.artifact import digest, is_container
from lepton_core.errors import Failure, InvalidData, InvalidInput, TooLarge
from lepton_core.table import ReadingOptions
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
    content is another upload. A file that is larger than the platform takes is not read: its upload is rejected. One
    whose key has another form, or names that nothing can have, is passed over.

    Returns the upload as it was settled; None if the file was passed over, is gone, or another thread is at it.
    """
    with context.under_way.alone(key) as alone:
        # The request, the watcher and the sweeper of one process may all have heard of it; parsing it once is enough.
        return _take_in(context, key) if alone else None


def _take_in(context: Context, key: str) -> Upload | None:
    found = _found(context, key)
    if found is None:
        return None
    store, upload, size = found
    if size > context.settings.max_upload_bytes:
        return _reject(context, store, upload, too_large(size, context).failure)
    try:
        if upload.value.state == "waiting" and not any(
            _settle(context, store, upload, key, size) for _ in range(COMMIT_TRIES)
        ):
            raise Lost(UPLOADS.name, upload.value.id)
    except BlobMissing:
        log.info(_IS_GONE, key)
        return None
    context.wake()
    return _settled(context, store, upload.value)


def _found(context: Context, key: str) -> tuple[Workspace, Stored[Upload], int] | None:
    """The upload that a file belongs to, or becomes, and the size of the file; None if it is passed over, or gone."""
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
    upload = store.get(UPLOADS, dataset, name) if _ID.match(name) else None
    if upload is not None:
        return store, upload, size
    try:
        # Nothing is read of what is too large, so that its size stands for what it holds.
        large = size > context.settings.max_upload_bytes
        dropped = readable_key(name, f"{name} {size}".encode() if large else pieces(context.blobs, key))
    except BlobMissing:
        log.info(_IS_GONE, key)
        return None
    key_of_it = named(store, dataset).key
    unknown = Stored(Upload(dropped, key_of_it, "waiting", context.clock(), called=dataset), 0)
    return store, store.get(UPLOADS, key_of_it, dropped) or unknown, size


def reject(context: Context, key: str, error: Failure) -> Upload | None:
    """Settle the file that landed under ``key`` as one that cannot be read, for a reason that is not in it."""
    found = _found(context, key)
    if found is None:
        return None
    store, upload, _ = found
    return _reject(context, store, upload, error, digest_of(context.blobs, key))


def too_large(size: int, context: Context) -> TooLarge:
    """The error for a file that has more bytes than the platform takes."""
    return TooLarge(f"the file has {size} bytes; the most is {context.settings.max_upload_bytes}")


def _reject(
    context: Context, store: Workspace, upload: Stored[Upload], error: Failure, its_digest: str | None = None
) -> Upload | None:
    if upload.value.state == "waiting":
        ended = replace(upload.value, state="rejected", error=error, digest=its_digest)
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


def _settle(context: Context, store: Workspace, upload: Stored[Upload], key: str, size: int) -> bool:
    """Decide and write; False if another upload of the same dataset came first, and it must be decided again."""
    refused = ""
    dataset = store.get(DATASETS, upload.value.dataset)
    file, its_digest = _opened(context, key, size, upload.value, dataset)
    wanted = replace(upload.value, digest=its_digest)
    try:
        if isinstance(file, bytes):
            datasets.demand_memory(file, context.settings.memory_bytes)
        if wanted.size is not None:
            check_size(wanted.size, size)
        writes = _accept(context, store, Stored(wanted, upload.revision), dataset, file)
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


def _opened(
    context: Context, key: str, size: int, upload: Upload, dataset: Stored[Dataset] | None
) -> "tuple[datasets.UploadedFile, str]":
    """All of a file, the key of one that is too large for that, or what was read of it already; and its digest."""
    its_digest = cache(lambda: digest_of(context.blobs, key))
    if dataset is None or dataset.value.latest == 0:
        read = tables.handed_over(its_digest, upload.reading, upload.label, upload.held_out)
        if read is not None:
            return read, its_digest()
    least, in_parts = context.settings.large_file_bytes, _in_parts(upload, dataset)
    if in_parts and size >= least and datasets.is_large(context.blobs, key, least):
        return key, its_digest()
    data = context.blobs.get(key)
    if in_parts and size < least and datasets.unpacks_to_large(data, least):
        return key, digest(data)
    return data, digest(data)


def _in_parts(upload: Upload, dataset: Stored[Dataset] | None) -> bool:
    """Whether a file may be read some of it at a time. Rows that are joined to others are in memory with them."""
    is_joined = upload.mode == "append" and dataset is not None and dataset.value.latest > 0
    return not (upload.held_out or is_joined)


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
    file: "datasets.UploadedFile",
) -> list[Write]:
    """The writes that make the file a version (or point to the newest one, if it holds the same table)."""
    wanted = upload.value
    if dataset is not None and dataset.value.life == "going":
        raise InvalidData("the dataset is being deleted; upload the file again when that is done")
    _check_name(wanted, dataset)
    latest = _latest(store, dataset)
    newest = None if latest is None else latest.value
    reading = wanted.reading.over(ReadingOptions() if newest is None else newest.reading)
    taken = datasets.read_upload(store, wanted, file, reading, newest, context.settings.memory_bytes)
    label, held_out = taken.read.label, taken.read.held_out
    labels = taken.rows.table[label]
    check_values(labels.take(slice(len(labels) - held_out)), taken.read.notes)
    counts = {"label": label, "added": taken.added, "repeated": taken.repeated}
    same = newest is not None and (newest.digest, newest.label, newest.held_out) == (
        taken.digest,
        label,
        held_out,
    )
    if newest is not None and same:
        ended = replace(wanted, state="accepted", version=newest.version, **counts)
        return [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
    given = 0 if dataset is None else dataset.value.given
    frame = isinstance(file, bytes) and is_container(file)
    version = _version(context, store, wanted, taken, reading, newest, given + 1, frame=frame)
    series = _series(context, dataset, version)
    ended = replace(wanted, state="accepted", version=version.version, **counts)
    return [
        store.put(DATASET_VERSIONS, wanted.dataset, number(version.version), value=version, expect=0),
        store.put(DATASETS, wanted.dataset, value=series, expect=0 if dataset is None else dataset.revision),
        store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision),
        intents.data_arrived(context.system, store.name, version),
    ]


def _check_name(wanted: Upload, dataset: Stored[Dataset] | None) -> None:
    """Raises `InvalidData` for the first file of a data set whose name another one was given since it was announced."""
    said = wanted.called or wanted.dataset
    if dataset is not None and dataset.value.is_free and dataset.value.called != said:
        raise InvalidData(f"another dataset was renamed to {said!r} meanwhile; upload the file again")


def _latest(store: Workspace, dataset: Stored[Dataset] | None) -> Stored[DatasetVersion] | None:
    """The newest version that was not deleted."""
    if dataset is None or dataset.value.latest == 0:
        return None
    return store.get(DATASET_VERSIONS, dataset.value.name, number(dataset.value.latest))


def _version(
    context: Context,
    store: Workspace,
    wanted: Upload,
    taken: "datasets.Taken | datasets.LargeTaken",
    reading: ReadingOptions,
    latest: DatasetVersion | None,
    which: int,
    *,
    frame: bool,
) -> DatasetVersion:
    """The record of a new version, whose files are written."""
    place = (wanted.dataset, wanted.id)
    columns = taken.figures()
    earlier = reports.newest(store, latest, taken.rows.label)
    report = reporting.make_report(
        taken.read,
        reading,
        figures=columns,
        earlier=earlier,
        news=taken.news,
        frame=frame,
        labels=taken.rows.table[taken.rows.label],
    )
    return DatasetVersion(
        dataset=wanted.dataset,
        version=which,
        digest=taken.digest,
        rows=taken.rows.table.rows,
        label=taken.rows.label,
        columns=write_columns(store, columns, *place),
        column_count=len(columns),
        parts=taken.parts(store, *place),
        upload=wanted.id,
        created=context.clock(),
        reading=reading,
        report=reports.write(store, report, *place),
        state="held" if report.held else "open",
        strata=keep_strata(store, strata_for(store, taken.rows, latest), *place),
        appended_to=taken.appended_to,
        plain_keys=taken.plain_keys,
        key_form=taken.rows.form,
        held_out=taken.read.held_out,
    )


def _series(context: Context, dataset: Stored[Dataset] | None, version: DatasetVersion) -> Dataset:
    """The dataset with its new version; one that was deleted begins anew, and gives no number twice."""
    which = version.version
    if dataset is None:
        return Dataset(version.dataset, version.label, which, context.clock(), which)
    if dataset.value.is_free:
        names = dataset.value.names
        return Dataset(version.dataset, version.label, which, context.clock(), which, names=names)
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


def forget(context: Context, store: Workspace, upload: Upload) -> None:
    """Remove the sweeper's pointer to an upload that is settled."""
    intents.forget_due(context.system, DUE_UPLOADS, f"{store.name}:{upload.dataset}:{upload.id}")


NEVER_CAME = "the file never arrived; start a new upload"


def abandon(context: Context, store: Workspace, stored: Stored[Upload], why: str = NEVER_CAME) -> None:
    """Reject an upload whose file did not come."""
    problem = Failure("invalid_input", why)
    ended = replace(stored.value, state="rejected", error=problem)
    upload = stored.value
    try:
        store.write(store.put(UPLOADS, upload.dataset, upload.id, value=ended, expect=stored.revision))
    except Lost:
        return
    forget(context, store, upload)
