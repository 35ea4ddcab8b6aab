"""A refused training as one that is not: what was asked for and was right stays in each call that is offered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lepton_core.errors import Failure, LeptonError, error_from
from lepton_core.remedy import Remedy, reworded, training

DEFAULTS: Mapping[str, Any] = {
    "warm_start": False,
    "seed": 0,
    "auto": False,
    "deploy": False,
    "hyperparameters": {},
}
"""What a request for a training has where nothing is said; any other field has None."""

_SETTINGS = ("iterations", "learning_rate")
"""Hyperparameters that a request may have beside the others."""


def said_in(request: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a ``request`` for a training that say something: those that are not their `DEFAULTS`.

    >>> said_in({"auto": True, "seed": 0, "weight": None, "split": {"by": "time", "column": "day"}})
    {'auto': True, 'split': {'by': 'time', 'column': 'day'}}
    """
    said = {name: value for name, value in request.items() if value != DEFAULTS.get(name)}
    if "split" in said:
        said["split"] = {name: value for name, value in said["split"].items() if value is not None}
    return said


def asked_again(failure: Failure, model: str, asked: Mapping[str, Any]) -> Failure:
    """The ``failure`` of a training of ``model``, whose calls say all that was ``asked``, but for what was refused.

    Whoever refuses knows a part of the request, and offers that alone: the fields that change. A field is left out if
    the offer has its default (None, or that of `DEFAULTS`), or lacks it and the failure is about it. A hyperparameter
    that is refused may go together with others, so there the offer has all of them. Each remedy gets the name of the
    model; its words stay those of a model at hand.

    >>> way = training(hyperparameters={"trees": 100})
    >>> found = Failure("invalid_input", f"no iterations: {way}", field="iterations", remedies=(way,))
    >>> asked_again(found, "churn", {"iterations": 100, "split": {"by": "time", "column": "day"}}).message
    "no iterations: model.train(split=Split('time', 'day'), trees=100)"
    """
    ways = tuple(_whole(one, failure, model, asked) for one in failure.remedies)
    said = {one.said: whole.said for one, whole in zip(failure.remedies, ways, strict=True)}

    def again(text: str) -> str:
        return reworded(text, failure.remedies, lambda one: said[one.said])

    reason = None if failure.reason is None else again(failure.reason)
    return replace(failure, message=again(failure.message), reason=reason, remedies=ways)


@contextmanager
def repeating(model: str, asked: Mapping[str, Any]) -> Iterator[None]:
    """A block whose errors are those of a training of ``model``: what they offer says all that was ``asked``.

    >>> with repeating("churn", {"weight": "w"}):
    ...     raise LeptonError(f"no: {training(auto=True)}", field="trials", remedies=(training(auto=True),))
    Traceback (most recent call last):
    lepton_core.errors.LeptonError: no: model.train(weight='w', auto=True)
    """
    try:
        yield
    except LeptonError as error:
        if not error.remedies:
            raise
        raise error_from(asked_again(error.failure, model, asked)) from None


def _whole(one: Remedy, failure: Failure, model: str, asked: Mapping[str, Any]) -> Remedy:
    if one.route != "train" or one.of not in (None, model):
        return one.at_hand(model)
    # The field of bad data is a column, which may have the name of a field.
    refused = (failure.field or "").partition(".")[0] if failure.code != "invalid_data" else ""
    settings = {**asked.get("hyperparameters", {}), **_beside(asked)}
    if refused in settings or "hyperparameters" in one.body:
        kept = {name: value for name, value in asked.items() if name not in (*_SETTINGS, "hyperparameters")}
        body = kept | _dealt(one.body.get("hyperparameters", {}), _beside(asked))
    else:
        body = {name: value for name, value in asked.items() if name != refused}
    body |= {name: value for name, value in one.body.items() if name != "hyperparameters"}
    return training(one.of, **said_in(body)).at_hand(model)


def _beside(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in _SETTINGS if name in asked}


def _dealt(settings: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """The ``settings`` as fields of a request: those that were ``beside`` the hyperparameters stay there."""
    there = {name: value for name, value in settings.items() if name in beside and beside[name] == value}
    return there | {"hyperparameters": {name: value for name, value in settings.items() if name not in there}}
