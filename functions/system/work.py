"""Work: one task of a run, in a function of its own. Whoever drives the run calls it and waits for the result."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.runs.places.remote import Asked, answer

bp = Blueprint(__name__)


@bp.lambda_function(name="work_task")
def work_task(event: Any, context: Any) -> Any:
    """An `Asked` to an `Answer`, both as JSON. A result is a part of the run's record, so it is small."""
    done = answer(current(), msgspec.convert(event, Asked))
    return msgspec.json.decode(msgspec.json.encode(done))
