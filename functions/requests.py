"""One request, one run: an ``Idempotency-Key`` that comes again gets the answer that it got before."""

import hashlib
from typing import Any

from functions.edge import Call
from functions.storage.protocols import Write
from functions.values import REQUESTS, RUNS, Due, Run
from lepton_core.errors import Conflict


def answered(call: Call[Any]) -> Run | None:
    """The run that a request with this key queued before, or None."""
    if call.idempotency_key is None:
        return None
    earlier = call.store.get(REQUESTS, _digest(call.idempotency_key))
    if earlier is None:
        return None
    run = call.store.get(RUNS, earlier.value.subject)
    if run is None:
        raise Conflict("the run that this Idempotency-Key queued is gone; send a new key")
    return run.value


def remember(call: Call[Any], run: Run) -> list[Write]:
    """The write that ties the key to the run, for the transaction that queues the run."""
    if call.idempotency_key is None:
        return []
    value = Due(call.store.name, run.id, run.created)
    return [call.store.put(REQUESTS, _digest(call.idempotency_key), value=value, expect=0)]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
