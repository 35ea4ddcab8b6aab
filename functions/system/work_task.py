"""Work on one task of a run, in a function of its own, which the state machine of the run calls: `needs` says which."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.runs.by_name import ByName, work
from functions.runs.perform import Worker
from functions.runs.rounds import Ended
from functions.training.run_kinds import RUN_KINDS

bp = Blueprint(__name__)

LEAST_LEFT_MILLISECONDS = 120_000
"""No slice begins when the function has less time left than this: a slice takes seconds, and its last one evaluates."""


@bp.lambda_function(name="work_task")
def work_task(event: Any, context: Any) -> Any:
    """A `ByName` to an `Ended`, both as JSON: the result is a record by then.

    Whoever asks in the words of another version hears that it is late: an error would count as a crash of the task,
    and five of them fail the run.
    """
    return _done(event, context)


@bp.lambda_function(name="read_file")
def read_file(event: Any, context: Any) -> Any:
    """As `work_task`, where all readers of files are, and nothing to train with."""
    return _done(event, context)


def _done(event: Any, context: Any) -> Any:
    def stopping() -> bool:
        left: int = context.get_remaining_time_in_millis()
        return left < LEAST_LEFT_MILLISECONDS

    try:
        ended = work(Worker(current(), RUN_KINDS), msgspec.convert(event, ByName), stopping)
    except msgspec.ValidationError:
        ended = Ended(late=True)
    return msgspec.to_builtins(ended)
