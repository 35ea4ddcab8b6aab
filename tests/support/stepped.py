"""The state machine in the thread of its caller, which waits for nothing: for what has to be tried a hundred times.

What it does is what the definition says; `tests/infra/aws/test_machine.py` has that interpreted.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.runs.needs import FUNCTIONS
from functions.runs.rounds import Round
from infra.aws.machine import PLAN_RUN
from infra.aws.policies import resource
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch, When
from tests.support.states import Function
from tests.support.world import World

PLANS = 9
"""How often a Plan that fails is tried."""


@dataclass
class Stepped:
    """Executions of a machine over ``functions``; ``forward`` lets the time of a wait pass, in seconds."""

    functions: Mapping[str, Function]
    forward: Callable[[float], None]
    names: list[str] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)
    wide: bool = False

    def begin(self, name: str, asked: bytes) -> bool:
        """See `functions.runs.executions.Begin`; the execution has ended when this returns."""
        if name in self.names:
            return False
        self.names.append(name)
        state = json.loads(asked)
        while True:
            state = self._plan(state)
            self.said.append(state)
            match state["next"]:
                case "work":
                    state["ended"] = [self._done(state, one) for one in state["tasks"]]
                case "wait":
                    self.forward(state["seconds"])
                case "end":
                    return True
                case onward:
                    self.wide = self.wide or onward == "widen"
                    following = {
                        name: state[name] for name in ("workspace", "run", "attempt", "name", "round")
                    }
                    return self.begin(f"{state['name']}-{state['round']}", json.dumps(following).encode())

    def _plan(self, state: Any) -> Any:
        for left in reversed(range(PLANS)):
            try:
                return self.functions["PlanRun"]({"round": state, "wide": self.wide})
            except (Exception, Killed):
                if not left:
                    raise
        raise AssertionError

    def _done(self, state: Any, task: Any) -> Any:
        asked = {name: state[name] for name in ("workspace", "run", "attempt", "plan")} | {
            "task": task["task"]
        }
        try:
            return self.functions[resource(FUNCTIONS[task["at"]])](asked)
        except (Exception, Killed):  # noqa: BLE001  (the machine catches whatever a function ends with)
            return {"died": task["task"]}


@dataclass
class Killing:
    """Functions of which one is killed at its write ``number``, counted over all of them; None: none is.

    ``log`` has the name of the function, and the write, for each write that was tried.
    """

    here: World
    make: Callable[[World], Mapping[str, Function]]
    number: int | None = None
    when: When = "before"
    log: list[str] = field(default_factory=list)

    def functions(self) -> dict[str, Function]:
        """Each call is a process of its own, with a switch of its own."""
        return {name: self._function(name) for name in map(resource, (PLAN_RUN, *FUNCTIONS))}

    def _function(self, name: str) -> Function:
        def call(asked: Any) -> Any:
            left = (
                None if self.number is None or self.number <= len(self.log) else self.number - len(self.log)
            )
            switch, platform = KillSwitch(left, self.when), self.here.platform
            process = self.here.again(
                records=FaultyRecords(platform.records, switch), blobs=FaultyBlobs(platform.blobs, switch)
            )
            try:
                return self.make(process)[name](asked)
            finally:
                self.log += [f"{name} {write}" for write in switch.log]

        return call


def first_round(run: str, attempt: int = 1, workspace: str = "default") -> Round:
    """The first round of an execution of a run."""
    return Round(workspace, run, attempt, f"{run}-{attempt}")
