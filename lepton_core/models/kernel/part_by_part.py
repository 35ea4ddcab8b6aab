"""Linear support vector machines: trained beside the models of the folds, whose scores calibrate them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent import Array
from lepton_core.models.algorithm import Fit, Problem
from lepton_core.models.calibrate import fit_sigmoid
from lepton_core.models.kernel.data import KernelData, foreign, gather, prefix, section
from lepton_core.models.kernel.hyper import INTERIOR, SvmHyper, settle
from lepton_core.models.kernel.trainers import Trainer, trainer
from lepton_core.models.linear import check_warm

SIGMOID = ("slope", "offset")


def start(problem: Problem, hyper: SvmHyper, warm: Mapping[str, NDArray[Any]] | None) -> Fit:
    """The fit before its first iteration; ``warm`` has ``weights`` ``(n,)`` or ``(K, n)`` and ``intercept``.

    Raises `InvalidData` for data that cannot be learned from, `InvalidInput` for a ``warm`` that does not fit.
    """
    data = gather(problem)
    settled = settle(hyper, data.X, data.y, data.weights, data.n_classes)
    by = trainer(data, settled)
    shape = (data.outputs, data.X.shape[1] + 1)
    weights = np.zeros(shape) if warm is None else _warm(warm, shape, bool(data.n_classes))
    arrays: dict[str, NDArray[Any]] = {}
    for part in data.parts:
        arrays |= {prefix(part) + name: array for name, array in by.begin(part, weights).items()}
    if data.n_classes:
        of = {"slope": np.ones(shape[0]), "offset": np.zeros(shape[0])}
        arrays |= {name: of[name] if warm is None else warm[name].astype(np.float64) for name in SIGMOID}
    notes = [_why(hyper, settled, *data.X.shape), _choices(hyper, settled, data.n_classes)]
    return Fit(0, by.iterations, np.empty(0), arrays, note="; ".join(filter(None, notes)))


def advance(fit: Fit, problem: Problem, hyper: SvmHyper, pause: Callable[[Fit], bool]) -> Fit:
    """Go on until finished or until ``pause`` says so.

    Raises `InvalidArtifact` if ``fit`` is of other data or other hyperparameters, and `Diverged`.
    """
    if fit.finished:
        return fit
    data = gather(problem)
    by = trainer(data, settle(hyper, data.X, data.y, data.weights, data.n_classes))
    parts, sigmoid = _parts(fit, data, by)
    while True:
        for part, arrays in enumerate(parts):
            if fit.iteration == 0 or not by.finished(arrays):
                parts[part] = by.step(part, arrays)
        iteration = fit.iteration + 1
        finished = iteration >= by.iterations or all(by.finished(arrays) for arrays in parts)
        if finished and data.n_classes:
            sigmoid = _calibrated(data, [arrays["weights"] for arrays in parts])
        named = {prefix(part) + name: of for part, arrays in enumerate(parts) for name, of in arrays.items()}
        fit = Fit(
            iteration=iteration,
            iterations=fit.iterations,
            losses=np.append(fit.losses, by.loss(parts[0])),
            arrays=named | sigmoid,
            finished=finished,
            note="; ".join(filter(None, [fit.note, by.note(parts[0])])) if finished else fit.note,
        )
        if pause(fit) or finished:
            return fit


def parameters(fit: Fit) -> dict[str, NDArray[Any]]:
    """``weights`` ``(n,)`` or ``(K, n)``, ``intercept`` ``(1,)`` or ``(K,)``; of classes ``slope``, ``offset``."""
    weights = np.atleast_2d(fit.arrays["weights"])
    flat = weights[0, :-1] if len(weights) == 1 else weights[:, :-1]
    of = {name: fit.arrays[name].copy() for name in SIGMOID if name in fit.arrays}
    return {"weights": flat.copy(), "intercept": weights[:, -1].copy()} | of


def scores(weights: Array, X: Array) -> Array:
    """Of weights ``(K', n + 1)`` and ``X`` ``(m, n)``: ``(m, K')``."""
    return np.asarray(X @ weights[:, :-1].T + weights[:, -1])


def _parts(
    fit: Fit, data: KernelData, by: Trainer
) -> tuple[list[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]]:
    sigmoid = {name: fit.arrays[name] for name in SIGMOID if name in fit.arrays}
    others = {name: array for name, array in fit.arrays.items() if name not in sigmoid}
    parts = [section(others, part) for part in data.parts]
    zero = np.zeros((data.outputs, data.X.shape[1] + 1))
    fits = all(_kinds(arrays) == _kinds(by.begin(part, zero)) for part, arrays in enumerate(parts))
    of_sigmoid = dict.fromkeys(SIGMOID if data.n_classes else (), ((data.outputs,), "f8"))
    if not fits or _kinds(sigmoid) != of_sigmoid or sum(map(len, parts)) != len(others):
        raise foreign()
    return parts, sigmoid


def _kinds(arrays: Mapping[str, NDArray[Any]]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {name: (array.shape, array.dtype.str[1:]) for name, array in arrays.items()}


def _calibrated(data: KernelData, weights: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    whole, *folded = (np.atleast_2d(of) for of in weights)
    made = scores(whole, data.X)
    for fold, of in zip(data.folds, folded, strict=True):
        made[fold[1]] = held_out(data, fold[0], scores(of, data.X[fold[1]]), made[fold[1]])
    return sigmoids(data, made)


def held_out(data: KernelData, rows: NDArray[np.int64], of_fold: Array, of_all: Array) -> Array:
    """Scores ``(h, K')``: those by the model of a fold, trained on ``rows`` ``(k,)``, or those by the final model.

    An output whose class, or all other classes, are not among those rows cannot be scored by the fold's model;
    the final model's score stands in.
    """
    able = [data.positive(output, rows) for output in range(data.outputs)]
    return np.where([bool(of.any() and not of.all()) for of in able], of_fold, of_all)


def sigmoids(data: KernelData, made: Array) -> dict[str, NDArray[Any]]:
    """``slope`` and ``offset`` ``(K',)`` from the scores ``(m, K')`` of rows by models that did not see them."""
    of = (fit_sigmoid(column, data.positive(k), data.weights) for k, column in enumerate(made.T))
    both = np.array(list(of))
    return {"slope": both[:, 0].copy(), "offset": both[:, 1].copy()}


def _warm(warm: Mapping[str, NDArray[Any]], shape: tuple[int, int], classes: bool) -> Array:
    outputs, columns = shape
    wanted: dict[str, tuple[int, ...]] = {
        "weights": (outputs, columns - 1) if outputs > 1 else (columns - 1,),
        "intercept": (outputs,),
    }
    check_warm(warm, wanted | (dict.fromkeys(SIGMOID, (outputs,)) if classes else {}))
    return np.column_stack([np.atleast_2d(warm["weights"]), warm["intercept"]])


def _why(hyper: SvmHyper, settled: SvmHyper, rows: int, columns: int) -> str:
    if hyper.optimizer != "auto":
        return ""
    because = {
        INTERIOR: "few enough for equations of that size, which end at the minimum, corners or not",
        "lbfgs": "too many for the equations of an interior point",
    }.get(str(settled.optimizer), "what is given belongs to it")
    return f"{settled.optimizer}: {rows} rows of {columns} columns, {because}"


def _choices(hyper: SvmHyper, settled: SvmHyper, n_classes: int) -> str:
    return "; ".join(chosen(hyper, settled, () if n_classes else ("C", "epsilon")))


def chosen(hyper: SvmHyper, settled: SvmHyper, names: tuple[str, ...]) -> Iterator[str]:
    """Notes on the hyperparameters ``names`` that were left out.

    >>> list(chosen(SvmHyper(), SvmHyper(C=2.5), ("C", "gamma")))
    ['C 2.5 chosen from the data']
    """
    for name in names:
        value = getattr(settled, name)
        if getattr(hyper, name) is None and value is not None:
            yield f"{name} {value:.3g} chosen from the data"
