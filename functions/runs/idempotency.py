"""One request, one run: an ``Idempotency-Key`` that comes again gets the answer that it got before."""

import hashlib
from typing import Any

from functions.edge import Call
from functions.records.kinds import REQUESTS, Due, Model
from functions.runs.job import name_of
from functions.runs.new_run import queue
from functions.runs.record import RUNS, Run
from functions.storage import Stored, Write
from lepton_core.errors import Conflict


def answered(call: Call[Any], kind: str, model: str) -> Run | None:
    """The run that a request with this key queued before, or None.

    Raises `Conflict` if that was a run of another kind or model: the caller takes one key for two requests.
    """
    if call.idempotency_key is None:
        return None
    earlier = call.store.get(REQUESTS, _digest(call.idempotency_key))
    if earlier is None:
        return None
    run = call.store.get(RUNS, earlier.value.subject)
    if run is None:
        raise Conflict("the run that this Idempotency-Key queued is gone; send a new key")
    began = name_of(run.value.job)
    if (began, run.value.model) != (kind, model):
        raise Conflict(f"this Idempotency-Key began {began} of model {run.value.model!r}; send a new key")
    return run.value


def queue_once(call: Call[Any], run: Run, model: Stored[Model] | None) -> Run:
    """Queue ``run`` as `functions.runs.new_run.queue` does, tied to the key of the request; the run that is queued.

    That is another one, if a request with the same key came first. Raises `Conflict`.
    """
    tied: list[Write] = []
    if call.idempotency_key is not None:
        value = Due(call.store.name, run.id, run.created)
        tied = [call.store.put(REQUESTS, _digest(call.idempotency_key), value=value, expect=0)]
    try:
        queue(call.platform, call.store, run, model, tied)
    except Conflict:
        earlier = answered(call, name_of(run.job), run.model)
        if earlier is None:
            raise
        return earlier
    return run


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
