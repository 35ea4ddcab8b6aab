"""A run's record while somebody works on it: queued, claimed under a lease, advanced, concluded, cleaned up.

Every write is conditional on the revision that this holder wrote last. Whoever took the run up in between has
changed it, so a late holder's next write raises `Lost` and changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from functions.context import Platform, log
from functions.records.kinds import DUE_RUNS, MODELS, RUNS, VERSIONS, Due, Lease, Model, Problem, Run, number
from functions.runs.kind import Ending, TaskResult, steps_of
from functions.storage import Lost, Stored, Workspace
from functions.storage.protocols import Write
from lepton_core.errors import Conflict

FINISHED = ("succeeded", "failed", "cancelled")


CURVE_POINTS = 200


COMMIT_TRIES = 20


def queue(
    platform: Platform, store: Workspace, run: Run, model: Stored[Model] | None, also: Sequence[Write] = ()
) -> None:
    """Write a new run, the sweeper's pointer to it, and ``also``, as one transaction.

    With ``model`` the run becomes the model's one run under way. Raises `Conflict` if the model changed meanwhile or
    already has a run.
    """
    writes: list[Write] = [
        store.put(RUNS, run.id, value=run, expect=0),
        platform.system.put(
            DUE_RUNS,
            f"{store.name}:{run.id}",
            value=Due(store.name, run.id, run.created),
            expect=0,
        ),
        *also,
    ]
    if model is not None:
        if model.value.run is not None:
            raise Conflict(f"run {model.value.run} of model {run.model!r} is still under way")
        taken = replace(model.value, run=run.id)
        writes.append(store.put(MODELS, run.model, value=taken, expect=model.revision))
    try:
        store.write(*writes)
    except Lost as error:
        raise Conflict(f"model {run.model!r} was changed by somebody else meanwhile; try again") from error


@dataclass(frozen=True)
class Held:
    """A run under this holder's lease, as of its last write."""

    platform: Platform
    store: Workspace
    run: Run
    revision: int

    def renew(self) -> "Held":
        """Extend the lease."""
        return self._write(self.run)

    def absorb(self, results: dict[str, TaskResult]) -> "Held":
        """Record finished tasks and the progress they made; superseded checkpoints go."""
        before = self.run.done
        run = steps_of(self.run).progress(_with_results(self.run, results))
        held = self._write(replace(run, crashes=0))
        for task in results:
            old = before.get(task, {}).get("blob")
            if old is not None:
                self.store.blobs.delete(old)
        return held

    def crashed(self) -> "Held":
        """A worker process ended without a word: count it."""
        return self._write(replace(self.run, crashes=self.run.crashes + 1))

    def release(self) -> None:
        """Give the lease back with all progress kept, so that the next holder need not wait for its end."""
        self._put(replace(self.run, lease=None))

    def succeed(self) -> None:
        """Write the ending that the run's steps decide."""
        finish = steps_of(self.run).finish
        self._conclude("succeeded", lambda model: finish(self.platform, self.store, self.run, model), None)

    def fail(self, problem: Problem) -> None:
        """End the run with an error; the model stays as it was."""
        self._conclude("failed", Ending, problem)

    def _conclude(self, state: str, decide: Callable[[Model], Ending], problem: Problem | None) -> None:
        for _ in range(COMMIT_TRIES):
            if conclude(self.platform, self.store, Stored(self.run, self.revision), state, decide, problem):
                # An update may have changed what is served: this process knows at once, others within seconds.
                self.platform.served.forget(self.platform, self.store.name, self.run.model)
                cleanup(self.platform, self.store, self.run.id)
                return
        raise Lost(RUNS.name, self.run.id)

    def _write(self, run: Run) -> "Held":
        until = self.platform.clock() + timedelta(seconds=self.platform.settings.lease_seconds)
        owner = run.lease.owner if run.lease is not None else ""
        return self._put(replace(run, lease=Lease(owner, until)))

    def _put(self, run: Run) -> "Held":
        run = replace(run, updated=self.platform.clock())
        self.store.write(self.store.put(RUNS, run.id, value=run, expect=self.revision))
        return Held(self.platform, self.store, run, self.revision + 1)


def claim(platform: Platform, store: Workspace, run_id: str, owner: str) -> Held | None:
    """Take the run up under a new attempt, or None if it is finished, held, or just taken by somebody else.

    A run whose holders keep dying without any progress in between is failed instead.
    """
    stored = store.get(RUNS, run_id)
    now = platform.clock()
    if stored is None or stored.value.state in FINISHED:
        return None
    run = stored.value
    if run.lease is not None and run.lease.until > now:
        return None
    crashes = run.crashes + (1 if run.lease is not None else 0)
    lease = Lease(owner, now + timedelta(seconds=platform.settings.lease_seconds))
    taken = replace(run, state="running", attempt=run.attempt + 1, crashes=crashes, lease=lease, updated=now)
    try:
        store.write(store.put(RUNS, run_id, value=taken, expect=stored.revision))
    except Lost:
        return None
    held = Held(platform, store, taken, stored.revision + 1)
    if crashes >= platform.settings.attempts:
        held.fail(
            Problem("internal", f"the worker ended without a word {crashes} times; it may need more memory")
        )
        return None
    return held


def conclude(
    platform: Platform,
    store: Workspace,
    stored: Stored[Run],
    state: str,
    decide: Callable[[Model], Ending],
    problem: Problem | None,
) -> bool:
    """End the run, change the model and write the rest in one transaction; False: the model changed, decide again.

    Raises `Lost` if the run itself is not at the expected revision any more.
    """
    run = stored.value
    model = store.get(MODELS, run.model)
    if model is None:
        raise Lost(MODELS.name, run.model)
    ending = decide(model.value)
    ended: dict[str, Any] = {
        "state": state,
        "version": ending.version,
        "outcome": ending.outcome,
        "error": problem,
    }
    done = replace(run, **ended, lease=None, crashes=0, done={}, updated=platform.clock())
    freed = replace(ending.model, run=None) if ending.model.run == run.id else ending.model
    writes: list[Write] = [store.put(RUNS, run.id, value=done, expect=stored.revision), *ending.writes]
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


def cleanup(platform: Platform, store: Workspace, run_id: str) -> None:
    """Delete what a finished run left behind besides its version's own files, then the sweeper's pointer to it."""
    remove_files(store, run_id)
    subject = f"{store.name}:{run_id}"
    due = platform.system.get(DUE_RUNS, subject)
    if due is not None:
        try:
            platform.system.write(platform.system.delete(DUE_RUNS, subject, expect=due.revision))
        except Lost:
            log.debug("somebody else cleaned up after run %s", run_id)


def remove_files(store: Workspace, run_id: str) -> None:
    """Delete the files of a finished run, besides those of the version that it made."""
    stored = store.get(RUNS, run_id)
    kept: set[str] = set()
    if stored is not None and stored.value.version is not None:
        version = store.get(VERSIONS, stored.value.model, number(stored.value.version))
        if version is not None:
            kept = {version.value.artifact, version.value.evaluation}
    for key in store.blobs.keys(store.blob("runs", run_id) + "/"):
        if key not in kept:
            store.blobs.delete(key)


def _with_results(run: Run, results: dict[str, TaskResult]) -> Run:
    done = {**run.done, **{task: result.summary for task, result in results.items()}}
    for result in results.values():
        if result.iterations:
            run = replace(
                run,
                iteration=result.iteration,
                iterations=result.iterations,
                loss=thin(result.loss),
                note=result.note,
            )
    return replace(run, done=done)


def thin(curve: Sequence[float], points: int = CURVE_POINTS) -> list[float]:
    """At most ``points`` of the curve, evenly spread, the first and the last among them.

    >>> thin(range(11), 3)
    [0, 5, 10]
    """
    if len(curve) <= points:
        return list(curve)
    return [curve[round(i * (len(curve) - 1) / (points - 1))] for i in range(points)]
