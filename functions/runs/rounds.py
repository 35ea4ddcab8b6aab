"""Runs that nobody holds in memory: round by round, each planned from the record alone.

An execution of a state machine (`infra/aws/machine.py`) has a round planned here, its tasks done side by side
(`functions.runs.by_name`), and the next round planned. It carries names and counts only: the record is the truth, and
an execution that finds that the run has ended, or is somebody else's, ends itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal

import msgspec
from msgspec.structs import replace

from functions.context import Context, log
from functions.records.change import COMMIT_TRIES
from functions.records.files import File, write_file
from functions.records.intents import pointed_at
from functions.records.kinds import DUE_RUNS
from functions.runs.ending import cleanup
from functions.runs.kind import Kinds, kind_of_job
from functions.runs.lease import Held, claim, is_free
from functions.runs.needs import place_of
from functions.runs.planning import next_tasks, read_results
from functions.runs.record import BEGUN, RUNS, Run, file_key, has_ended, is_over
from functions.runs.task import Result, Task, is_done, key_of
from functions.storage import Lost, Stored, Workspace

MOST_TASKS = 40
"""Tasks of one round: so many Step Functions does side by side in one execution."""

MANY_TASKS = 1_000
"""A plan of more tasks than this goes on in executions of their own, a thousand side by side."""

MOST_WIDE_TASKS = 3_000
"""Tasks of one such round: their names, and what becomes of them, fit into the 256 KiB of a state."""

ROUNDS = 25
"""Rounds of one execution. With all that may be tried again in them they make less than 25,000 events."""

MOST_UNDER_WAY = 8
"""Runs of one workspace that are under way at once: all functions of an account share one limit. Others wait."""

NEXT_LOOK_SECONDS = 60
"""How long a run waits before it looks again whether it is its turn."""


class Ended(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a task ended, beside its result: ``died`` without a word, ``busy``: no function was free, a store ``away``.

    ``died`` and ``busy`` are its key, ``away`` is what the store said. Nothing at all: there is a new result.
    """

    died: str = ""
    busy: str = ""
    away: str = ""
    late: bool = False


class Round(msgspec.Struct, frozen=True, omit_defaults=True):
    """The next round of the execution ``name``, which takes the run up under ``attempt``.

    ``ended`` is how the tasks of the last one did, ``seconds`` how long it waited since.
    """

    workspace: str
    run: str
    attempt: int
    name: str
    round: int = 0
    seconds: int = 0
    ended: list[Ended] = []

    @property
    def owner(self) -> str:
        """The holder of the run from this round on; a round that is planned twice finds that it is its own."""
        return f"{self.name}#{self.round}"

    @property
    def previous(self) -> str:
        """The holder of the run before this round."""
        return f"{self.name}#{self.round - 1}"


class Routed(msgspec.Struct, frozen=True):
    """A task of a round: its key, and the place of its function in `functions.runs.needs.FUNCTIONS`."""

    task: str
    at: int


class Next(msgspec.Struct, frozen=True):
    """What the execution does next, and all that it carries.

    ``work``: the ``tasks``, which lie in the file ``plan``. ``wait``: so many ``seconds``. ``continue``: as a new
    execution, as this one has had its rounds. ``widen``: as one that is made for many tasks. ``end``.
    """

    next: Literal["work", "wait", "continue", "widen", "end"]
    workspace: str
    run: str
    attempt: int
    name: str
    round: int
    seconds: int = 0
    plan: File | None = None
    tasks: list[Routed] = []


Planned = dict[str, Task]
"""The tasks of a round by their keys, as its file has them."""


@dataclass(frozen=True)
class Planner:
    """Plans rounds; of ``wide`` executions, which do many tasks at once."""

    context: Context
    kinds: Kinds
    wide: bool = False

    def next(self, asked: Round) -> Next:
        """What comes next. It may be asked twice, also after it was killed: nothing is counted twice.

        Raises `Unavailable` if a store is away.
        """
        for _ in range(COMMIT_TRIES):
            try:
                return self._next(asked)
            except Lost:  # a worker has told how far it is, somebody cancelled the run, or took it up
                log.debug("run %s changed while its next round was planned", asked.run)
        raise Lost(RUNS.name, asked.run)

    def _next(self, asked: Round) -> Next:
        store = self.context.workspace(asked.workspace)
        stored = store.get(RUNS, asked.run)
        if stored is None or has_ended(stored.value):
            if stored is None or is_over(stored.value):
                cleanup(
                    self.context, store, asked.run
                )  # of what late tasks wrote, or an ending that was killed
            return _then("end", asked)
        if not self._is_its_turn(asked, stored.value):
            return self._or_continued(_then("wait", asked, seconds=NEXT_LOOK_SECONDS), asked)
        held = self._held(store, stored, asked)
        if held is None:
            log.info("run %s is another's; execution %s ends", asked.run, asked.name)
            return _then("end", asked)
        return self._planned(held, asked)

    def _planned(self, held: Held, asked: Round) -> Next:
        results = read_results(held.store, held.run)
        if held.run.lease is not None and held.run.lease.owner != asked.owner:
            held, seconds = self._accounted(held, asked, results)
            if seconds:
                return self._or_continued(_then("wait", asked, seconds=seconds), asked)
        tasks = next_tasks(held, self.kinds, results)
        if not tasks:
            return _then("end", asked)
        if len(tasks) > MANY_TASKS and not self.wide:
            return _then("widen", asked)
        return self._or_continued(self._work(held, asked, tasks), asked)

    def _or_continued(self, following: Next, asked: Round) -> Next:
        return _then("continue", asked) if (asked.round + 1) % ROUNDS == 0 else following

    def _is_its_turn(self, asked: Round, run: Run) -> bool:
        """Whether the run is under way, or among the first of its workspace that may be."""
        if run.attempt >= asked.attempt:
            return True
        first = list(islice(pointed_at(self.context.system, DUE_RUNS, asked.workspace), MOST_UNDER_WAY))
        return asked.run in first or len(first) < MOST_UNDER_WAY

    def _held(self, store: Workspace, stored: Stored[Run], asked: Round) -> Held | None:
        """The run, if it is this execution's, or free for it. None: it is another's."""
        run = stored.value
        if run.attempt == asked.attempt - 1 and is_free(run, self.context.clock(), self.context.settings):
            held = claim(self.context, store, run.id, asked.owner)
            if held is None:
                raise Lost(RUNS.name, run.id)
            return held
        owner = "" if run.lease is None else run.lease.owner
        if run.attempt != asked.attempt or owner not in (asked.owner, asked.previous):
            return None
        return Held(self.context, store, run, stored.revision)

    def _accounted(self, held: Held, asked: Round, results: Mapping[str, Result]) -> tuple[Held, int]:
        """The run after what came of the last round; and how many seconds it waits, if nothing could be done."""
        run, now = held.run, self.context.clock()
        shown, done = (
            kind_of_job(self.kinds, run.job).progress(run.job, results),
            sum(map(is_done, results.values())),
        )
        quiet = replace(run.progress, note="") == replace(shown, note="") and done == run.tasks_done
        news = not quiet or any(one == Ended() for one in asked.ended)
        died = [one.died for one in asked.ended if one.died and _has_begun(held, one.died, results)]
        counted = replace(
            run,
            progress=shown,
            tasks_done=done,
            crashes=(0 if news else run.crashes) + bool(died),
            waits=0 if news or died else run.waits,
            not_before=None,
            updated=min(now, run.updated + timedelta(seconds=asked.seconds)),  # nobody worked while it waited
        )
        reason = "" if news or died else _reason(asked.ended)
        if reason:
            return held, -int(-held.waits(asked.owner, counted, reason) // 1)
        return held.in_round(asked.owner, counted), 0

    def _work(self, held: Held, asked: Round, tasks: list[Task]) -> Next:
        chosen = {key_of(task): task for task in tasks[: MOST_WIDE_TASKS if self.wide else MOST_TASKS]}
        key = file_key(self.context, held.store, held.run, "plan")
        plan = write_file(held.store, key, msgspec.json.encode(chosen))
        named = [Routed(key, place_of(task)) for key, task in chosen.items()]
        return _then("work", asked, plan=plan, tasks=named)


def _then(
    what: Literal["work", "wait", "continue", "widen", "end"],
    asked: Round,
    *,
    seconds: int = 0,
    plan: File | None = None,
    tasks: list[Routed] | None = None,
) -> Next:
    where = asked.workspace, asked.run, asked.attempt, asked.name
    return Next(what, *where, asked.round + 1, seconds, plan, tasks or [])


def _has_begun(held: Held, key: str, results: Mapping[str, Result]) -> bool:
    """Whether a task had begun in this attempt, and has not ended: only then its end can be blamed on it."""
    mark = held.store.get(BEGUN, held.run.id, key)
    if mark is None or mark.value.attempt != held.run.attempt:
        return False
    return key not in results or not is_done(results[key])


def _reason(ended: list[Ended]) -> str:
    """Why nothing at all came of a round, for which nobody is to blame; nothing: it had no tasks."""
    for one in ended:
        if one.away:
            return one.away
    if any(one.busy for one in ended):
        return "no function is free"
    return "a function ended before its task had begun" if any(one.died for one in ended) else ""
