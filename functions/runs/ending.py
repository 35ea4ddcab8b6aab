"""How a run ends: its record, its model and what it changes in one transaction; then what it left behind goes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from msgspec.structs import replace

from functions.context import Context, log
from functions.records import find
from functions.records.change import COMMIT_TRIES
from functions.records.intents import forget_due, pointing
from functions.records.kinds import DUE_KEPT, DUE_RUNS, LAST_FAILED, MODELS, VERSIONS, Model, number
from functions.runs import kept
from functions.runs.job import ScoreJob
from functions.runs.kind import Ending, Kinds, kind_of_job
from functions.runs.lease import Held
from functions.runs.record import (
    BEGUN,
    RESULTS,
    RUNS,
    Run,
    RunState,
    find_run,
    has_ended,
    is_over,
    transition,
)
from functions.runs.scored import leave_beside, without_file
from functions.runs.task import Results, is_done
from functions.storage import MAX_WRITES, Lost, RecordKind, Stored, Workspace
from lepton_core.errors import Failure, LeptonError

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


def cancel(
    context: Context, store: Workspace, run_id: str, *, made_way: bool = False, keeps: bool = False
) -> Run:
    """Stop a run, also one that is held; one that is finished stays as it is. Returns the run as it is afterwards.

    ``made_way``: not because somebody wanted its end, but for another run. ``keeps``: its results stay for as long as
    the settings say, so that it can be resumed.
    """
    until = kept.until(context) if keeps else None
    while True:
        stored = find_run(store, run_id)
        if has_ended(stored.value):
            return stored.value
        try:
            marked = _worked_until(
                replace(stored.value, made_way=made_way, kept_until=until), context.clock()
            )
            decide = Ending if until is None else partial(_kept, context, store, marked)
            ended = conclude(context, store, Stored(marked, stored.revision), "cancelled", decide, None)
            if ended and until is None:
                cleanup(context, store, run_id)
            elif ended:
                tell_of_kept(context, store, run_id)
        except Lost:
            continue


def _kept(context: Context, store: Workspace, run: Run, model: Model) -> Ending:
    return Ending(model, kept.keep(context, store, run))


def _worked_until(run: Run, now: datetime) -> Run:
    """The run with the seconds since its holder's last word, if somebody holds it."""
    if run.lease is None:
        return run
    return replace(run, worked=run.worked + max(0.0, (now - run.updated).total_seconds()))


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
        carried=run.carried if state == "cancelled" and run.kept_until is not None else {},
        updated=context.clock(),
    )
    failed = run.id if state == "failed" else None
    freed = replace(ending.model, run=None) if ending.model.run == run.id else ending.model
    writes = [
        store.put(RUNS, run.id, value=done, expect=stored.revision),
        # A file that cannot be scored says nothing of its model.
        *(
            []
            if isinstance(run.job, ScoreJob)
            else pointing(context.system, LAST_FAILED, store.name, run.model, failed, done.updated)
        ),
        *ending.writes,
    ]
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
    """Delete what a finished run left behind besides its version's own files, then the sweeper's pointer to it.

    The result of a file that somebody dropped is put beside it before.
    """
    stored = store.get(RUNS, run_id)
    run = None if stored is None else stored.value
    if run is not None:
        leave_beside(store, run)
    _remove(store, run_id, run)
    forget_due(context.system, DUE_RUNS, f"{store.name}:{run_id}")


def tell_of_kept(context: Context, store: Workspace, run_id: str) -> None:
    """Say beside the file of a cancelled run that is kept what became of it, once; another run has none."""
    pointer = context.system.get(DUE_KEPT, kept.key_of(store.name, run_id))
    if pointer is None or not pointer.value.untold:
        return
    stored = store.get(RUNS, run_id)
    while stored is not None:
        leave_beside(store, stored.value)
        if kept.told(context, pointer):
            return
        before, stored = stored.revision, store.get(RUNS, run_id)  # it may be resumed, and over, by now
        if stored is None or stored.revision == before:
            return


def give_up_all(context: Context) -> None:
    """Remove what cancelled runs have kept for long enough; one that cannot be removed stops no other."""
    for _, due in context.system.all(DUE_KEPT, passing_over=context.troubles.pass_over):
        now, about = context.clock(), f"what run {due.value.run} of workspace {due.value.workspace} kept"
        is_over = now >= due.value.until
        if not (is_over or due.value.untold) or not context.troubles.may_try(about, now):
            continue
        store = context.workspace(due.value.workspace)
        try:
            if is_over:
                give_up(context, store, due.value.run)
            else:
                tell_of_kept(context, store, due.value.run)
        except (LeptonError, Lost, OSError) as error:
            context.troubles.met(about, error, now)
        else:
            context.troubles.over(about)


def give_up(context: Context, store: Workspace, run_id: str) -> None:
    """Keep nothing of a cancelled run any longer. One that was resumed meanwhile stays as it is.

    First the run says that it cannot be resumed: from then on its results may go, and whatever a crash leaves of them
    is found by the pointer, which goes last.
    """
    tell_of_kept(context, store, run_id)
    stored = store.get(RUNS, run_id)
    if stored is not None and stored.value.kept_until is not None:
        over = replace(stored.value, kept_until=None, carried={})
        store.write(store.put(RUNS, run_id, value=over, expect=stored.revision))
    elif stored is not None and not is_over(stored.value):
        return
    elif stored is not None:
        without_file(store, stored)
    remove_results(store, run_id)
    forget_due(context.system, DUE_KEPT, kept.key_of(store.name, run_id))


def remove_results(store: Workspace, run_id: str) -> None:
    """Delete the results and the files of a finished run, besides those files that it keeps."""
    stored = store.get(RUNS, run_id)
    _remove(store, run_id, None if stored is None else stored.value)


def _remove(store: Workspace, run_id: str, run: Run | None) -> None:
    if run is not None and isinstance(run.job, ScoreJob) and not run.job.beside:
        store.blobs.delete(run.job.key)  # one that somebody put into a folder is theirs
    kept = set() if run is None else _kept_files(store, run)
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


def _kept_files(store: Workspace, run: Run) -> set[str]:
    """The files that outlive a run: those of its version, its leaderboard, and the file that it scored."""
    outcome = run.outcome
    files = (getattr(outcome, name, None) for name in ("leaderboard", "file"))
    kept = {file.key for file in files if file is not None}
    if run.version is not None:
        version = store.get(VERSIONS, run.model, number(run.version))
        if version is not None:
            kept |= {file.key for file in version.value.files}
    return kept


def _remove_records(store: Workspace, kind: RecordKind[Any], run_id: str) -> None:
    while page := store.list(kind, run_id, limit=MAX_WRITES):
        try:
            store.write(*(store.delete(kind, run_id, key, expect=one.revision) for key, one in page))
        except Lost:
            log.debug("somebody else cleans up after run %s", run_id)
