"""What becomes of a file that landed under an upload prefix: a new dataset version, or a reason why not.

Delivered once or many times, the event leaves one result: the upload's record decides.
"""

from datetime import timedelta

from msgspec.structs import replace

from functions.platform import Platform, log
from functions.storage import BlobExists, BlobMissing, Lost, Stored, Workspace
from functions.storage.protocols import Write
from functions.values import (
    DATASET_VERSIONS,
    DATASETS,
    DUE_UPLOADS,
    UPLOADS,
    ColumnInfo,
    Dataset,
    DatasetVersion,
    Problem,
    Upload,
    number,
)
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.conform import conform
from lepton_core.errors import InvalidData, LeptonError
from lepton_core.table import (
    Schema,
    Table,
    describe,
    infer_label,
    pack_table,
    parse_csv,
    unpack_table,
)

COMMIT_TRIES = 20
ABANDONED_AFTER = timedelta(days=1)


def incoming_key(store: Workspace, dataset: str, name: str) -> str:
    """Where the file of an upload lands."""
    return store.blob("incoming", dataset, name)


def landed(platform: Platform, key: str) -> None:
    """A file landed under ``<workspace>/incoming/<dataset>/<name>``: make it a dataset version, once.

    ``name`` is the id of an announced upload, or the name of a file that somebody put there.
    """
    parts = key.split("/")
    if len(parts) != 4 or parts[1] != "incoming":
        log.warning("a file that landed under %r belongs to no dataset", key)
        return
    workspace, _, dataset, name = parts
    store = platform.workspace(workspace)
    try:
        upload = store.get(UPLOADS, dataset, name)
        data = platform.blobs.get(key)
    except (ValueError, BlobMissing):
        log.warning("a file that landed under %r is gone or has no usable name", key)
        return
    if upload is None:
        upload = Stored(Upload(name, dataset, "waiting", platform.clock()), 0)
    if upload.value.state != "waiting":
        forget(platform, store, upload.value)
        return
    for _ in range(COMMIT_TRIES):
        if _settle(platform, store, upload, data):
            return
    raise Lost(UPLOADS.name, name)


def _settle(platform: Platform, store: Workspace, upload: Stored[Upload], data: bytes) -> bool:
    """Decide and write; False if another upload of the same dataset came first, and it must be decided again."""
    wanted = upload.value
    dataset = store.get(DATASETS, wanted.dataset)
    try:
        writes = _accept(platform, store, upload, dataset, data)
    except LeptonError as error:
        problem = Problem(error.code, error.message, error.field)
        ended = replace(wanted, state="rejected", error=problem)
        writes = [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
        log.info(
            "upload %s of dataset %s/%s rejected: %s", wanted.id, store.name, wanted.dataset, error.message
        )
    try:
        store.write(*writes)
    except Lost:
        now = store.get(UPLOADS, wanted.dataset, wanted.id)
        return now is not None and now.revision != upload.revision
    forget(platform, store, wanted)
    return True


def _accept(
    platform: Platform, store: Workspace, upload: Stored[Upload], dataset: Stored[Dataset] | None, data: bytes
) -> list[Write]:
    """The writes that make the file a version (or point to the newest one, if it holds the same table)."""
    wanted = upload.value
    label = _label(wanted, dataset, data)
    table = parse_csv(data, label=label)
    latest = None
    if dataset is not None:
        latest = store.get(DATASET_VERSIONS, wanted.dataset, number(dataset.value.latest))
    if latest is not None:
        table = conform(table, read_schema(store, latest.value))
    packed = write_container(*pack_table(table))
    table_digest = digest(packed)
    if latest is not None and latest.value.digest == table_digest:
        ended = replace(wanted, state="accepted", label=label, version=latest.value.version)
        return [store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision)]
    version = DatasetVersion(
        dataset=wanted.dataset,
        version=1 if dataset is None else dataset.value.latest + 1,
        digest=table_digest,
        rows=table.rows,
        label=label,
        columns=[ColumnInfo(**column) for column in describe(table)],
        table=store.blob("tables", wanted.dataset, wanted.id),
        upload=wanted.id,
        created=platform.clock(),
    )
    try:
        platform.blobs.put(version.table, packed)
    except BlobExists:
        # An earlier delivery of this event wrote it and died before its records did; the same file, the same bytes.
        log.debug("table of upload %s was already written", wanted.id)
    series = Dataset(wanted.dataset, label, version.version, platform.clock())
    if dataset is not None:
        series = replace(dataset.value, latest=version.version)
    ended = replace(wanted, state="accepted", label=label, version=version.version)
    return [
        store.put(DATASET_VERSIONS, wanted.dataset, number(version.version), value=version, expect=0),
        store.put(DATASETS, wanted.dataset, value=series, expect=0 if dataset is None else dataset.revision),
        store.put(UPLOADS, wanted.dataset, wanted.id, value=ended, expect=upload.revision),
    ]


def _label(upload: Upload, dataset: Stored[Dataset] | None, data: bytes) -> str:
    if dataset is None:
        return upload.label or infer_label(parse_csv(data).names)
    if upload.label not in (None, dataset.value.label):
        raise InvalidData(
            f"is not the label of this dataset; its earlier versions predict {dataset.value.label!r}",
            column=upload.label,
        )
    return dataset.value.label


def read_table(store: Workspace, version: DatasetVersion) -> Table:
    """The table of a dataset version."""
    return unpack_table(*read_container(store.blobs.get(version.table)))


def read_schema(store: Workspace, version: DatasetVersion) -> Schema:
    """The columns of a dataset version with their types and levels."""
    return read_table(store, version).schema


def forget(platform: Platform, store: Workspace, upload: Upload) -> None:
    """Remove the sweeper's pointer to an upload that is settled."""
    subject = f"{store.name}:{upload.dataset}:{upload.id}"
    due = platform.system.get(DUE_UPLOADS, subject)
    if due is not None:
        try:
            platform.system.write(platform.system.delete(DUE_UPLOADS, subject, expect=due.revision))
        except Lost:
            log.debug("somebody else forgot upload %s", upload.id)


def abandon(platform: Platform, store: Workspace, stored: Stored[Upload]) -> None:
    """Reject an upload whose file never came."""
    problem = Problem("invalid_input", "the file never arrived; start a new upload")
    ended = replace(stored.value, state="rejected", error=problem)
    upload = stored.value
    try:
        store.write(store.put(UPLOADS, upload.dataset, upload.id, value=ended, expect=stored.revision))
    except Lost:
        return
    forget(platform, store, upload)
