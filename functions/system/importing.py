"""Take in the file of an exported version: it becomes the next version of its model, or a reason why not.

Delivered once or many times, the event leaves one result: the record of the import decides.
"""

import json
from dataclasses import asdict
from typing import cast

from msgspec.structs import replace

from functions.context import Context, log
from functions.datasets.ingest import ABANDONED_AFTER, NEVER_CAME, check_size, is_name
from functions.records import find, intents
from functions.records.change import COMMIT_TRIES
from functions.records.files import Blended, Extras, File, Served, write_once
from functions.records.imported import IMPORTS, Import, Imported
from functions.records.kinds import DUE_UPLOADS, MODELS, VERSIONS, DueUpload, Model, Version, number
from functions.records.names import named, waited_for
from functions.storage import BlobMissing, Lost, Stored, Workspace, Write
from functions.storage.checks import check_writes
from functions.system.import_check import Arrived, checked
from lepton_core.artifact import digest
from lepton_core.errors import Conflict, Failure, InvalidInput, TooLarge

MOST_IMPORTED_BYTES = 1_000_000_000
"""Of one file: it is in memory whole while it is checked."""


def landing_key(store: Workspace, model: str, name: str) -> str:
    """Where the file of an import lands."""
    return store.blob("imports", model, name)


def most_bytes(context: Context) -> int:
    """The largest file that is taken in: a quarter of the memory, if it is known how much there is."""
    settings = context.settings
    return min(
        settings.max_upload_bytes, MOST_IMPORTED_BYTES, settings.memory_bytes // 4 or MOST_IMPORTED_BYTES
    )


def landed(context: Context, key: str) -> None:
    """A file landed under ``<workspace>/imports/<model>/<id>``: make it a version, once.

    One that nobody announced, or whose key has another form, is passed over.
    """
    with context.under_way.alone(key) as alone:
        if alone:
            _take_in(context, key)


def look_after(context: Context, due: DueUpload) -> None:
    """What the sweep does about an import: take in a file that is there, give up one that never came, tidy up."""
    store = context.workspace(due.workspace)
    model, name = due.dataset, due.upload
    key, stored = landing_key(store, model, name), store.get(IMPORTS, model, name)
    if stored is None:
        log.warning("import %s of model %s/%s has a pointer and no record", name, due.workspace, model)
    elif stored.value.state != "waiting":
        _tidy_up(context, store, stored.value)
    elif context.blobs.size(key) is not None:
        landed(context, key)
    elif context.clock() - stored.value.created > ABANDONED_AFTER:
        gone = _rejection(store, stored, Failure("invalid_input", NEVER_CAME))
        if _write_unless_settled(store, stored.value, [gone]):
            _tidy_up(context, store, stored.value)


def _take_in(context: Context, key: str) -> None:
    parts = key.split("/")
    if len(parts) != 4 or not all(map(is_name, parts)):
        log.warning("a file that landed under %r belongs to no import", key)
        return
    store = context.workspace(parts[0])
    stored = store.get(IMPORTS, parts[2], parts[3])
    if stored is None:
        log.warning("nobody announced the file that landed under %r", key)
        return
    if stored.value.state == "waiting":
        try:
            _settle(context, store, stored, key)
        except BlobMissing:
            log.info("the file that landed under %r is gone; whoever settles one removes it", key)
            return
    _tidy_up(context, store, stored.value)


def _settle(context: Context, store: Workspace, stored: Stored[Import], key: str) -> None:
    try:
        size = context.blobs.size(key)
        if size is None:
            raise BlobMissing(key)
        check_size(stored.value.size, size)
        data = context.blobs.get(key)
        stored = Stored(replace(stored.value, digest=digest(data)), stored.revision)
        arrived = checked(data)
    except InvalidInput as error:
        _write_unless_settled(store, stored.value, [_rejection(store, stored, error.failure.cut())])
        return
    for _ in range(COMMIT_TRIES):
        try:
            writes = _accept(context, store, stored, arrived)
            check_writes(writes)
        except TooLarge:
            problem = TooLarge("what the file says of the version takes too much room in a record")
            writes = [_rejection(store, stored, problem.failure)]
        except Conflict as error:
            writes = [_rejection(store, stored, error.failure.cut())]
        if _write_unless_settled(store, stored.value, writes):
            return
    raise Lost(IMPORTS.name, stored.value.id)


def _write_unless_settled(store: Workspace, wanted: Import, writes: list[Write]) -> bool:
    """Whether the import is settled now; False if something else has changed, and it must be decided again."""
    try:
        store.write(*writes)
    except Lost:
        now = store.get(IMPORTS, wanted.model, wanted.id)
        return now is not None and now.value.state != "waiting"
    return True


def _rejection(store: Workspace, stored: Stored[Import], error: Failure) -> Write:
    wanted = stored.value
    log.warning("import %s of model %s/%s rejected: %s", wanted.id, store.name, wanted.model, error.message)
    ended = replace(wanted, state="rejected", error=error)
    return store.put(IMPORTS, wanted.model, wanted.id, value=ended, expect=stored.revision)


def _accept(context: Context, store: Workspace, stored: Stored[Import], arrived: Arrived) -> list[Write]:
    """The writes that make the file a version; or name the one that the model has of the same artifact."""
    wanted, head = stored.value, arrived.export.head
    found = store.get(MODELS, wanted.model)
    if found is not None:
        model = find.active_model(store, wanted.model).value
        if model.task not in (None, head.task):
            raise Conflict(
                f"model {model.name!r} is a {model.task}, and the file holds a {head.task}; import it under another "
                "name",
                field="task",
            )
        same = _version_of(store, model.name, head.answers.digest)
        if same is not None:
            ended = replace(wanted, state="accepted", version=same)
            return [store.put(IMPORTS, wanted.model, wanted.id, value=ended, expect=stored.revision)]
        also: list[Write] = []
    else:
        model = _new_model(context, store, wanted, arrived)
        also = waited_for(store, model.dataset, model.created)
    version = _version(context, store, wanted, model, arrived)
    changed = replace(model, latest=version.version, task=head.task)
    ended = replace(wanted, state="accepted", version=version.version, made=True)
    return [
        store.put(VERSIONS, model.name, number(version.version), value=version, expect=0),
        store.put(MODELS, model.name, value=changed, expect=0 if found is None else found.revision),
        store.put(IMPORTS, wanted.model, wanted.id, value=ended, expect=stored.revision),
        *also,
    ]


def _version_of(store: Workspace, model: str, artifact: str) -> int | None:
    """The newest version of the model that answers by the ``artifact`` of that digest."""
    found = (one.value for _, one in store.all(VERSIONS, model))
    return max((one.version for one in found if one.answers.digest == artifact), default=None)


def _new_model(context: Context, store: Workspace, wanted: Import, arrived: Arrived) -> Model:
    head = arrived.export.head
    return Model(
        name=wanted.model,
        algorithm=head.members[0].algorithm if head.members else head.algorithm,
        dataset=named(store, wanted.dataset).key,
        created=context.clock(),
        preprocessor=head.preprocessor,
    )


def _version(context: Context, store: Workspace, wanted: Import, model: Model, arrived: Arrived) -> Version:
    """The record of the version, whose files are written: under the import's id, as those of a run under that."""
    export, head, answers = arrived.export, arrived.export.head, arrived.export.head.answers

    def kept(name: str, data: bytes | memoryview) -> File:
        # An address of S3 takes several files: what was written of another one must not pass for this one's.
        of_it = digest(data)
        return write_once(store, store.blob("runs", wanted.id, f"{name}-{of_it[-16:]}"), bytes(data), of_it)

    artifact = kept("artifact", export.artifact)
    came = Imported(
        head.model,
        head.version,
        arrived.created,
        arrived.predictor.label,
        head.data.name,
        head.data.version,
        head.judged.digest,
        head=kept("head", json.dumps(asdict(head)).encode()),
        card=kept("card", export.card.encode()),
        reading=head.reading,
    )
    return Version(
        model=model.name,
        version=model.latest + 1,
        algorithm=head.algorithm,
        task=head.task,
        artifact=artifact,
        run=wanted.id,
        dataset=model.dataset,
        dataset_version=0,
        dataset_digest=head.data.digest,
        hyperparameters=head.hyperparameters,
        metrics=head.metrics,
        evaluation=kept("evaluation", export.evaluation),
        loss=[],
        created=context.clock(),
        preprocessor=head.preprocessor,
        weight=arrived.predictor.weight,
        class_weight=cast("dict[str, float] | None", head.class_weight),
        split=head.split,
        default_steps=head.default_steps,
        rows=head.judged.rows,
        served=None if head.served is None else Served(artifact, answers.rows),
        members=[Blended(one.algorithm, one.hyperparameters, one.weight) for one in head.members],
        decision=arrived.decision,
        extras=Extras(head.calibrate, head.uncertainty),
        libraries=head.libraries or {},
        imported=came,
    )


def _tidy_up(context: Context, store: Workspace, settled: Import) -> None:
    """Remove what an import that is settled left behind: files that no version names, the file itself, the pointer."""
    now = store.get(IMPORTS, settled.model, settled.id)
    made = now.value.version if now is not None and now.value.made else None
    version = None if made is None else store.get(VERSIONS, settled.model, number(made))
    names = set() if version is None else {file.key for file in version.value.files}
    for key in store.blobs.keys(store.blob("runs", settled.id) + "/"):
        if key not in names:
            store.blobs.delete(key)
    store.blobs.delete(landing_key(store, settled.model, settled.id))
    intents.forget_due(context.system, DUE_UPLOADS, f"{store.name}:{settled.model}:{settled.id}")
