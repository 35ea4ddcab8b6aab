"""Runs that are driven by the state machine, each call of a function a process of its own as far as memory goes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from app import app
from functions.context import Context, bound
from functions.runs.by_name import ByName, work
from functions.runs.executions import Executions
from functions.runs.kind import Kinds
from functions.runs.needs import FUNCTIONS
from functions.runs.perform import Worker
from functions.runs.rounds import Planner, Round
from infra.aws.machine import PLAN_RUN
from infra.aws.policies import resource
from tests.support.states import Function, States, states
from tests.support.world import World

LIMITS = 900_000


@dataclass
class Lambda:
    """The context of a call whose function has so many milliseconds left."""

    left: int = LIMITS

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def handlers(here: World, left: int = LIMITS) -> dict[str, Function]:
    """The handlers that are deployed; each has so much time ``left``."""

    def handler(name: str) -> Function:
        def call(asked: Any) -> Any:
            with bound(here.again().platform):
                return app.handler_map[name](asked, Lambda(left))

        return call

    return {resource(name): handler(name) for name in (PLAN_RUN, *FUNCTIONS)}


def of_kinds(make: Callable[[], Context], kinds: Kinds, left: int = LIMITS) -> dict[str, Function]:
    """What the handlers do, of other kinds of runs, in a context that is made for each call."""

    def plan(asked: Any) -> Any:
        planner = Planner(make(), kinds, wide=asked["wide"])
        return msgspec.to_builtins(planner.next(msgspec.convert(asked["round"], Round)))

    def task(asked: Any) -> Any:
        ended = work(Worker(make(), kinds), msgspec.convert(asked, ByName), lambda: left < LIMITS)
        return msgspec.to_builtins(ended)

    return {resource(PLAN_RUN): plan, **{resource(name): task for name in FUNCTIONS}}


def at_once(defined: Any) -> Any:
    """A definition that waits as briefly as a machine can."""
    if isinstance(defined, Mapping):
        if "MaxDelaySeconds" in defined:
            return {**defined, "MaxDelaySeconds": 2, "MaxAttempts": min(defined["MaxAttempts"], 3)}
        return {name: at_once(value) for name, value in defined.items()}
    return [at_once(one) for one in defined] if isinstance(defined, list) else defined


@contextmanager
def driven_by_states(
    here: World, functions: Mapping[str, Function] | None = None
) -> Iterator[tuple[World, States]]:
    """A process like ``here`` whose runs the machines drive, and the machines."""
    with states(functions or handlers(here), at_once) as machines:
        yield here.again(runner=lambda context, ended: Executions(context, machines.begin)), machines
