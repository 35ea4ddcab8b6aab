"""What a run that scores a file leaves: its result for a time, and beside a file that somebody put into a folder."""

from contextlib import suppress

from msgspec.structs import replace

from functions.records.files import digest_of, pieces
from functions.records.kinds import MODELS
from functions.records.scorings import WHY_NOT, name_beside
from functions.runs.job import ScoreJob
from functions.runs.record import RUNS, Run, ScoreOutcome, has_ended
from functions.settings import Settings
from functions.storage import BlobExists, BlobMissing, Stored, Workspace
from lepton_core.errors import TooLarge

BYTES_A_BYTE = 25
"""So many bytes of memory are taken for one of a file: each of its cells is a text, or a number, of its own."""


def demand_size(size: int, settings: Settings) -> int:
    """Most bytes of a file that is scored, unpacked. Raises `TooLarge` for one of more, packed or not."""
    most, why = settings.max_upload_bytes, ""
    if settings.memory_bytes and settings.memory_bytes // BYTES_A_BYTE < most:
        most, why = settings.memory_bytes // BYTES_A_BYTE, f", a {BYTES_A_BYTE}th of the memory"
    if size > most:
        raise TooLarge(
            f"the file has {size} bytes; the most is {most}{why}; send parts of it, each with the names of the columns",
            field="size",
        )
    return most


def without_file(store: Workspace, stored: Stored[Run]) -> None:
    """Say of a run that its scored file is kept no longer: from then on it may be removed."""
    outcome = stored.value.outcome
    if isinstance(outcome, ScoreOutcome) and outcome.file is not None:
        bare = replace(outcome, file=None, columns=[], first=[], errors=[])
        gone = replace(stored.value, outcome=bare)
        store.write(store.put(RUNS, gone.id, value=gone, expect=stored.revision))


def leave_beside(store: Workspace, run: Run) -> None:
    """Put the result of a file that somebody dropped beside it, or the reason why there is none; twice changes nothing.

    A result that lies there already, of an earlier file of that name, is replaced. Of a file that was itself replaced
    nothing is put there: the other one is scored by a run of its own. Of a cancelled run nothing is put there, either,
    if the file is gone.
    """
    job, outcome = run.job, run.outcome
    if not isinstance(job, ScoreJob) or not job.beside or not has_ended(run):
        return
    folder = job.key.rpartition("/")[0]
    if isinstance(outcome, ScoreOutcome) and outcome.file is not None:
        if _is_as_it_was(store, job) is not False:
            beside = f"{folder}/{name_beside(job.name, outcome.name)}"
            _copy(store, outcome.file.key, beside, outcome.file.digest)
            store.blobs.delete(job.key + WHY_NOT)
    elif run.error is not None:
        if _is_as_it_was(store, job) is not False:
            tell_beside(store, job.key, run.error.message)
    elif run.state == "cancelled" and _is_as_it_was(store, job):
        tell_beside(store, job.key, _why_cancelled(store, run))


def _is_as_it_was(store: Workspace, job: ScoreJob) -> bool | None:
    """Whether the file that lies there is the one that was to be scored; None: there is none."""
    with suppress(BlobMissing):
        now = digest_of(store.blobs, job.key)
        return now == job.digest or not job.digest
    return None


def _why_cancelled(store: Workspace, run: Run) -> str:
    model = store.get(MODELS, run.model)
    if model is None or model.value.state == "retired":
        return f"model {run.model!r} is retired and serves no more"
    again = "put the file there under another name to have it scored"
    if run.kept_until is None:
        return f"the run that scored the file was cancelled; {again}"
    until = f"until {run.kept_until:%Y-%m-%d %H:%M} UTC"
    return f"the run that scored the file was cancelled; {until}: lepton resume {run.model} --run {run.id}; or {again}"


def tell_beside(store: Workspace, key: str, why: str) -> None:
    """Write beside the file at ``key`` why it is not scored, in place of what was said of an earlier one."""
    store.blobs.delete(key + WHY_NOT)
    with suppress(BlobExists):
        store.blobs.put(key + WHY_NOT, f"{why}\n".encode())


def _copy(store: Workspace, source: str, target: str, its_digest: str) -> None:
    with suppress(BlobMissing):
        if digest_of(store.blobs, target) == its_digest:
            return
        store.blobs.delete(target)
    draft = store.blobs.draft()
    try:
        for piece in pieces(store.blobs, source):
            draft.write(piece)
        with suppress(BlobExists):
            draft.put(target)
    finally:
        draft.drop()
