"""Upload: announce a file, PUT it, follow it; and the preprocessor that goes with the data."""

from contextlib import suppress
from dataclasses import fields
from itertools import islice
from typing import Annotated, Any

from chalice.app import Blueprint
from msgspec import Meta
from msgspec.structs import replace

from functions import datasets
from functions.context import current
from functions.datasets.announcing import announce, put_in, upload_view
from functions.datasets.ingest import abandon, check_size, incoming_key, landed
from functions.datasets.parts import read_columns
from functions.edge import ANSWERED_COLUMNS, COLUMN, PAGING, Call, Received, page, route
from functions.edge.media_types import FILES
from functions.edge.shapes import (
    DatasetVersionView,
    ModelView,
    Page,
    Request,
    UploadView,
    Written,
    model_view,
)
from functions.records import find
from functions.records.change import change_model
from functions.records.files import File, digest_of
from functions.records.kinds import (
    UPLOADS,
    Chain,
    DatasetVersion,
    Model,
    Upload,
    UploadMode,
    number,
)
from functions.records.names import Named, key_before, name_of
from functions.storage import BlobExists, BlobMissing, Stored, Workspace
from lepton_core.errors import Conflict, InvalidInput, NotFound, TooLarge
from lepton_core.preprocess import Preprocessor
from lepton_core.table import ColumnFigures, ReadingOptions


class ReadAgain(Written, frozen=True):
    """How a file is to be read: what is left out is as before, or found out.

    ``kinds`` names the kind of a column, ``exclude`` the columns that are left out; ``bad_rows`` is the share of rows
    that may be set aside.
    """

    label: str | None = None
    kinds: dict[str, str] | None = None
    exclude: tuple[str, ...] | None = None
    bad_rows: Annotated[float, Meta(ge=0, le=1)] | None = None

    @property
    def reading(self) -> ReadingOptions:
        """How the file is to be read."""
        return ReadingOptions(**{one.name: getattr(self, one.name) for one in fields(ReadingOptions)})


class UploadData(ReadAgain, frozen=True, kw_only=True):
    """Announce a file of ``size`` bytes, and say how it is to be read.

    ``mode`` "append" joins the rows to those of the newest version: those that are there already are not added. The
    last ``held_out`` bytes of the file may be a second file: its rows are held out from each training.
    """

    size: Annotated[int, Meta(ge=0)]
    mode: UploadMode = "replace"
    held_out: Annotated[int, Meta(ge=1)] | None = None


class UploadPreprocessor(Request, frozen=True):
    """A preprocessor as `lepton_core.preprocess` writes it."""

    preprocessor: Chain


bp = Blueprint(__name__)

_EMPTY = "the file is empty; send a table: a line with the names of its columns, and rows below it, or another form"

URL_SECONDS = 3600


@route(
    bp,
    "POST",
    "/v1/datasets/{dataset}/upload",
    scope="write",
    body=UploadData,
    returns=UploadView,
    status=201,
)
def upload(call: Call[UploadData], dataset: Named) -> UploadView:
    """Announce a file, of CSV or another form: the answer says where to PUT it."""
    size = call.body.size
    most = call.platform.settings.max_upload_bytes
    if size == 0:
        raise InvalidInput(f"0 bytes were announced: {_EMPTY}", field="size")
    if size > most:
        raise TooLarge(f"the file has {size} bytes; the most is {most}", field="size")
    if call.body.held_out is not None and call.body.held_out >= size:
        raise InvalidInput(
            "must be less than size: these are the last bytes, of a second file", field="held_out"
        )
    announced = announce(
        call.platform,
        call.store,
        dataset,
        size=size,
        label=call.body.label,
        reading=call.body.reading,
        mode=call.body.mode,
        held_out=call.body.held_out or 0,
    )
    key = incoming_key(call.store, dataset.key, announced.id)
    url = call.platform.blobs.upload_url(key, size=size, seconds=URL_SECONDS)
    place = url or f"/v1/datasets/{dataset.name}/upload/{announced.id}"
    return upload_view(call.store, announced, dataset.name, place)


@route(
    bp,
    "POST",
    "/v1/datasets/{dataset}/versions/{version}/read",
    scope="write",
    body=ReadAgain,
    returns=UploadView,
    status=202,
)
def read_again(call: Call[ReadAgain], dataset: Named, version: int) -> UploadView:
    """Read the file of a version once more, as the body says: it becomes the next version. Follow the upload.

    Rows that were appended are joined to the newest version again. Refused if the file is not kept, or is too large.
    """
    found = find.dataset_version(call.store, dataset.key, version).value
    newest = find.dataset(call.store, dataset.key).value.latest
    if found.appended_to is not None and found.version != newest:
        raise Conflict(
            f"version {version} was appended to version {found.appended_to}, and is not the newest one any more: "
            f"read version {newest} again"
        )
    before = call.store.get(UPLOADS, dataset.key, found.upload)
    held_out = 0 if before is None else before.value.held_out
    again = call.body.reading.call(2 if held_out else 1, **_label_of(call.body))
    draft = datasets.draft_of_sent(call.store, found, again)
    try:
        mode: UploadMode = "replace" if found.appended_to is None else "append"
        announced = announce(
            call.platform,
            call.store,
            dataset,
            size=draft.size,
            label=call.body.label,
            reading=call.body.reading,
            mode=mode,
            held_out=held_out,
        )
        settled = put_in(call.platform, call.store, announced, draft.put)
    finally:
        draft.drop()
    return upload_view(call.store, settled, dataset.name)


def _label_of(body: ReadAgain) -> dict[str, str]:
    return {} if body.label is None else {"label": body.label}


@route(
    bp,
    "PUT",
    "/v1/datasets/{dataset}/upload/{upload}",
    scope="write",
    body=Received,
    content_types=FILES,
    returns=UploadView,
    status=202,
)
def put_file(call: Call[Received], dataset: Named, upload: str) -> UploadView:
    """Send the announced file itself. It is kept when the answer comes; follow the upload to see what became of it."""
    stored, name = _announced(call.store, dataset, upload)
    if not call.body.size:
        raise InvalidInput(f"0 bytes came: {_EMPTY}")
    if stored.value.size is not None:
        check_size(stored.value.size, call.body.size)
    if stored.value.state == "waiting":
        key = incoming_key(call.store, stored.value.dataset, upload)
        is_kept = _keep(call, key)
        if call.platform.announce is not None:
            call.platform.announce(key)
        stored = call.store.get(UPLOADS, stored.value.dataset, upload) or stored
        if is_kept:
            return upload_view(call.store, stored.value, name)
    _check_same(stored.value, call.body)
    return upload_view(call.store, stored.value, name)


def _check_same(upload: Upload, file: Received) -> None:
    # The file of a settled upload may have been moved away since; its digest is kept. (None came for an abandoned one.)
    abandoned = upload.state == "rejected" and upload.digest is None
    if upload.state != "waiting" and not abandoned and upload.digest != file.digest:
        raise Conflict("this upload was settled with another file; announce a new one")


def _keep(call: Call[Received], key: str) -> bool:
    """Store the file under ``key``; False if that was done before. Raises `Conflict` if it was another file."""
    try:
        call.body.put(call.platform.blobs, key)
        return True
    except BlobExists as error:
        with suppress(BlobMissing):  # settled and moved away meanwhile: the record says with which file
            if digest_of(call.platform.blobs, key) != call.body.digest:
                raise Conflict(
                    "another file was already sent under this upload; announce a new one"
                ) from error
        return False


@route(bp, "GET", "/v1/datasets/{dataset}/upload/{upload}", scope="read", returns=UploadView)
def follow(call: Call[None], dataset: Named, upload: str) -> UploadView:
    """The state of an upload: waiting, accepted as a version, or rejected with the reason."""
    stored, name = _announced(call.store, dataset, upload)
    return upload_view(call.store, stored.value, name)


@route(bp, "DELETE", "/v1/datasets/{dataset}/upload/{upload}", scope="write", returns=UploadView)
def give_up(call: Call[None], dataset: Named, upload: str) -> UploadView:
    """Give up an announced file that has not come. Refused once it is there: the version that it becomes can go."""
    stored, name = _announced(call.store, dataset, upload)
    where = stored.value.dataset
    there = call.platform.blobs.size(incoming_key(call.store, where, upload)) is not None
    if stored.value.state == "accepted" or (stored.value.state == "waiting" and there):
        raise Conflict("the whole file has come: follow the upload, and delete the version that it becomes")
    if stored.value.state == "waiting":
        abandon(call.platform, call.store, stored, "the upload was cancelled")
    settled = call.store.get(UPLOADS, where, upload) or stored
    return upload_view(call.store, settled.value, name)


@route(bp, "GET", "/v1/datasets/{dataset}/uploads", scope="read", returns=Page[UploadView], query=PAGING)
def uploads(call: Call[None], dataset: Named) -> Page[UploadView]:
    """All uploads to a dataset, files that somebody put into its folder among them, with what became of each."""
    found = call.store.list(UPLOADS, dataset.key, after=call.after, limit=call.limit + 1)
    return page(
        [(key, upload_view(call.store, stored.value, dataset.name)) for key, stored in found], call.limit
    )


@route(
    bp, "GET", "/v1/datasets/{dataset}/versions", scope="read", returns=Page[DatasetVersionView], query=PAGING
)
def dataset_versions(call: Call[None], dataset: Named) -> Page[DatasetVersionView]:
    """All versions of a dataset, the oldest first."""
    find.dataset(call.store, dataset.key)
    kept = find.kept_versions(call.store, dataset.key, after=call.after)
    found = islice(kept, call.limit + 1)
    return page([(number(one.value.version), _listed(one.value, dataset.name)) for one in found], call.limit)


@route(
    bp,
    "GET",
    "/v1/datasets/{dataset}/versions/{version}",
    scope="read",
    returns=DatasetVersionView,
    query={"column": COLUMN},
)
def dataset_version(call: Call[None], dataset: Named, version: int) -> DatasetVersionView:
    """One version of a dataset: its columns with their types and statistics, and its digest.

    Of a very wide table it has some columns, from `column` on.
    """
    found = find.dataset_version(call.store, dataset.key, version).value
    begin = call.count("column")
    return _version_view(
        found, dataset.name, read_columns(call.store, found)[begin : begin + ANSWERED_COLUMNS]
    )


@route(
    bp,
    "PUT",
    "/v1/models/{model}/preprocessor",
    scope="write",
    body=UploadPreprocessor,
    returns=ModelView,
)
def upload_preprocessor(call: Call[UploadPreprocessor], model: str) -> ModelView:
    """Give the model a preprocessor; every version trained from now on is served with it."""

    def checked(found: Model) -> Model:
        return replace(found, preprocessor=Preprocessor.from_dict(call.body.preprocessor).as_dict())

    return model_view(call.store, change_model(call.store, model, checked))


@bp.on_cw_event(
    {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "object": {
                "key": [{"wildcard": f"*/{one}/*"} for one in ("incoming", "imports", "scoring", "predict")]
            }
        },
    },
    name="upload_landed",
)
def upload_landed(event: Any) -> None:
    """A file landed under the prefix of uploads, of imports, or of rows to be scored."""
    key = event.detail["object"]["key"]
    if key.split("/")[1:2] == ["imports"]:
        from functions.system import importing  # noqa: PLC0415  (few files are versions)

        importing.landed(current(), key)
        return
    if key.split("/")[1:2] in (["scoring"], ["predict"]):
        from functions.system import scoring  # noqa: PLC0415  (few files are rows to be scored)

        scoring.scoring_landed(current(), key)
        return
    landed(current(), key)


def _listed(version: DatasetVersion, name: str) -> DatasetVersionView:
    """As far as its record says: a list reads nothing else."""
    return _version_view(version, name, () if isinstance(version.columns, File) else version.columns)


def _version_view(
    version: DatasetVersion, name: str, columns: tuple[ColumnFigures, ...]
) -> DatasetVersionView:
    same = set(DatasetVersionView.__struct_fields__) - {"columns", "dataset"}
    return DatasetVersionView(
        columns=columns, dataset=name, **{field: getattr(version, field) for field in same}
    )


def _announced(store: Workspace, dataset: Named, upload: str) -> tuple[Stored[Upload], str]:
    """The upload, and what its data set is called. It may have been renamed since the upload was announced."""
    stored = store.get(UPLOADS, dataset.key, upload)
    if stored is not None:
        return stored, dataset.name
    before = key_before(store, dataset.name)
    stored = None if before is None else store.get(UPLOADS, before, upload)
    if stored is None:
        raise NotFound(f"no upload {upload!r} was announced for dataset {dataset.name!r}")
    return stored, name_of(store, stored.value.dataset)
