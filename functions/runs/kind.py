"""The interface of a kind of run: how it goes on, what its tasks do, and what it changes in the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from functions.context import Context
from functions.records.kinds import Model
from functions.runs.job import Job
from functions.runs.record import Outcome, Progress, Run
from functions.runs.task import Result, Results, Task
from functions.storage import Workspace, Write

J = TypeVar("J", bound=Job)


@dataclass(frozen=True)
class Ending:
    """How a finished run changes the world: the model's new value and further writes, all in one transaction."""

    model: Model
    writes: Sequence[Write] = ()
    version: int | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class RunKind(Generic[J]):
    """One kind of run: that of the jobs of type ``job``.

    ``plan`` is pure: the next tasks, or none when only the ending is left. ``work`` does one task of the
    run, from the result that it has so far, and may run twice, at once or later: its result is taken once. ``finish``
    gathers what the ending needs and decides; it is asked again if the model changed meanwhile. Both get the run's
    job by its type. ``progress`` is pure: what is to be
    shown of the run.
    """

    job: type[J]
    plan: Callable[[J, Results], list[Task]]
    work: Callable[[Context, Workspace, Run, J, Task, Result | None], Result]
    finish: Callable[[Context, Workspace, Run, J, Results, Model], Ending]
    progress: Callable[[J, Results], Progress]


Kinds = Mapping[type, RunKind[Any]]
"""Each kind of run under the type of its job: made by `by_job`, asked by `kind_of_job`."""


def by_job(*kinds: RunKind[Any]) -> Kinds:
    """The kinds, each under the type of its job."""
    return {kind.job: kind for kind in kinds}


def kind_of_job(kinds: Kinds, job: J) -> RunKind[J]:
    """The kind of run that does ``job``. Raises ``KeyError`` if there is none."""
    return kinds[type(job)]
