"""Runs as executions of the state machine: its definition as it is deployed, interpreted, over the real handlers."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import boto3
import pytest

from functions.runs.ending import cancel
from functions.runs.needs import FUNCTIONS
from functions.runs.rounds import MANY_TASKS, MOST_TASKS, ROUNDS, Next
from functions.settings import Settings
from functions.system.sweep import sweep
from functions.system.work_task import LEAST_LEFT_MILLISECONDS
from infra.aws.bundle import SIZES
from infra.aws.machine import MOST_EVENTS, PLAN_RUN, WIDE_RUNS, definition, machines
from infra.aws.policies import RUNS_MACHINE, resource
from tests.support.faults import Killed
from tests.support.holders import left_behind
from tests.support.machine_runs import LIMITS, driven_by_states, handlers, of_kinds
from tests.support.moto_aws import MotoAws
from tests.support.scored import result, scored
from tests.support.states import Function, Refused, States, machine_arn
from tests.support.stores import aws_store, memory_store
from tests.support.tiny_runs import run_of, tiny, tiny_run
from tests.support.transitions import SLICES, Count, at_worst, costs_of_slices, counted, of_round, of_state
from tests.support.world import World, two_classes, world

EVERY = [False, True]


def steps(defined: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each state with its name and with those beside it."""
    for name, state in defined["States"].items():
        yield name, state, defined["States"]
        if state["Type"] == "Map":
            yield from steps(state["ItemProcessor"])


def onward(state: dict[str, Any]) -> list[str]:
    """Where a state may lead."""
    chosen = [one["Next"] for one in (*state.get("Choices", ()), *state.get("Catch", ()))]
    return [*chosen, *(state[word] for word in ("Next", "Default") if word in state)]


@pytest.mark.parametrize("wide", EVERY)
def test_every_state_is_reached_and_leads_somewhere(wide: bool) -> None:
    defined = definition(wide=wide)
    for name, state, beside in steps(defined):
        assert set(onward(state)) <= set(beside), name
        assert len({"Next", "End", "Choices"} & set(state)) == (state["Type"] != "Succeed"), name
    parts = [defined, *(state["ItemProcessor"] for _, state, _ in steps(defined) if state["Type"] == "Map")]
    for part in parts:
        found, left = set[str](), [part["StartAt"]]
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += onward(part["States"][name])
        assert found == set(part["States"])


@pytest.mark.parametrize("wide", EVERY)
def test_the_machine_knows_each_word_that_plan_says(wide: bool) -> None:
    states = definition(wide=wide)["States"]
    words = {one["StringEquals"]: one["Next"] for one in states["Choose"]["Choices"]}
    said = set(get_args(Next.__annotations__["next"]))
    assert {*words, "end", *(["widen"] if wide else [])} == said
    assert all(word == name.lower() for word, name in words.items())


@pytest.mark.parametrize("wide", EVERY)
def test_whatever_is_tried_again_waits_ever_longer_and_at_random(wide: bool) -> None:
    for name, state, _ in steps(definition(wide=wide)):
        assert ("Retry" in state) == (state["Type"] == "Task"), name
        for one in state.get("Retry", ()):
            if one["MaxAttempts"]:
                assert (one["BackoffRate"], one["JitterStrategy"]) == (2.0, "FULL")
                assert 1 <= one["IntervalSeconds"] <= one["MaxDelaySeconds"] <= 60
        alone = [one for one in state.get("Retry", ()) if "States.ALL" in one["ErrorEquals"]]
        assert not alone or (state["Retry"][-1] is alone[0] and alone[0]["ErrorEquals"] == ["States.ALL"])


def test_only_what_refused_a_call_is_tried_again_for_a_task() -> None:
    """Of a function that ended without a word the next Plan decides: it alone knows whether its task had begun."""
    [task] = [state for name, state, _ in steps(definition()) if name == "Task"]
    tried = [error for one in task["Retry"] for error in one["ErrorEquals"]]
    assert all(error.startswith("Lambda.") for error in tried)
    assert [one["Next"] for one in task["Catch"]] == ["Busy", "Died"]
    assert task["Catch"][1]["ErrorEquals"] == ["States.ALL"]


def test_an_execution_never_has_more_events_than_step_functions_keeps() -> None:
    assert MOST_EVENTS * 0.9 < at_worst(ROUNDS, MOST_TASKS) < MOST_EVENTS


@pytest.mark.parametrize(("name", "wide"), [(RUNS_MACHINE, False), (WIDE_RUNS, True)])
def test_a_role_allows_what_its_machine_does_and_nothing_else(
    template: dict[str, Any], name: str, wide: bool
) -> None:
    resources = template["Resources"]
    assert {one: resources[one] for one in machines(30)} == machines(30), "as they are deployed"
    properties = resources[f"{name}Role"]["Properties"]
    [trusted] = properties["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "states.amazonaws.com"}
    [inline] = properties["Policies"]
    granted = {
        action: one["Resource"] for one in inline["PolicyDocument"]["Statement"] for action in one["Action"]
    }
    called = {resource(one) for one in (PLAN_RUN, *FUNCTIONS)}
    assert {one["Fn::GetAtt"][0] for one in granted.pop("lambda:InvokeFunction")} == called
    own = properties_of(resources, name)["StateMachineName"]["Fn::Sub"]
    onward = granted.pop("states:StartExecution")
    assert onward[0]["Fn::Sub"].endswith(f":stateMachine:{own}")
    assert onward[1:] == ([] if wide else [{"Ref": WIDE_RUNS}])
    of_tasks = {
        granted.pop(f"states:{it}Execution")["Fn::Sub"] for it in (("Describe", "Stop") if wide else ())
    }
    assert all(one.endswith(f":execution:{own}:*") for one in of_tasks)
    assert all(action.startswith("logs:") for action in granted), "which know no resource"
    assert [action for action in granted if "*" in action] == []


def properties_of(resources: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = resources[name]["Properties"]
    return found


@pytest.mark.parametrize("name", [RUNS_MACHINE, WIDE_RUNS])
def test_a_machine_logs_what_failed_and_nothing_that_it_carries(template: dict[str, Any], name: str) -> None:
    properties = properties_of(template["Resources"], name)
    assert properties["StateMachineType"] == "STANDARD"
    logging = properties["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    [group] = logging["Destinations"]
    assert group["CloudWatchLogsLogGroup"]["LogGroupArn"] == {"Fn::GetAtt": [f"{name}Logs", "Arn"]}
    text = json.dumps(properties["Definition"])
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(properties["DefinitionSubstitutions"])


def test_at_two_seconds_a_slice_the_transitions_cost_as_much_as_the_compute() -> None:
    head, rows = costs_of_slices()
    short, *_, long = [dict(zip(head, row, strict=True)) for row in rows]
    assert (short["transitions"], short["events"], short["25,000 events after"]) == (
        "7,200",
        "32,400",
        "46 min",
    )
    shares = [float(row["USD for transitions"]) / float(row["for `WorkTask`"]) for row in (short, long)]
    assert 1.0 < shares[0] < 2.0
    assert shares[1] < 0.01
    left = SIZES["work_task"]["lambda_timeout"] - LEAST_LEFT_MILLISECONDS / 1_000
    assert left == SLICES["13 min"], "as long as a call goes on with a fit"


def succeeded(machines_: States) -> list[dict[str, Any]]:
    """All executions, each of which must have come to its end."""
    ended = machines_.settled()
    assert [(one["status"], one.get("cause")) for one in ended] == [("SUCCEEDED", None)] * len(ended)
    return ended


def test_a_fit_is_the_same_as_in_one_process(aws: MotoAws) -> None:
    here = world(aws_store(aws), settings=Settings(slice_seconds=0.0))
    once = here.trained(two_classes(40), "once", iterations=3)
    with driven_by_states(here, handlers(here, 0)) as (there, machine):
        run = there.trained(two_classes(40), "far", iterations=3)["id"]
        [ended] = succeeded(machine)
        assert ended["name"] == f"{run}-1"
        history = machine.history(ended["executionArn"])
    now = run_of(here.platform, run)
    assert (now.state, now.attempt, now.progress.loss) == ("succeeded", 1, once["loss"])
    kept = [here.ok("GET", f"/v1/models/{name}/versions/1") for name in ("once", "far")]
    assert kept[0]["digest"] == kept[1]["digest"]
    assert len(left_behind(here.platform, run)) == 2, "the artifact and the evaluation"
    states = definition()["States"]
    last = of_state(states["Plan"]) + of_state(states["Choose"]) + of_state(states["End"])
    assert counted(history) == of_round(1) * 3 + last + Count(0, 2), "as the table says"


def test_a_search_has_the_same_leaderboard(aws: MotoAws) -> None:
    here = world(aws_store(aws))
    boards = []
    with driven_by_states(here) as (there, machine):
        for one, name in ((here, "here"), (there, "there")):
            run = one.trained(two_classes(120), name, auto="hyperparameters", trials=3)["id"]
            succeeded(machine)
            ended = here.ok("GET", f"/v1/runs/{run}")
            assert ended["state"] == "succeeded", ended["error"]
            boards.append([entry | {"seconds": 0} for entry in ended["outcome"]["leaderboard"]])
    assert boards[0] == boards[1]


def test_a_cross_validation_has_the_same_folds(aws: MotoAws) -> None:
    here = world(aws_store(aws))
    here.trained(two_classes(60), iterations=5)
    found = []
    with driven_by_states(here) as (there, machine):
        for one in (here, there):
            run = one.ok("POST", "/v1/models/m/evaluate", {"folds": 3})["id"]
            succeeded(machine)
            found.append(here.ok("GET", f"/v1/runs/{run}")["outcome"])
        assert len(machine.called("WorkTask")) == 5, "folds, held-out rows, columns"
    assert found[0] == found[1]
    assert len(found[0]["cross_validation"]["folds"]) == 3


def test_a_file_is_scored_with_the_same_bytes(aws: MotoAws) -> None:
    here = world(aws_store(aws))
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy", {})
    rows = two_classes(30, seed=1)
    wanted = result(here, scored(here, rows))
    with driven_by_states(here) as (there, machine):
        path = f"/v1/models/m/score/{scored(there, rows)['id']}"
        succeeded(machine)
        assert result(here, here.ok("GET", path)) == wanted
        tasks = {name: [one["task"] for one in machine.called(name)] for name in ("ReadFile", "WorkTask")}
        assert tasks == {"ReadFile": ["cut", "join"], "WorkTask": ["part-0"]}, "where the readers are"


def tinily(here: World, machine_functions: dict[str, Function]) -> Any:
    return driven_by_states(here, machine_functions)


def started(there: World, *tasks: str, **settings: Any) -> str:
    """A tiny run, begun by its execution."""
    run = tiny_run(there.platform, *tasks, **settings)
    there.platform.runner.start("default", run)
    return run


def test_however_often_a_run_is_started_it_has_one_execution(aws: MotoAws) -> None:
    here = world(aws_store(aws))
    with driven_by_states(here, of_kinds(lambda: here.again().platform, tiny())) as (there, machine):
        run = started(there, "done")
        for _ in range(3):
            there.platform.runner.start("default", run)
        [ended] = succeeded(machine)
        sweep(there.platform)
        assert [one["name"] for one in machine.settled()] == [ended["name"]] == [f"{run}-1"]
    assert run_of(here.platform, run).attempt == 1


@pytest.mark.parametrize("name", ["PlanRun", "WorkTask"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_function_that_is_killed_costs_its_call_only(aws: MotoAws, name: str, when: str) -> None:
    here, calls = world(aws_store(aws)), list[str]()
    alive = of_kinds(lambda: here.again().platform, tiny())

    def killed(asked: Any) -> Any:
        calls.append(when)
        if len(calls) > 1:
            return alive[name](asked)
        if when == "after":
            alive[name](asked)
        raise Killed("the process is gone")

    with driven_by_states(here, {**alive, name: killed}) as (there, machine):
        run = started(there, "done", "done")
        [_] = succeeded(machine)
    now = run_of(here.platform, run)
    assert (now.state, now.attempt, now.tasks_done) == ("succeeded", 1, 2)
    assert left_behind(here.platform, run) == []


def test_what_lambda_refuses_is_tried_again_and_then_waited_for(aws: MotoAws) -> None:
    here, calls = world(aws_store(aws)), list[int]()
    alive = of_kinds(lambda: here.again().platform, tiny())

    def throttled(asked: Any) -> Any:
        calls.append(1)
        if len(calls) <= 5:
            raise Refused
        return alive["WorkTask"](asked)

    with driven_by_states(here, {**alive, "WorkTask": throttled}) as (there, machine):
        run = started(there, "done")
        [ended] = succeeded(machine)
        events = [event["type"] for event in machine.history(ended["executionArn"])]
    assert events.count("WaitStateEntered") == 1, "three more tries, then Plan, a second, and two tries"
    now = run_of(here.platform, run)
    assert (now.state, now.attempt, now.crashes) == ("succeeded", 1, 0)


def test_an_execution_whose_run_is_cancelled_ends_at_its_next_plan(aws: MotoAws) -> None:
    here = world(aws_store(aws))

    def cancelled(context: Any, run: Any, name: str) -> None:
        cancel(here.platform, here.platform.workspace("default"), run.id)

    kinds = tiny(done=cancelled)
    with driven_by_states(here, of_kinds(lambda: here.again().platform, kinds)) as (there, machine):
        run = started(there, "done", rounds=5)
        [_] = succeeded(machine)
        assert len(machine.called("WorkTask")) == 1
    assert run_of(here.platform, run).state == "cancelled"
    assert left_behind(here.platform, run) == []


def test_the_sweep_begins_another_execution_for_one_that_was_stopped(aws: MotoAws) -> None:
    here, stopped = world(aws_store(aws)), list[str]()

    def stop(context: Any, run: Any, name: str) -> None:
        if not stopped:
            stopped.append(run.id)
            arn = f"arn:aws:states:eu-west-1:123456789012:execution:{RUNS_MACHINE}:{run.id}-1"
            boto3.client("stepfunctions").stop_execution(executionArn=arn)

    kinds = tiny(done=stop)
    with driven_by_states(here, of_kinds(lambda: here.again().platform, kinds)) as (there, machine):
        run = started(there, "done", "done")
        [one] = machine.settled()
        assert one["status"] != "SUCCEEDED"
        sweep(there.platform)
        assert len(machine.settled()) == 1, "its lease is not over"
        here.clock.forward(31)
        sweep(there.platform)
        assert [one["name"] for one in machine.settled()] == [f"{run}-1", f"{run}-2"]
        assert machine.settled()[1]["status"] == "SUCCEEDED"
    now = run_of(here.platform, run)
    assert (now.state, now.attempt, now.crashes) == ("succeeded", 2, 0)


def test_a_long_run_goes_on_as_a_new_execution(aws: MotoAws) -> None:
    here = world(memory_store())
    functions = of_kinds(lambda: here.again().platform, tiny(), LIMITS - 1)
    with driven_by_states(here, functions) as (there, machine):
        run = started(there, "done", rounds=ROUNDS + 2)
        ended = succeeded(machine)
    assert [one["name"] for one in ended] == [f"{run}-1", f"{run}-1-{ROUNDS}"]
    assert (run_of(here.platform, run).state, run_of(here.platform, run).attempt) == ("succeeded", 1)


@pytest.mark.lengthy
def test_a_run_of_more_than_a_thousand_tasks_is_spread_by_a_distributed_map(aws: MotoAws) -> None:
    here = world(memory_store())
    with driven_by_states(here, of_kinds(lambda: here.again().platform, tiny())) as (there, machine):
        run = started(there, *["done"] * (MANY_TASKS + 1))
        narrow, wide = succeeded(machine)
        assert (narrow["stateMachineArn"], wide["stateMachineArn"]) == (
            machine_arn(RUNS_MACHINE),
            machine_arn(WIDE_RUNS),
        )
        events = [event["type"] for event in machine.history(wide["executionArn"])]
        assert events.count("MapRunStarted") == events.count("MapRunSucceeded") == 1
        assert len(machine.called("WorkTask")) == MANY_TASKS + 1
        assert len(machine.called("PlanRun")) == 3
    now = run_of(here.platform, run)
    assert (now.state, now.tasks_done) == ("succeeded", MANY_TASKS + 1)
