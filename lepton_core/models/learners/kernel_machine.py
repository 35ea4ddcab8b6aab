"""Support vector machines with a kernel: the model first, then one a fold, whose scores calibrate it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.models.algorithm import Fit, Problem
from lepton_core.models.kernel.arrays import KERNEL_ARRAYS, Arrays, constant, form
from lepton_core.models.kernel.check import check_kernel
from lepton_core.models.kernel.data import KernelData, foreign, gather
from lepton_core.models.kernel.hyper import SvmHyper, settle
from lepton_core.models.kernel.part_by_part import SIGMOID, chosen, held_out, sigmoids
from lepton_core.models.kernel.predict import kernel_scores, pair_scores
from lepton_core.models.learners.svc import train_kernel

MOST_ROWS = 50_000
"""A kernel compares every row with every other."""


def start(problem: Problem, hyper: SvmHyper, warm: Mapping[str, NDArray[Any]] | None) -> Fit:
    """The fit before its first iteration; nothing can be gone on from: ``warm``, of any shapes, changes the note only.

    Raises `InvalidData` for data that cannot be learned from.
    """
    data = gather(problem)
    rows, columns = data.X.shape
    if rows > MOST_ROWS:
        raise InvalidData(
            f"{rows} rows are more than the {MOST_ROWS} that a kernel can be trained on; take kernel='linear'"
        )
    if columns == 0:
        raise InvalidData("a kernel needs at least one feature")
    settled = settle(hyper, data.X, data.y, data.weights, data.n_classes)
    names = ("gamma",) if data.n_classes else ("C", "epsilon", "gamma")
    notes = [
        *chosen(hyper, settled, names),
        *(["trained anew, as a kernel has to be"] if warm is not None else []),
    ]
    arrays = constant(columns, data.n_classes, 0) | {"form": form(hyper.kernel, 1.0, 0.0, 1)}
    arrays["scores"] = np.zeros((rows, data.outputs))
    if data.n_classes:
        arrays |= {"slope": np.ones(data.outputs), "offset": np.zeros(data.outputs)}
    return Fit(0, len(data.parts), np.empty(0), arrays, note="; ".join(notes))


def advance(fit: Fit, problem: Problem, hyper: SvmHyper, pause: Callable[[Fit], bool]) -> Fit:
    """Go on until finished or until ``pause`` says so: each iteration trains one model.

    Raises `InvalidArtifact` if ``fit`` is of other data, and what `train_kernel` raises.
    """
    if fit.finished:
        return fit
    data = gather(problem)
    settled = settle(hyper, data.X, data.y, data.weights, data.n_classes)
    _check(fit, data)
    while True:
        arrays = _trained(fit, data, settled)
        done = fit.iteration + 1
        finished = done >= len(data.parts)
        if finished and data.n_classes:
            arrays |= sigmoids(data, arrays["scores"])
        loss = fit.losses[-1] if len(fit.losses) else _loss(arrays, data, settled)
        fit = Fit(done, fit.iterations, np.append(fit.losses, loss), arrays, finished, fit.note)
        if pause(fit) or finished:
            return fit


def parameters(fit: Fit) -> Arrays:
    """The arrays of `lepton_core.models.kernel.arrays`, of any shape."""
    return {name: fit.arrays[name].copy() for name in (*KERNEL_ARRAYS, *SIGMOID) if name in fit.arrays}


def _check(fit: Fit, data: KernelData) -> None:
    arrays = dict(fit.arrays)
    made = arrays.pop("scores", None)
    if made is None or made.shape != (len(data.X), data.outputs) or made.dtype != np.float64:
        raise foreign()
    check_kernel(arrays, data.X.shape[1], data.n_classes)
    if fit.iterations != len(data.parts):
        raise foreign()


def _trained(fit: Fit, data: KernelData, hyper: SvmHyper) -> Arrays:
    part, arrays = fit.iteration, dict(fit.arrays)
    of = data.problem(part)
    assert of.weights is not None  # noqa: S101  (a part has the weights of its rows)
    made = train_kernel(of.array, of.y, of.weights, data.n_classes, hyper)
    if part == 0:
        whole = kernel_scores(made, data.X, data.n_classes)
        return arrays | made | {"scores": whole}
    rows, held = data.folds[part - 1]
    made_scores = arrays["scores"].copy()
    of_fold = kernel_scores(made, data.X[held], data.n_classes)
    made_scores[held] = held_out(data, rows, of_fold, made_scores[held])
    return arrays | {"scores": made_scores}


def _loss(arrays: Arrays, data: KernelData, hyper: SvmHyper) -> float:
    """The mean cost of a row, without the penalty; of more than two classes the mean over the pairs with its own."""
    total, epsilon = 0.0, hyper.epsilon or 0.0
    for place, each in pair_scores(arrays, data.X, data.n_classes):
        y, weights = data.y[place], data.weights[place]
        if data.n_classes == 0:
            cost = np.maximum(np.abs(each[:, 0] - y) - epsilon, 0.0)
        elif data.n_classes == 2:
            cost = np.maximum(1.0 - np.where(y == 1, 1.0, -1.0) * each[:, 0], 0.0)
        else:
            first, second = np.triu_indices(data.n_classes, 1)
            side = (y[:, None] == first) * 1.0 - (y[:, None] == second)
            cost = (np.maximum(1.0 - side * each, 0.0) * np.abs(side)).sum(axis=1) / (data.n_classes - 1)
        total += float(cost @ weights)
    return total / float(data.weights.sum())
