"""Take up a file of rows that landed: a run scores it, or the record of the file says why not.

Delivered once or many times, the event leaves one run, which is queued in the transaction that settles the record.
"""

from contextlib import suppress
from itertools import chain

from msgspec.structs import replace

from functions.context import Context, Platform, log
from functions.datasets.ingest import ABANDONED_AFTER, NEVER_CAME, check_size, is_name
from functions.records import find, intents
from functions.records.files import File, digest_of, pieces
from functions.records.kinds import DATASETS, DUE_RUNS, DUE_UPLOADS, MODELS, DueUpload, Model
from functions.records.readable_key import readable_key
from functions.records.scorings import SCORINGS, Scoring, has_room_beside, is_result, landing_key
from functions.runs import kept
from functions.runs.ending import cancel, give_up
from functions.runs.job import ScoreJob
from functions.runs.new_run import new_run, queue
from functions.runs.record import RUNS, has_ended
from functions.storage import BlobMissing, Lost, Stored, Workspace, Write
from lepton_core.errors import Conflict, Failure, LeptonError, NotFound, TooMany
from lepton_core.evaluate import LabelRule
from lepton_core.table import ReadingOptions
from lepton_core.table.file_rows import reading_to_predict

_HEAD_BYTES = 4096


def scoring_landed(platform: Platform, key: str) -> None:
    """A file landed under ``scoring/<model>/<id>`` or ``predict/<model>/<name>`` of a workspace: score it, once.

    One that nobody announced, a result, a folder, or one whose key has another form is passed over.
    """
    with platform.under_way.alone(key) as alone:
        if not alone:
            return
        parts = key.split("/")
        if len(parts) != 4 or not is_name(parts[0]) or not is_name(parts[2]):
            log.warning("a file that landed under %r belongs to no model", key)
            return
        if parts[1] == "predict" and not has_room_beside(key):
            if parts[3]:  # without a name it is what S3 has for a folder
                log.warning(
                    "the file that landed under %r is not scored: give it a shorter, plainer name", key
                )
            return
        store = platform.workspace(parts[0])
        try:
            stored = (
                _announced(store, key, parts)
                if parts[1] == "scoring"
                else _dropped(platform, store, key, parts)
            )
            if stored is not None:
                _take_up(platform, store, stored, key, beside=parts[1] != "scoring")
        except BlobMissing:
            log.info("the file that landed under %r is gone", key)


def _announced(store: Workspace, key: str, parts: list[str]) -> Stored[Scoring] | None:
    found = store.get(SCORINGS, parts[2], parts[3])
    if found is None:
        log.warning("nobody announced the file that landed under %r", key)
    return found


def _dropped(platform: Platform, store: Workspace, key: str, parts: list[str]) -> Stored[Scoring] | None:
    """The record of a file that somebody put there: the same name with other content is another one.

    One that was refused before it had a run is judged anew: a version may serve by now.
    """
    model, name = parts[2], parts[3]
    if is_result(name):
        return None
    identity = _identity(platform, key, name)
    found = store.get(SCORINGS, model, identity)
    if found is None:
        return Stored(Scoring(identity, model, name, "waiting", platform.clock()), 0)
    if found.value.state == "rejected":
        return Stored(replace(found.value, state="waiting", error=None), found.revision)
    return found


def _identity(platform: Platform, key: str, name: str) -> str:
    return readable_key(name, chain([f"{name}\n".encode()], pieces(platform.blobs, key)))


def _take_up(
    platform: Platform, store: Workspace, stored: Stored[Scoring], key: str, *, beside: bool
) -> None:
    wanted = stored.value
    if wanted.state == "waiting":
        try:
            queued(platform, store, stored, key, beside=beside)
        except TooMany as error:
            if beside:
                _remember(platform, store, stored)
            log.info("the file that landed under %r waits: %s", key, error.message)
            return
        except (Lost, Conflict) as error:
            now = store.get(SCORINGS, wanted.model, wanted.id)
            if now is None or now.value.state == "waiting":
                if beside:
                    raise
                log.info("the file that landed under %r is taken up later: %s", key, error)
                return
    settled = store.get(SCORINGS, wanted.model, wanted.id)
    if settled is not None:
        _tidy_up(platform, store, settled.value, key, beside=beside)
        if settled.value.run is not None:
            platform.runner.start(store.name, settled.value.run)


def _remember(platform: Platform, store: Workspace, stored: Stored[Scoring]) -> None:
    """Leave a pointer to a file that somebody put there, for the sweep: nobody sees it land again."""
    wanted, subject = stored.value, f"{store.name}:{stored.value.model}:{stored.value.id}"
    if platform.system.get(DUE_UPLOADS, subject) is not None:
        return
    due = DueUpload(store.name, wanted.model, wanted.id, platform.clock(), "dropped")
    with suppress(Lost):
        store.write(
            store.put(SCORINGS, wanted.model, wanted.id, value=wanted, expect=stored.revision),
            platform.system.put(DUE_UPLOADS, subject, value=due, expect=0),
        )


def queued(platform: Platform, store: Workspace, stored: Stored[Scoring], key: str, *, beside: bool) -> None:
    """Queue the run in the transaction that settles the record; or write why the file is refused."""
    wanted = stored.value
    try:
        size = platform.blobs.size(key)
        if size is None:
            raise BlobMissing(key)
        if wanted.size is not None:
            check_size(wanted.size, size)
        model = find.active_model(store, wanted.model)
        version, artifact, rule, serves = chosen(store, wanted.model, wanted.version)
        head = platform.blobs.read(key, 0, _HEAD_BYTES) if size else b""
        # A column that no version learns from is one of the file all the same.
        reading = reading_to_predict(
            head,
            lambda: ReadingOptions(sheet=kept_reading(store, model.value).sheet),
            wanted.reading.sheet,
            wanted.reading,
        )
        its_digest = digest_of(platform.blobs, key)
    except LeptonError as error:
        if beside and isinstance(error, NotFound | Conflict):
            log.warning("the file that landed under %r is not scored: %s", key, error.message)
        gone = replace(wanted, state="rejected", error=error.failure.cut())
        store.write(store.put(SCORINGS, wanted.model, wanted.id, value=gone, expect=stored.revision))
        return
    job = ScoreJob(key, wanted.name, version, artifact, rule, reading, serves, beside, its_digest)
    run = new_run(platform, wanted.model, job)
    taken = replace(wanted, state="accepted", digest=its_digest, run=run.id)
    also: list[Write] = [
        store.put(SCORINGS, wanted.model, wanted.id, value=taken, expect=stored.revision),
        store.check(MODELS, wanted.model, expect=model.revision),
    ]
    queue(platform, store, run, None, also)


def chosen(store: Workspace, model: str, wanted: int | None) -> tuple[int, File, LabelRule | None, bool]:
    """The version that scores, its artifact, its rule for labels, and whether it is the one that serves.

    Without a wish that is the version that serves; a canary beside it gets no file. Raises `NotFound`, `Conflict`.
    """
    if wanted is None:
        deployment = find.deployment(store, model).value
        if deployment.state == "stopped":
            raise Conflict(f"model {model!r} is retired and serves no more")
        share = deployment.routes[0]
        return share.version, share.artifact, share.rule, True
    version = find.version(store, model, wanted).value
    rule = None if version.decision is None else version.decision.rule
    return wanted, version.answers, rule, False


def kept_reading(store: Workspace, model: Model) -> ReadingOptions:
    """What was said of the files of the data set; without a version of it, of those that an import learnt from."""
    found = store.get(DATASETS, model.dataset)
    if found is not None and found.value.life != "gone" and found.value.latest:
        return find.dataset_version(store, model.dataset, found.value.latest).value.reading
    which = model.champion or model.latest
    came = find.version(store, model.name, which).value.imported if which else None
    return ReadingOptions() if came is None else came.reading


def look_after(platform: Platform, due: DueUpload) -> None:
    """What the sweep does about an announced file: take up one that is there, give up one that never came, tidy up."""
    store = platform.workspace(due.workspace)
    model, name = due.dataset, due.upload
    key, stored = landing_key(store, model, name), store.get(SCORINGS, model, name)
    if stored is None:
        log.warning("file %s of model %s/%s has a pointer and no record", name, due.workspace, model)
    elif due.of == "dropped":
        _look_after_dropped(platform, store, due, stored)
    elif stored.value.state != "waiting":
        _tidy_up(platform, store, stored.value, key, beside=False)
    elif platform.blobs.size(key) is not None:
        scoring_landed(platform, key)
    elif platform.clock() - stored.value.created > ABANDONED_AFTER:
        reject(platform, store, stored, NEVER_CAME)


def _look_after_dropped(
    platform: Platform, store: Workspace, due: DueUpload, stored: Stored[Scoring]
) -> None:
    wanted, is_there = stored.value, False
    if wanted.state == "waiting":
        key = store.blob("predict", wanted.model, wanted.name)
        with suppress(BlobMissing):
            is_there = _identity(platform, key, wanted.name) == wanted.id
        scoring_landed(platform, key)
        now = store.get(SCORINGS, wanted.model, wanted.id)
        wanted = wanted if now is None else now.value
    # One that was removed, or that another one replaced, waits no longer than one that never comes.
    waited = platform.clock() - due.since
    if wanted.state != "waiting" or (waited > ABANDONED_AFTER and not is_there):
        intents.forget_due(platform.system, DUE_UPLOADS, f"{store.name}:{wanted.model}:{wanted.id}")


def reject(platform: Platform, store: Workspace, stored: Stored[Scoring], why: str) -> None:
    """Settle an announced file as one that is not scored. Raises `Lost` if it was settled otherwise meanwhile."""
    gone = replace(stored.value, state="rejected", error=Failure("invalid_input", why))
    store.write(store.put(SCORINGS, gone.model, gone.id, value=gone, expect=stored.revision))
    _tidy_up(platform, store, gone, landing_key(store, gone.model, gone.id), beside=False)


def _tidy_up(context: Context, store: Workspace, settled: Scoring, key: str, *, beside: bool) -> None:
    """Remove the file of one that is not scored, and the pointer of one that is settled."""
    if settled.state == "rejected" and beside:
        from functions.runs.scored import tell_beside  # noqa: PLC0415  (few files are refused)

        tell_beside(store, key, "" if settled.error is None else settled.error.message)
    elif settled.state == "rejected":
        store.blobs.delete(key)
    if not beside:
        intents.forget_due(context.system, DUE_UPLOADS, f"{store.name}:{settled.model}:{settled.id}")


def removed(context: Context, store: Workspace, run_id: str) -> None:
    """End a run that scores a file, and keep nothing of it. Handled twice it changes nothing."""
    stored = store.get(RUNS, run_id)
    if stored is None:
        return
    if not has_ended(stored.value):
        cancel(context, store, run_id)
    give_up(context, store, run_id)


def none_of_model(context: Context, store: Workspace, model: str) -> None:
    """End all runs that score files with the model, and remove what they kept."""
    for subject in list(intents.pointed_at(context.system, DUE_RUNS, store.name)):
        run = store.get(RUNS, subject)
        if run is not None and run.value.model == model and isinstance(run.value.job, ScoreJob):
            removed(context, store, subject)
    for due in list(kept.of_model(context, store, model)):
        if due.value.scored:
            removed(context, store, due.value.run)
