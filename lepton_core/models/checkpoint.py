"""A state of descent as a fit, whose arrays a checkpoint keeps, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import DescentState, Optimizer
from lepton_core.errors import InvalidArtifact
from lepton_core.models.algorithm import Fit

_SLOT = "slot."
_NUMBERS = ("rate", "first", "best")


def to_fit(
    state: DescentState,
    *,
    rate: float,
    iterations: int,
    waits: bool,
    note: str,
    more: Mapping[str, NDArray[Any]],
) -> Fit:
    """The fit: weights, of any shape, the optimizer's slots, the rate, and ``more``, what else the start decided.

    ``waits``: with a tolerance, so that the note says how the training ended.

    >>> fit = to_fit(DescentState(0, np.zeros(2), {}), rate=0.1, iterations=5, waits=True, note="", more={})
    >>> sorted(fit.arrays)
    ['best', 'first', 'rate', 'waited', 'weights']
    """
    if state.finished and (state.finished != "iterations" or waits):
        how = "not yet at rest" if state.finished == "iterations" else state.finished
        note = "; ".join(filter(None, [note, f"{how} after {state.iteration} iterations"]))
    return Fit(
        iteration=state.iteration,
        iterations=iterations,
        losses=state.losses,
        arrays={
            "weights": state.weights,
            "rate": np.array([rate]),
            "first": np.array([state.first]),
            "best": np.array([state.best]),
            "waited": np.array([state.waited]),
            **more,
            **{_SLOT + name: array for name, array in state.slots.items()},
        },
        finished=bool(state.finished),
        note=note,
    )


def to_state(
    fit: Fit, shape: tuple[int, ...], optimizer: Optimizer, more: Mapping[str, NDArray[Any]]
) -> tuple[DescentState, float]:
    """The state and the rate of a fit with weights of ``shape`` and arrays shaped like those of ``more``.

    Raises `InvalidArtifact` if the arrays are not those of `to_fit` with this optimizer.

    >>> from lepton_core.descent import gradient_descent
    >>> made = to_fit(DescentState(3, np.ones(2), {}), rate=0.1, iterations=5, waits=False, note="", more={})
    >>> state, rate = to_state(made, (2,), gradient_descent(), {})
    >>> state.iteration, state.weights.tolist(), rate
    (3, [1.0, 1.0], 0.1)
    """
    slots = {_SLOT + name: array.shape for name, array in optimizer.init(np.zeros(shape)).items()}
    floats = {"weights": shape, **dict.fromkeys(_NUMBERS, (1,)), **slots}
    wanted: dict[str, tuple[tuple[int, ...], str]] = {name: (of, "f8") for name, of in floats.items()}
    wanted |= {"waited": ((1,), "i8"), **_kinds(more)}
    if _kinds(fit.arrays) != wanted:
        raise InvalidArtifact("the checkpoint belongs to other data or other hyperparameters")
    rate, first, best = (float(fit.arrays[name][0]) for name in _NUMBERS)
    state = DescentState(
        iteration=fit.iteration,
        weights=fit.arrays["weights"],
        slots={name.removeprefix(_SLOT): fit.arrays[name] for name in slots},
        losses=fit.losses,
        first=first,
        best=best,
        waited=int(fit.arrays["waited"][0]),
    )
    return state, rate


def _kinds(arrays: Mapping[str, NDArray[Any]]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {name: (array.shape, array.dtype.str[1:]) for name, array in arrays.items()}
