"""Following work that goes on elsewhere: poll, show, and say where it is when the caller leaves."""

import time
from collections.abc import Callable
from typing import TypeVar

from lepton_ai.errors import error_of
from lepton_ai.notes import plainly
from lepton_ai.progress import Reporter, Stopwatch, reporter, say
from lepton_ai.replies import read
from lepton_ai.results import Run, Upload
from lepton_ai.transport import Transport
from lepton_core.errors import Conflict, Unavailable

T = TypeVar("T")

_FIRST_WAIT = 0.02
_LONGEST_WAIT = 0.5
_PATIENCE = 60.0
_TRIES = 10
_MUCH_MEMORY = 100_000_000

_ING = {"train": "training", "evaluate": "evaluating", "update": "updating"}


def follow_run(transport: Transport, run: Run, *, quiet: bool = False, parts: int = 0) -> Run:
    """Wait until ``run`` has succeeded, showing its progress: its iterations, or how many of its ``parts`` are done.

    A search shows its measurements, each of one candidate on some folds, and then the iterations of what won. Of
    several fits it says which is under way. The first line says how much memory a training needs, if that is 100 MB or
    more.

    Raises the run's own error (such as ``Diverged``) if it fails, ``Conflict`` if it is cancelled,
    ``Unavailable`` after a minute without an answer. An interrupt leaves the run going, says so, and is
    raised again.
    """
    if run.nothing_new:
        return run
    watch = Stopwatch()
    title = f"{_ING.get(run.kind, run.kind)} {run.model}"
    if run.needed_bytes >= _MUCH_MEMORY and not run.finished:
        say(f"{title} needs about {_memory(run.needed_bytes)} of memory", quiet=quiet)
    shown = _Shown(title, parts, quiet=quiet)
    try:
        done = until(
            lambda: shown.seen(read(transport.call("GET", f"/v1/runs/{run.id}"), Run)),
            lambda seen: seen.finished,
            first=shown.seen(run),
        )
    except KeyboardInterrupt:
        shown.close()
        how = ending(run.model, run.id if run.kind == "evaluate" else "")
        say(f"no longer waiting; {run.id} goes on {where(transport)}; {how}", quiet=quiet)
        raise
    except Unavailable as error:
        shown.close()
        raise Unavailable(f"{error.message}; run {run.id} may still be going on") from None
    except BaseException:
        shown.close()
        raise
    if done.state == "succeeded":
        shown.close(_summary(done, watch))
        return done
    shown.close()
    if done.error is not None:
        raise error_of(done.error)
    raise Conflict(f"run {done.id} ({done.kind} {done.model}) is {done.state}")


def follow_asked(transport: Transport, ask: Callable[[], Run], *, quiet: bool = False, parts: int = 0) -> Run:
    """As `follow_run`, for the run that ``ask`` answers.

    The answer may be an update that came by itself, and that makes way if somebody else wants to train. Then the
    caller's own wish is not fulfilled: it is asked for again, up to ten times in all.
    """
    for _ in range(_TRIES - 1):
        run = ask()
        try:
            return follow_run(transport, run, quiet=quiet, parts=parts)
        except Conflict:
            if not (run.by_itself and _made_way(transport, run)):
                raise
        say(f"{run.id} of {run.model} made way for another run; asking for the {run.kind} again", quiet=quiet)
    return follow_run(transport, ask(), quiet=quiet, parts=parts)


def _made_way(transport: Transport, run: Run) -> bool:
    return read(transport.call("GET", f"/v1/runs/{run.id}"), Run).made_way


def follow_upload(transport: Transport, path: str, upload: Upload) -> Upload:
    """Wait until the platform has accepted the file; raises the error for which it rejected it."""
    done = until(
        lambda: read(transport.call("GET", path), Upload), lambda seen: seen.state != "waiting", first=upload
    )
    if done.state == "accepted":
        return done
    if done.error is not None:
        raise error_of(done.error)
    raise Conflict(f"the upload {done.id} was {done.state}")


def ending(model: str, run: str = "") -> str:
    """How to end ``run`` of ``model``; it need not be named if it is the one that makes the next version.

    >>> ending("churn")
    'to end it: lepton cancel churn, or Model.cancel()'
    """
    if run:
        return f"to end it: lepton cancel {model} --run {run}, or Model.cancel({run!r})"
    return f"to end it: lepton cancel {model}, or Model.cancel()"


def _memory(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def until(
    ask: Callable[[], T],
    enough: Callable[[T], bool],
    *,
    first: T,
    longest: float = _LONGEST_WAIT,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The first answer that is enough; the waits grow from 20 ms to the ``longest``, in seconds."""
    seen, wait, silent_since = first, _FIRST_WAIT, None
    while not enough(seen):
        sleep(wait)
        wait = min(longest, wait * 1.3)
        try:
            seen = ask()
            silent_since = None
        except Unavailable:
            # A platform that restarts takes the run up again: give it time to come back.
            now = time.monotonic()
            silent_since = now if silent_since is None else silent_since
            if now - silent_since > _PATIENCE:
                raise
    return seen


class _Shown:
    """The progress of a run, in the unit that it counts in at the time."""

    def __init__(self, title: str, parts: int, *, quiet: bool) -> None:
        self._title = title
        self._parts = parts
        self._quiet = quiet
        self._unit = self._stage = ""
        self._reporter: Reporter | None = None

    def seen(self, run: Run) -> Run:
        if self._parts:
            if run.tasks_done:
                self._in("part").update(run.tasks_done, self._parts)
        elif run.trials and not run.iterations and not run.stage:
            self._in("measurement").update(run.trial, run.trials)
        elif run.stage and not run.finished:
            # The losses are those of the fit that is judged.
            self._in("iteration", run.stage).update(run.iteration, run.iterations)
        else:
            self._in("iteration").update(run.iteration, run.iterations, loss=run.last_loss)
        return run

    def close(self, summary: str = "") -> None:
        self._in(self._unit or "iteration", self._stage).close(summary)

    def _in(self, unit: str, stage: str = "") -> Reporter:
        if self._reporter is None or (unit, stage) != (self._unit, self._stage):
            if self._reporter is not None:
                self._reporter.close()
            self._unit, self._stage = unit, stage
            title = f"{self._title}, {stage}" if stage else self._title
            self._reporter = reporter(title, unit, quiet=self._quiet, at_once=bool(stage))
        return self._reporter


def _summary(run: Run, watch: Stopwatch) -> str:
    what = f"{_ING.get(run.kind, run.kind)} {run.model}: done in {watch}"
    said = plainly(run.note)
    return f"{what} ({', '.join(said)})" if said else what


def where(transport: Transport) -> str:
    """Where work goes on that nobody waits for."""
    if transport.url is None:
        return f"whenever {transport.address} is open"
    return f"at {transport.url}"
