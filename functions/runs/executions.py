"""Have runs driven by executions of a state machine: begun, and not waited for."""

from collections.abc import Callable

import msgspec

from functions.context import Context, log, never
from functions.runs.lease import is_free
from functions.runs.record import RUNS, Run
from functions.runs.rounds import Round
from lepton_core.errors import Unavailable

Begin = Callable[[str, bytes], bool]
"""Begin an execution of this name with this JSON; False if one that has this name has ended.

One of the same name and JSON that is under way is enough. A call that gets lost is harmless: the sweep finds the run.
"""

_NAMES = 100
"""Executions that may end before they take a run up: that is more than anybody stops."""


class Executions:
    """A `Runner` whose runs are driven elsewhere: ``begin`` begins an execution for each."""

    def __init__(self, context: Context, begin: Begin) -> None:
        self._context = context
        self._begin = begin

    def start(self, workspace: str, run: str) -> None:
        """Begin an execution for the run's next attempt, unless the run is held.

        It has the name of the run and the attempt, so however often a run is started there is one.
        """
        try:
            self._start(workspace, run)
        except Unavailable as error:
            log.warning("run %s is left to the sweep: %s", run, error.message)

    def take_up(self, workspace: str, run: str, stopping: Callable[[], bool] = never) -> None:
        """As `start`: an execution has time of its own."""
        self._start(workspace, run)

    def close(self, grace_seconds: float = 0.0) -> None:
        """Nothing is ever under way here."""

    def _start(self, workspace: str, run: str) -> None:
        for again in range(_NAMES):
            found = self._free(workspace, run)
            if found is None:
                return
            attempt = found.attempt + 1
            # An execution that was stopped before it took the run up has used up its name.
            name = f"{run}-{attempt}" + (f".{again}" if again else "")
            if self._begin(name, msgspec.json.encode(Round(workspace, run, attempt, name))):
                return
        log.warning("run %s is left to the next sweep", run)

    def _free(self, workspace: str, run: str) -> Run | None:
        stored = self._context.workspace(workspace).get(RUNS, run)
        context = self._context
        if stored is None or not is_free(stored.value, context.clock(), context.settings):
            return None
        return stored.value
