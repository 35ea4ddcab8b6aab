"""Work on one task of a run, in a function of its own. The driver of the run calls it and waits for the result."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.runs.perform import Answer, Worker
from functions.runs.places.remote import Asked, answer
from functions.runs.score_task import OF_FILES
from functions.training.run_kinds import RUN_KINDS

bp = Blueprint(__name__)


@bp.lambda_function(name="work_task")
def work_task(event: Any, context: Any) -> Any:
    """An `Asked` to an `Answer`, both as JSON. A result names its files, so it is small.

    A driver of an older version, which asks in another way, or for a task of `read_file`, hears that it is late, and
    leaves the run to others: an error would count as a crash of the task, and five of them fail the run.
    """
    return _done(event, of_files=False)


@bp.lambda_function(name="read_file")
def read_file(event: Any, context: Any) -> Any:
    """As `work_task`, where all readers of files are, and nothing to train with: the tasks `OF_FILES`, and no other."""
    return _done(event, of_files=True)


def _done(event: Any, *, of_files: bool) -> Any:
    done = Answer(late=True)
    try:
        asked = msgspec.convert(event, Asked)
    except msgspec.ValidationError:
        asked = None
    if asked is not None and isinstance(asked.task, OF_FILES) == of_files:
        done = answer(Worker(current(), RUN_KINDS), asked)
    return msgspec.json.decode(msgspec.json.encode(done))
