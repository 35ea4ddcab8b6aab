"""What a request says to train a version once more: an error that offers a training forgets nothing that it had."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from functions.context import log
from functions.records import find
from functions.records.kinds import Model, Version
from functions.runs.job import TrainJob, UpdateJob
from functions.runs.record import RUNS
from functions.storage import Workspace
from functions.training.dealing import as_asked
from functions.training.specs import given, refits_by_default
from lepton_core.asked_again import asked_again, said_in
from lepton_core.errors import Failure, LeptonError, NotFound, error_from
from lepton_core.remedy import reworded, training
from lepton_core.table import BY_FILE

_OF_A_SEARCH = (
    *("auto", "trials", "seconds", "members", "megabytes", "milliseconds"),
    *("hyperparameters", "iterations", "learning_rate"),
)


def again(store: Workspace, model: Model, version: Version, **changes: Any) -> dict[str, Any]:
    """The fields of a request that trains such a ``version`` of the ``model`` on its newest data.

    A blend, and what a search found of another algorithm than the model's own, come of a search only: the same one, as
    far as its run is still known, without the ``changes`` of hyperparameters that all others are to have as well (None:
    no change). What began with the weights of an earlier version begins with none.
    """
    searched = is_searched(model, version)
    search = _search(store, version) if searched else {}
    settings = search.get("hyperparameters") if searched else given(version.hyperparameters, changes)
    auto = search.get("auto")
    # What a search for a blend learns if nothing is said, and no other training does.
    usual = {"calibrate": auto is True and version.task == "classification", "uncertainty": auto is True}
    extras = {name: getattr(version.extras, name) for name in usual}
    return said_in(
        {
            **search,
            "hyperparameters": settings or {},
            "seed": int(version.hyperparameters.get("seed", 0)),
            "weight": version.weight,
            "class_weight": version.class_weight,
            "split": as_asked(version.split),
            "refit": _refit(version),
            **{name: None if has == usual[name] else has for name, has in extras.items()},
        }
    )


def is_searched(model: Model, version: Version) -> bool:
    """Whether a version comes of a search only, and its settings are none of the model's own algorithm."""
    return bool(version.members) or version.algorithm != model.algorithm


def known_to(request: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """The ``request`` without what it says of columns that are not among ``columns``."""
    kept = dict(request)
    settings = dict(kept.get("hyperparameters", {}))
    if settings.get("monotone"):
        settings["monotone"] = {name: sign for name, sign in settings["monotone"].items() if name in columns}
    if settings.get("interactions"):
        groups = settings["interactions"]
        settings["interactions"] = [group for group in groups if set(group) <= set(columns)]
    kept["hyperparameters"] = {
        name: value for name, value in settings.items() if value or name not in ("monotone", "interactions")
    }
    if kept.get("weight") not in columns:
        kept["weight"] = None
    if (kept.get("split") or {}).get("column", None) not in (None, *columns):
        kept["split"] = None
    return said_in(kept)


@contextmanager
def offering(store: Workspace, model: Model, version: Version, **changes: Any) -> Iterator[None]:
    """A block whose errors offer trainings that say all that the ``version`` had, with ``changes`` as in `again`.

    What was refused is left out.
    """
    try:
        yield
    except LeptonError as error:
        if not _offers(error):
            raise
        raise _whole(error, store, model, version, **changes) from None


def of_served(error: LeptonError, store: Workspace, model: str, version: int) -> LeptonError:
    """The ``error`` of a prediction, whose trainings say all that the ``version`` that answered had.

    Where the store does not tell what that was, they stay as they are.
    """
    if not _offers(error):
        return error
    try:
        found = find.model(store, model).value, find.version(store, model, version).value
        return _whole(error, store, *found)
    except NotFound:  # a version that was served out of its file
        return error
    except LeptonError as away:
        log.warning("what version %d of model %s had cannot be told: %s", version, model, away.message)
        return error


def _offers(error: LeptonError) -> bool:
    return any(one.route == "train" for one in error.remedies)


def _whole(
    error: LeptonError, store: Workspace, model: Model, version: Version, **changes: Any
) -> LeptonError:
    searched = is_searched(model, version)
    failure = _without_settings(error.failure) if searched else error.failure
    return error_from(asked_again(failure, model.name, again(store, model, version, **changes)))


def _without_settings(failure: Failure) -> Failure:
    """The ``failure``, whose trainings have no hyperparameters: a search has those of no algorithm."""
    ways = tuple(
        training(one.of, **{name: value for name, value in one.body.items() if name != "hyperparameters"})
        if one.route == "train"
        else one
        for one in failure.remedies
    )
    said = {one.said: other.said for one, other in zip(failure.remedies, ways, strict=True)}
    text = reworded(failure.message, failure.remedies, lambda one: said[one.said])
    return replace(failure, message=text, remedies=ways)


def _search(store: Workspace, version: Version) -> dict[str, Any]:
    """What the request for a search said that found a version; of an update, that of its champion."""
    run = store.get(RUNS, version.run)
    job = None if run is None else run.value.job
    asked = job.asked if isinstance(job, TrainJob | UpdateJob) else {}
    if asked.get("auto"):
        return {name: asked[name] for name in _OF_A_SEARCH if name in asked}
    return {"auto": True if version.members else "algorithm"}


def _refit(version: Version) -> bool | None:
    """Whether it was fitted again, on all rows, if that is to be said; None: it is as it is without a word."""
    served = version.served
    # No training on rows that a person holds out is fitted again, and how many rows an old one had is not known.
    if version.split.rule in (BY_FILE.rule, "column-1") or (served is None and not version.rows):
        return None
    rows = version.rows if served is None else served.rows
    return None if refits_by_default(rows, version.split) == (served is not None) else served is not None
