"""What a run costs as executions of its state machine: transitions and events, counted from the definition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.aws.bundle import SIZES
from infra.aws.machine import MOST_EVENTS, definition

USD_A_TRANSITION = 0.025 / 1_000
USD_A_GB_SECOND = 0.0000166667
USD_A_REQUEST = 0.20 / 1_000_000
"""List prices of us-east-1, January 2025: Standard Workflows; Lambda on x86, and its requests."""

PLAN_SECONDS = 0.3
"""What one Plan takes, with some five calls of the stores: an assumption."""

EVENTS = {"Task": 5, "Choice": 2, "Map": 4, "Wait": 2, "Pass": 2, "Succeed": 2}
"""Events of one state that goes well: entered and exited, and between them, of a task, scheduled, started, succeeded.

Source: "HistoryEvent" in the API reference of Step Functions. Each iteration of a map begins and ends besides.
"""

A_TRY = 3
"""Events of one more try of a task."""

ITERATION = 2

SLICES = {"2 s": 2, "30 s": 30, "5 min": 300, "13 min": 780}


@dataclass(frozen=True)
class Count:
    """Transitions, which are paid for, and events, of which an execution may have 25,000."""

    transitions: int = 0
    events: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.transitions + other.transitions, self.events + other.events)

    def __mul__(self, times: int) -> "Count":
        return Count(self.transitions * times, self.events * times)


def of_state(state: Mapping[str, Any]) -> Count:
    """One state that goes well."""
    return Count(1, EVENTS[state["Type"]])


def of_round(tasks: int) -> Count:
    """One round with work: Plan, Choose, and so many tasks side by side."""
    states = definition()["States"]
    [task] = [one for one in states["Work"]["ItemProcessor"]["States"].values() if one["Type"] == "Task"]
    done = of_state(task) + Count(0, ITERATION)
    return of_state(states["Plan"]) + of_state(states["Choose"]) + of_state(states["Work"]) + done * tasks


def at_worst(rounds: int, tasks: int) -> int:
    """Events of an execution in which everything that may be tried again is, and whose tasks all die in the end."""
    states = definition()["States"]
    task = states["Work"]["ItemProcessor"]["States"]["Task"]
    each = EVENTS["Task"] + A_TRY * _retries(task) + EVENTS["Pass"] + ITERATION
    around = sum(of_state(states[name]).events for name in ("Plan", "Choose", "Work"))
    a_round = around + A_TRY * _retries(states["Plan"]) + each * tasks
    begun = 1 + EVENTS["Task"] + A_TRY * _retries(states["Continue"]) + EVENTS["Succeed"] + 1
    return begun + a_round * rounds


def _retries(state: Mapping[str, Any]) -> int:
    return sum(int(one["MaxAttempts"]) for one in state["Retry"])


def counted(history: list[dict[str, Any]]) -> Count:
    """Of an execution that took place."""
    entered = sum(event["type"].endswith("StateEntered") for event in history)
    return Count(entered, len(history))


def costs_of_slices() -> tuple[list[str], list[list[str]]]:
    """What an hour of one fit costs, by the length of its slices: the head of a table, and its rows."""
    memory = {name: SIZES[name]["lambda_memory_size"] / 1024 for name in ("plan_run", "work_task")}
    compute = 3_600 * memory["work_task"] * USD_A_GB_SECOND
    one, rows = of_round(1), list[list[str]]()
    for name, seconds in SLICES.items():
        rounds = 3_600 / seconds
        hours = MOST_EVENTS / (one.events * rounds)
        plan = rounds * (PLAN_SECONDS * memory["plan_run"] * USD_A_GB_SECOND + USD_A_REQUEST)
        moved = one.transitions * rounds
        counts = [f"{count:,.0f}" for count in (rounds, moved, one.events * rounds)]
        after = f"{hours * 60:.0f} min" if hours < 10 else f"{hours:,.0f} h"
        paid = [f"{usd:.4f}" for usd in (moved * USD_A_TRANSITION, plan, compute)]
        rows.append([name, *counts, after, *paid])
    head = ["a slice", "rounds", "transitions", "events", "25,000 events after"]
    return [*head, "USD for transitions", "for `PlanRun`", "for `WorkTask`"], rows
