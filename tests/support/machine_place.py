"""The map of the state machine as a place where tasks are done: each that is submitted is an execution of its own.

A machine has no line of its own: how many tasks are under way, and whose turn it is, decide the rounds.
"""

from concurrent.futures import Future, wait
from contextlib import ExitStack
from itertools import count
from typing import Any

import boto3
import msgspec

from functions.context import Context
from functions.records.files import write_file
from functions.runs.by_name import ByName, work
from functions.runs.kind import Kinds
from functions.runs.needs import FUNCTIONS, place_of
from functions.runs.perform import Order, Worker
from functions.runs.places.place import Closed, Died
from functions.runs.places.threads import in_thread
from functions.runs.record import RESULTS, RUNS, file_key
from functions.runs.rounds import Ended
from functions.runs.task import Result, key_of
from functions.storage import Lost
from infra.aws.machine import PLAN_RUN, definition
from infra.aws.policies import resource
from lepton_core.errors import Unavailable
from tests.support.states import REGION, machine_arn, states, substituted
from tests.support.waiting import until

NAME = "Tasks"


class MachinePlace:
    """A `Place` in the map of the deployed definition, as moto interprets it; each call does one slice."""

    def __init__(self, context: Context, kinds: Kinds) -> None:
        self._context = context
        self._numbers = count()
        self._under_way: list[Future[Result]] = []
        self._ending = ExitStack()
        self._closed = False

        def task(asked: Any) -> Any:
            ended = work(Worker(context, kinds), msgspec.convert(asked, ByName), lambda: True)
            return msgspec.to_builtins(ended)

        functions = {resource(name): task for name in (PLAN_RUN, *FUNCTIONS)}
        self._ending.enter_context(states(functions))
        self._client = boto3.client("stepfunctions", region_name=REGION)
        only = {name: value for name, value in definition()["States"]["Work"].items() if name != "Next"}
        alone = {"StartAt": "Work", "States": {"Work": {**only, "End": True}}}
        self._client.create_state_machine(
            name=NAME,
            definition=substituted(alone, functions),
            roleArn="arn:aws:iam::123456789012:role/tasks",
        )

    def submit(self, order: Order) -> "Future[Result]":
        """See `Place.submit`."""
        if self._closed:
            raise Closed
        self._under_way.append(in_thread(lambda: self._result(order), "lepton-execution"))
        return self._under_way[-1]

    def close(self, grace_seconds: float = 0.0) -> None:
        """See `Place.close`."""
        if not self._closed:
            self._closed = True
            wait(self._under_way, timeout=grace_seconds)
            self._ending.close()

    def _result(self, order: Order) -> Result:
        store, key = self._context.workspace(order.workspace), key_of(order.task)
        name = file_key(self._context, store, order.run, "plan")
        plan = write_file(store, name, msgspec.json.encode({key: order.task}))
        asked = {"workspace": order.workspace, "run": order.run.id, "attempt": order.run.attempt}
        asked |= {"plan": msgspec.to_builtins(plan), "tasks": [{"task": key, "at": place_of(order.task)}]}
        begun = self._client.start_execution(
            stateMachineArn=machine_arn(NAME),
            name=f"{order.run.id}-{next(self._numbers)}",
            input=msgspec.json.encode(asked).decode(),
        )
        arn = begun["executionArn"]
        done = until(
            lambda: self._client.describe_execution(executionArn=arn),
            "the execution has ended",
            lambda it: it["status"] != "RUNNING",
        )
        assert done["status"] == "SUCCEEDED", done
        store.blobs.delete(plan.key)  # as the end of a run does
        [ended] = msgspec.json.decode(done["output"], type=_Output).ended
        if ended.died:
            raise Died
        if ended.away or ended.busy:
            raise Unavailable(ended.away or "no function is free")
        stored = None if ended.late else store.get(RESULTS, order.run.id, key)
        if stored is None:
            raise Lost(RUNS.name, order.run.id)
        return stored.value.result


class _Output(msgspec.Struct, frozen=True):
    ended: list[Ended]
