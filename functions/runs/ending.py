"""How a run ends: its record, its model and what it changes in one transaction; then what it left behind goes."""

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace

from functions.context import Context, log
from functions.records import find
from functions.records.change import COMMIT_TRIES
from functions.records.intents import forget_due
from functions.records.kinds import DUE_RUNS, MODELS, VERSIONS, Model, number
from functions.runs.kind import Ending, Kinds, kind_of_job
from functions.runs.lease import Held
from functions.runs.record import BEGUN, RESULTS, RUNS, Run, RunState, find_run, has_ended, transition
from functions.runs.task import Results, is_done
from functions.storage import MAX_WRITES, Lost, RecordKind, Stored, Workspace
from lepton_core.errors import Failure

Decide = Callable[[Model], Ending]


def succeed(held: Held, kinds: Kinds, results: Results) -> None:
    """Write the ending that the run's kind decides, and what there is to show of the results: all of them."""
    kind = kind_of_job(kinds, held.run.job)
    run = replace(
        held.run,
        progress=kind.progress(held.run.job, results),
        tasks_done=sum(map(is_done, results.values())),
    )
    finish = partial(kind.finish, held.context, held.store, run, run.job, results)
    _conclude(Held(held.context, held.store, run, held.revision), "succeeded", finish, None)


def fail(held: Held, problem: Failure) -> None:
    """End the run with an error; the model stays as it was."""
    _conclude(held, "failed", Ending, problem)


def cancel(context: Context, store: Workspace, run_id: str, *, made_way: bool = False) -> Run:
    """Stop a run, also one that is held; one that is finished stays as it is. Returns the run as it is afterwards.

    ``made_way``: not because somebody wanted its end, but for another run.
    """
    while True:
        stored = find_run(store, run_id)
        if has_ended(stored.value):
            return stored.value
        try:
            marked = Stored(replace(stored.value, made_way=made_way), stored.revision)
            if conclude(context, store, marked, "cancelled", Ending, None):
                cleanup(context, store, run_id)
        except Lost:
            continue


def _conclude(held: Held, state: RunState, decide: Decide, problem: Failure | None) -> None:
    for _ in range(COMMIT_TRIES):
        if conclude(held.context, held.store, held.stored(), state, decide, problem):
            cleanup(held.context, held.store, held.run.id)
            return
    raise Lost(RUNS.name, held.run.id)


def conclude(
    context: Context,
    store: Workspace,
    stored: Stored[Run],
    state: RunState,
    decide: Decide,
    problem: Failure | None,
) -> bool:
    """End the run, change the model and write the rest in one transaction; False: the model changed, decide again.

    Raises `Lost` if the run itself is not at the expected revision any more, and `NotFound` without its model.
    """
    run = stored.value
    model = find.model(store, run.model)
    ending = decide(model.value)
    done = replace(
        transition(run, state),
        version=ending.version,
        outcome=ending.outcome,
        error=problem,
        lease=None,
        crashes=0,
        not_before=None,
        carried={},
        updated=context.clock(),
    )
    freed = replace(ending.model, run=None) if ending.model.run == run.id else ending.model
    writes = [store.put(RUNS, run.id, value=done, expect=stored.revision), *ending.writes]
    if freed != model.value:
        writes.append(store.put(MODELS, run.model, value=freed, expect=model.revision))
    try:
        store.write(*writes)
    except Lost:
        now = store.get(RUNS, run.id)
        if now is None or now.revision != stored.revision:
            raise
        return False
    log.info("run %s of %s/%s %s", run.id, store.name, run.model, state)
    return True


def cleanup(context: Context, store: Workspace, run_id: str) -> None:
    """Delete what a finished run left behind besides its version's own files, then the sweeper's pointer to it."""
    remove_results(store, run_id)
    forget_due(context.system, DUE_RUNS, f"{store.name}:{run_id}")


def remove_results(store: Workspace, run_id: str) -> None:
    """Delete the results and the files of a finished run, besides those files that it keeps."""
    kept = _kept_files(store, run_id)
    for key in _keys(store, run_id):
        if key not in kept:
            store.blobs.delete(key)
    for kind in (RESULTS, BEGUN):
        _remove_records(store, kind, run_id)


def _keys(store: Workspace, run_id: str) -> list[str]:
    prefix, found = store.blob("runs", run_id) + "/", list[str]()
    while page := store.blobs.keys(prefix, after=found[-1] if found else ""):
        found += page
    return found


def _kept_files(store: Workspace, run_id: str) -> set[str]:
    """The files that outlive a run: those of the version that it made or evaluated, and its leaderboard."""
    stored = store.get(RUNS, run_id)
    if stored is None:
        return set()
    board = getattr(stored.value.outcome, "leaderboard", None)
    kept = set() if board is None else {board.key}
    if stored.value.version is not None:
        version = store.get(VERSIONS, stored.value.model, number(stored.value.version))
        if version is not None:
            kept |= {file.key for file in version.value.files}
    return kept


def _remove_records(store: Workspace, kind: RecordKind[Any], run_id: str) -> None:
    while page := store.list(kind, run_id, limit=MAX_WRITES):
        try:
            store.write(*(store.delete(kind, run_id, key, expect=one.revision) for key, one in page))
        except Lost:
            log.debug("somebody else cleans up after run %s", run_id)
