"""Drive a run that was just queued, in a function of its own; the sweep takes up those whose call got lost."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from functions.context import current
from functions.records.intents import count_of
from functions.records.kinds import DUE_RUNS
from functions.runs.runners import Queued
from functions.system.sweep import RESERVE_MILLISECONDS

bp = Blueprint(__name__)

MOST_UNDER_WAY = 8
"""Runs of one workspace that may be under way for another one to begin at once, that one included.

Any further one waits for a sweep. All functions of an account share one limit, and each run has several at work.
"""


@bp.lambda_function(name="drive_run")
def drive_run(event: Any, context: Any) -> None:
    """Drive the `Queued` run while the function's time lasts, unless its workspace has many under way."""
    queued, platform = msgspec.convert(event, Queued), current()
    if count_of(platform.system, DUE_RUNS, queued.workspace, MOST_UNDER_WAY + 1) > MOST_UNDER_WAY:
        return

    def stopping() -> bool:
        left: int = context.get_remaining_time_in_millis()
        return left < RESERVE_MILLISECONDS

    platform.runner.take_up(queued.workspace, queued.run, stopping)
