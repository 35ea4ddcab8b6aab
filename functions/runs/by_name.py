"""A task that is asked for by its name, done slice after slice for as long as its function has time.

Each slice leaves a checkpoint. In between the worker says how far it is, which also tells that the run is alive.
"""

from collections.abc import Callable
from contextlib import suppress

import msgspec

from functions.records.files import File, read_value
from functions.runs.kind import kind_of_job
from functions.runs.lease import Held
from functions.runs.perform import Order, Worker
from functions.runs.places.remote import held_run
from functions.runs.planning import read_results
from functions.runs.record import RUNS, has_ended
from functions.runs.rounds import Ended, Planned
from functions.runs.task import is_done
from functions.storage import Lost
from lepton_core.errors import LeptonError

_PLANNED = msgspec.json.Decoder(Planned)


class ByName(msgspec.Struct, frozen=True):
    """The ``task`` of a round whose file is ``plan``, asked for by the execution that holds ``attempt``."""

    workspace: str
    run: str
    attempt: int
    task: str
    plan: File


def work(worker: Worker, asked: ByName, stopping: Callable[[], bool]) -> Ended:
    """Do the task until it is done, or until ``stopping``; its results are records by then.

    It ends early if the run has ended, or is another's, or if a store is away.
    """
    store = worker.context.workspace(asked.workspace)
    try:
        run = held_run(store, asked.run, asked.attempt)
        if run is None:
            return Ended(late=True)
        task = read_value(store, asked.plan, _PLANNED, f"the plan of run {asked.run!r}")[asked.task]
        return _slices(worker, Order(asked.workspace, run, task), stopping)
    except LeptonError as error:  # a plan that cannot be read is made again
        return Ended(away=error.message)


def _slices(worker: Worker, order: Order, stopping: Callable[[], bool]) -> Ended:
    while True:
        answer = worker.answer(order)
        if answer.result is None:
            return Ended(away=answer.away, late=answer.late)
        if is_done(answer.result) or stopping():
            return Ended()
        if not _told(worker, order):
            return Ended(late=True)


def _told(worker: Worker, order: Order) -> bool:
    """Write how far the run is, which extends its lease; False if it has ended, or is another's."""
    store = worker.context.workspace(order.workspace)
    stored = store.get(RUNS, order.run.id)
    if stored is None or has_ended(stored.value) or stored.value.attempt != order.run.attempt:
        return False
    run, results = stored.value, read_results(store, stored.value)
    shown = kind_of_job(worker.kinds, run.job).progress(run.job, results)
    with suppress(Lost):  # somebody beside this one has told
        Held(worker.context, store, run, stored.revision).progressed(
            shown, sum(map(is_done, results.values()))
        )
    return True
