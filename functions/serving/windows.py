"""The traffic of the last hours, as all processes have written it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import reduce
from itertools import takewhile

from functions.records.deployments import Rollout
from functions.records.kinds import WINDOWS, SketchDocument, Window, number
from functions.storage import Workspace
from lepton_core.drift import Profile, Sketch, empty_sketch, merge, no_calls

HOUR = "%Y-%m-%dT%H"


def first_hour(now: datetime, hours: int) -> datetime:
    """When the first of the last ``hours`` hours began, the current one included."""
    return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)


def traffic_since(
    store: Workspace, model: str, version: int, profile: Profile, first: datetime
) -> tuple[Sketch, dict[int, Sketch]]:
    """All that was counted from ``first`` on: for a version in the bins of ``profile``, and the calls of each other."""
    traffic, others = empty_sketch(profile), dict[int, Sketch]()
    for window in windows(store, model, first):
        if window.version == version:
            traffic = merge(traffic, Sketch.from_dict(window.sketch))
        else:
            known = others.get(window.version, no_calls())
            others[window.version] = merge(known, Sketch.from_dict(only_calls(window.sketch)))
    return traffic, others


def windows(store: Workspace, model: str, first: datetime, version: int | None = None) -> Iterator[Window]:
    """What each process counted in each hour from ``first`` on, for one ``version`` or for all."""
    mine = "" if version is None else f":{number(version)}:"
    found = store.all(WINDOWS, model, after=first.strftime(HOUR))
    return (window.value for key, window in found if mine in key)


def calls_beside(store: Workspace, model: str, rollout: Rollout, first: datetime) -> tuple[Sketch, Sketch]:
    """The calls since ``first`` in this rollout of the version that is rolled out, and of the one before."""
    new, old = no_calls(), no_calls()
    for window in windows(store, model, first):
        if window.rollout == rollout.id and window.version == rollout.version:
            new = merge(new, Sketch.from_dict(only_calls(window.sketch)))
        elif window.rollout == rollout.id and window.version == rollout.before:
            old = merge(old, Sketch.from_dict(only_calls(window.sketch)))
    return new, old


def calls_before(store: Workspace, model: str, rollout: Rollout, first: datetime) -> Sketch:
    """The calls of the version that a rollout replaced, from ``first`` to the end of the hour in which that began."""
    last = rollout.began.strftime(HOUR)
    found = takewhile(lambda window: window.hour <= last, windows(store, model, first))
    calls = (Sketch.from_dict(only_calls(one.sketch)) for one in found if one.version == rollout.before)
    return reduce(merge, calls, no_calls())


def traffic_by_step(
    store: Workspace, model: str, version: int, first: datetime, step: int
) -> dict[datetime, Sketch]:
    """The traffic of a version since ``first``, by when each ``step`` hours began; quiet ones are left out."""
    found = windows(store, model, first, version)
    return _by_step(((window.hour, window.sketch) for window in found), first, step)


def calls_by_step(store: Workspace, model: str, first: datetime, step: int) -> dict[datetime, Sketch]:
    """The calls of all versions since ``first``, as `traffic_by_step` has them, without the counts of features."""
    found = windows(store, model, first)
    return _by_step(((window.hour, only_calls(window.sketch)) for window in found), first, step)


def _by_step(
    found: Iterable[tuple[str, SketchDocument]], first: datetime, step: int
) -> dict[datetime, Sketch]:
    steps: dict[datetime, Sketch] = {}
    for hour, document in found:
        begins, sketch = _step_at(hour, first, step), Sketch.from_dict(document)
        steps[begins] = merge(steps[begins], sketch) if begins in steps else sketch
    return steps


def only_calls(sketch: SketchDocument) -> SketchDocument:
    """A sketch without the counts of features and predictions: those of any two versions add up."""
    return {**sketch, "counts": {}, "prediction": []}


def _step_at(hour: str, first: datetime, step: int) -> datetime:
    begun = datetime.strptime(hour, HOUR).replace(tzinfo=first.tzinfo)
    passed = int((begun - first) / timedelta(hours=step))
    return first + passed * timedelta(hours=step)
