"""All calls that the versions of a model ever had: those of past hours, added up, and the windows since then."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from functions.records.kinds import Window
from functions.records.totals import TOTALS, Totals
from functions.serving.windows import HOUR, first_hour, only_calls, windows
from functions.storage import Lost, Stored, Workspace
from lepton_core.drift import Sketch, merge

OPEN_HOURS = 3
"""Hours, the current one included, whose windows may still grow: they are not added up yet."""

MOST_VERSIONS = 20
"""Versions of a model, the newest, whose calls are kept."""

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def calls_ever(store: Workspace, model: str) -> dict[int, Sketch]:
    """The calls of each of the newest versions, without the counts of features; they never become fewer.

    What a process writes of an hour more than `OPEN_HOURS` ago, as its store was away, is missing.
    """
    known = store.get(TOTALS, model)
    return _together(known, windows(store, model, _until(known)))


def add_up(store: Workspace, model: str, now: datetime) -> None:
    """Add the windows up that grow no more; whoever is second changes nothing."""
    known, until = store.get(TOTALS, model), first_hour(now, OPEN_HOURS)
    begins, ends = _until(known), until.strftime(HOUR)
    settled = [one for one in windows(store, model, begins) if one.hour < ends]
    if not settled:
        return
    calls = {version: sketch.as_dict() for version, sketch in _together(known, settled).items()}
    expect = 0 if known is None else known.revision
    with suppress(Lost):
        store.write(store.put(TOTALS, model, value=Totals(model, until, calls), expect=expect))


def _until(known: Stored[Totals] | None) -> datetime:
    return _BEGINNING if known is None else known.value.until


def _together(known: Stored[Totals] | None, young: Iterable[Window]) -> dict[int, Sketch]:
    documents = {} if known is None else known.value.versions
    found = {version: Sketch.from_dict(document) for version, document in documents.items()}
    for window in young:
        sketch = Sketch.from_dict(only_calls(window.sketch))
        before = found.get(window.version)
        found[window.version] = sketch if before is None else merge(before, sketch)
    return {version: found[version] for version in sorted(found)[-MOST_VERSIONS:]}
