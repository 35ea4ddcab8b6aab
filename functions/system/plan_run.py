"""Plan the next round of a run: what the state machine that drives it does next."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.runs.rounds import Planner, Round
from functions.training.run_kinds import RUN_KINDS

bp = Blueprint(__name__)


@bp.lambda_function(name="plan_run")
def plan_run(event: Any, context: Any) -> Any:
    """A `Round` to what follows, `Next`, both as JSON; ``wide`` says which machine asks.

    An execution that an older version began, and whose words are others, fails: the sweep begins another one.
    """
    planner = Planner(current(), RUN_KINDS, wide=event["wide"])
    return msgspec.to_builtins(planner.next(msgspec.convert(event["round"], Round)))
