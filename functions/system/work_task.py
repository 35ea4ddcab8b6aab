"""Work on one task of a run, in a function of its own. The driver of the run calls it and waits for the result."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.runs.perform import Answer, Worker
from functions.runs.places.remote import Asked, answer
from functions.training.run_kinds import RUN_KINDS

bp = Blueprint(__name__)


@bp.lambda_function(name="work_task")
def work_task(event: Any, context: Any) -> Any:
    """An `Asked` to an `Answer`, both as JSON. A result names its files, so it is small.

    A driver of an older version, which asks in another way, hears that it is late, and leaves the run to others: an
    error would count as a crash of the task, and five of them fail the run.
    """
    try:
        done = answer(Worker(current(), RUN_KINDS), msgspec.convert(event, Asked))
    except msgspec.ValidationError:
        done = Answer(late=True)
    return msgspec.json.decode(msgspec.json.encode(done))
