"""Gradient boosting by scikit-learn's histograms, as arrays (Ke and others 2017, "LightGBM")."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput
from lepton_core.models.algorithm import Array
from lepton_core.models.learners import scikit_learn
from lepton_core.models.learners.binning import SAMPLE, in_bins, value_thresholds
from lepton_core.models.learners.one_thread import one_thread
from lepton_core.models.trees import training
from lepton_core.models.trees.arrays import MAX_DEPTH, SET_BYTES, Ints, Trees, leaves, ordered
from lepton_core.models.trees.boosted import FLOAT64, width
from lepton_core.models.trees.categories import in_slots, known_codes
from lepton_core.models.trees.training import TreeRows

if TYPE_CHECKING:
    from lepton_core.models.learners.rounds import RoundsFound

_NAME = "gradient_boosting"

_UNSEEN = float(np.log(np.finfo(np.float64).tiny))
"""The log-odds of a class that no row has: its probability is 0 but for rounding."""

Stopping = Literal["none", "aside", "folds"]

_CURVE = 100_000  # rows from which the training loss is told


@dataclass(frozen=True)
class Boosting:
    """The settings, as scikit-learn means them, but for ``stopping``: what says how many trees there are.

    "none": all ``iterations`` are grown. "aside": as many, at most, as bring down the loss of rows that are kept aside.
    "folds": as many as bring down the loss of folds that are left out, and that many on all rows. Where no rows can
    be left out there are ``otherwise``; None: that is an error. ``signs`` and ``groups`` are those of `Problem`.

    >>> Boosting().max_leaf_nodes
    31
    """

    iterations: int = 100
    stopping: Stopping = "none"
    otherwise: int | None = None
    learning_rate: float = 0.1
    max_leaf_nodes: int | None = 31
    max_depth: int | None = None
    min_samples_leaf: int = 20
    l2: float = 0.0
    max_features: float = 1.0
    max_bins: int = 255
    validation_fraction: float = 0.1
    patience: int = 10
    tolerance: float = 1e-7
    signs: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Boosted:
    """``arrays`` as `lepton_core.models.trees.boosted.BOOSTED` names them but for ``shape``; ``losses`` ``(k,)``."""

    arrays: dict[str, NDArray[Any]]
    losses: Array
    note: str = ""


def boost(
    rows: TreeRows,
    n_classes: int,
    levels: tuple[int, ...],
    settings: Boosting,
    seed: int,
    give_up: Callable[[], bool] = lambda: False,
) -> Boosted:
    """All trees, one after the other; ``losses`` ``(k,)`` are of rows that are left out, if any are, else of all.

    Raises `GivenUp` as soon as ``give_up`` says so, which is asked while rows are left out and before all are
    learnt; `InvalidInput` if scikit-learn is not installed, or if rows must be left out and cannot be.

    >>> rows = TreeRows(np.array([[1.0], [2.0]]), np.array([3.0, 4.0]), None)
    >>> boosted = boost(rows, 0, (), Boosting(iterations=2, min_samples_leaf=1, learning_rate=1.0), seed=0)
    >>> boosted.losses.round(9).tolist(), boosted.arrays["baseline"].tolist()
    ([0.0, 0.0], [3.5])
    """
    present, y = np.unique(rows.y, return_inverse=True) if n_classes else (np.zeros(1, np.int64), rows.y)
    n = rows.X.shape[1]
    if n_classes and len(present) == 1:
        return _certain(int(present[0]), n_classes)
    known, cut = known_codes(rows.X, rows.weights, levels or (0,) * n, settings.max_bins)
    order, categorical = _columns(known, n)
    settings = _in_order(settings, order)
    share = None if rows.weights is None else rows.weights / rows.weights.mean()
    X = in_slots(rows.X, known)
    edges: dict[int, Array] = {}
    if share is not None:
        numbers = [int(column) for column in order[~categorical]]
        X, edges = in_bins(X, share, numbers, settings.max_bins, seed)
    settings, why = _possible(settings, y, bool(n_classes))
    X = _without_rare(X, share, settings)
    if categorical.any():
        X = X[:, order]
    # scikit-learn adds the values of a column up, and needs no more than that the sum is finite or not.
    with one_thread(), np.errstate(over="ignore"):  # a thread anew: loading it has brought its OpenMP along
        losses = None
        if settings.stopping == "folds":
            from lepton_core.models.learners.rounds import folds, left_out  # noqa: PLC0415  (no prediction needs it)

            fold = folds(rows.X, y, seed, classes=bool(n_classes))
            make = partial(_learner, settings, bool(n_classes), categorical, seed)
            most, patience = settings.iterations, settings.patience
            found = left_out(
                make,
                X,
                y,
                share,
                fold,
                classes=bool(n_classes),
                most=most,
                patience=patience,
                give_up=give_up,
            )
            settings, losses, why = _found(settings, found)
        learner = _learner(settings, bool(n_classes), categorical, seed)
        learner.fit(X, y, sample_weight=share)
        losses = _losses(learner, X, y, rows, settings) if losses is None else losses * rows.scale**2
    trees, output = boosted_trees(learner, order, edges, rows.scale)
    baseline = np.asarray(learner._baseline_prediction, dtype=np.float64).reshape(-1)
    if n_classes:
        baseline, output = _of_all_classes(baseline, output, present, n_classes)
    else:
        baseline = rows.offset + rows.scale * baseline
    note = "; ".join(filter(None, (why, _cut(cut, settings.max_bins))))
    return Boosted(_arrays(trees, known, baseline, output), losses, note)


def _certain(only: int, n_classes: int) -> Boosted:
    baseline = np.full(width(n_classes), _UNSEEN)
    baseline[only if n_classes > 2 else 0] = 0.0 if n_classes > 2 else _UNSEEN * (-1) ** only
    trees = leaves(np.zeros((1, 1)), FLOAT64)
    known = np.zeros((0, 2), dtype=np.int32)
    return Boosted(_arrays(trees, known, baseline, np.zeros(1)), np.zeros(1), "all rows are of one class")


def _arrays(trees: Trees, known: Ints, baseline: Array, output: NDArray[Any]) -> dict[str, NDArray[Any]]:
    more = {"known": known, "baseline": baseline, "output": output.astype(np.int32)}
    return trees.arrays | {"sets": trees.sets} | more


def _columns(known: Ints, n: int) -> tuple[Ints, NDArray[np.bool_]]:
    """The columns in the order in which scikit-learn keeps them, categories first; and which are categories.

    A column of which one category is known is left a number: scikit-learn's split of it from the missing ones loses
    the set of categories (as of its version 1.9), the split by a threshold does not.
    """
    categorical = np.bincount(known[:, 0], minlength=n) > 1
    order = np.concatenate((np.flatnonzero(categorical), np.flatnonzero(~categorical)))
    return order, categorical[order]


def _in_order(settings: Boosting, order: Ints) -> Boosting:
    """The settings with the constraints of columns that stand in ``order`` ``(n,)``."""
    place = np.argsort(order)
    groups = tuple(tuple(int(place[at]) for at in group) for group in settings.groups)
    return replace(settings, signs=tuple(settings.signs[at] for at in order if settings.signs), groups=groups)


def _without_rare(X: Array, share: Array | None, settings: Boosting) -> Array:
    """``X`` with zeros in columns of which so few values are there that no split could use them.

    Or so few that scikit-learn, which cannot bin a column without any, might find none (by a chance of 1e-9) among the
    rows from which it takes the bins: those that are not kept aside, and of many a sample by weight.
    """
    m, n = X.shape
    fewest = np.log(1e-9) / np.log(settings.validation_fraction) if settings.stopping == "aside" else 1.0
    rare = np.count_nonzero(~np.isnan(X), axis=0) < max(fewest, settings.min_samples_leaf)
    if m > SAMPLE:
        weights = np.ones(m) if share is None else share
        drawn = [SAMPLE / m * weights[~np.isnan(X[:, column])].sum() for column in range(n)]
        rare |= np.array(drawn) < -np.log(1e-9)
    return np.where(rare, 0.0, X) if rare.any() else X


def _possible(settings: Boosting, y: NDArray[Any], classes: bool) -> tuple[Boosting, str]:
    """The settings under which boosting stops, if it is to, and a note if not because that cannot be."""
    m = len(y)
    if settings.stopping != "aside":
        return settings, ""
    aside = int(np.ceil(settings.validation_fraction * m))
    counts = np.bincount(y) if classes else np.array([2])
    if counts.min() >= 2 and min(aside, m - aside) >= len(counts):
        return settings, ""
    return _without_stopping(settings, "no rows can be kept aside to stop early by: a class has too few")


def _without_stopping(settings: Boosting, why: str) -> tuple[Boosting, str]:
    if settings.otherwise is None:
        raise InvalidInput(why, field="early_stopping")
    return replace(settings, iterations=settings.otherwise, stopping="none"), why


def _found(settings: Boosting, found: "RoundsFound | None") -> tuple[Boosting, Array | None, str]:
    """The settings with the number of trees that loses least, the losses up to it, and what to say of it.

    Of numbers that lose alike, to within the tolerance, it is the least.
    """
    if found is None:
        settings, why = _without_stopping(settings, "too few rows to find out how many trees there should be")
        return settings, None, why
    losses = found.losses
    count = int(np.flatnonzero(losses <= losses.min() + settings.tolerance)[0]) + 1
    most = ", the most that are tried," if count == settings.iterations else ","
    note = f"{count} trees{most} by {found.parts} fold{'s' * (found.parts > 1)}"
    return replace(settings, iterations=count, stopping="none"), losses[:count], note


def _learner(settings: Boosting, classes: bool, categorical: NDArray[np.bool_], seed: int) -> Any:
    module = scikit_learn(_NAME, "sklearn.ensemble")
    kind = module.HistGradientBoostingClassifier if classes else module.HistGradientBoostingRegressor
    stops = settings.stopping != "none"
    return kind(
        max_iter=settings.iterations,
        learning_rate=settings.learning_rate,
        max_leaf_nodes=settings.max_leaf_nodes,
        max_depth=settings.max_depth or MAX_DEPTH,
        min_samples_leaf=settings.min_samples_leaf,
        l2_regularization=settings.l2,
        max_features=settings.max_features,
        max_bins=settings.max_bins,
        categorical_features=categorical if categorical.any() else None,
        monotonic_cst=list(settings.signs) if any(settings.signs) else None,
        interaction_cst=[set(group) for group in settings.groups] or None,
        early_stopping=stops,
        validation_fraction=settings.validation_fraction if stops else None,
        n_iter_no_change=settings.patience,
        tol=settings.tolerance,
        scoring="loss",
        random_state=training.random_state(seed),
    )


def _losses(learner: Any, X: Array, y: NDArray[Any], rows: TreeRows, settings: Boosting) -> Array:
    if settings.stopping == "aside":
        losses = -np.asarray(learner.validation_score_)[1:]
        return np.asarray(losses * rows.scale**2)
    some = slice(None, None, -(-len(y) // _CURVE))
    weights = None if rows.weights is None else rows.weights[some]
    stages = getattr(learner, "staged_predict_proba", learner.staged_predict)
    each = [training.loss(predicted, y[some], weights) for predicted in stages(X[some])]
    return np.array(each) * rows.scale**2


def boosted_trees(
    learner: Any, order: Ints, edges: dict[int, Array], scale: float
) -> tuple[Trees, NDArray[np.int64]]:
    """All trees of a fitted ``learner``, and the score ``(trees,)`` that each adds to.

    ``order`` ``(n,)`` are the features of its columns, ``edges`` the values ``(k,)`` that part bins, of columns that it
    saw as bins; ``scale`` multiplies the leaves. scikit-learn keeps the trees in private arrays, alike since 1.0.
    """
    found = [(tree, k) for step in learner._predictors for k, tree in enumerate(step)]
    nodes = np.concatenate([tree.nodes for tree, _ in found])
    starts = np.cumsum([0] + [len(tree.nodes) for tree, _ in found])
    own = np.repeat(starts[:-1], np.diff(starts))
    sets = [tree.raw_left_cat_bitsets for tree, _ in found]
    first_set = np.cumsum([0] + [len(one) for one in sets])
    splits = nodes["is_leaf"] == 0
    children = np.stack((nodes["left"], nodes["right"]), axis=1).astype(np.int64) + own[:, None]
    children[~splits] = -1
    by_set = splits & (nodes["is_categorical"] != 0)
    feature = np.where(splits, order[nodes["feature_idx"]], -1)
    set_of = nodes["bitset_idx"].astype(np.int64) + np.repeat(first_set[:-1], np.diff(starts))
    trees = ordered(
        roots=starts[:-1],
        children=children,
        feature=feature,
        threshold=value_thresholds(nodes["num_threshold"], np.where(by_set, -1, feature), edges),
        missing_left=nodes["missing_go_to_left"] != 0,
        value=scale * nodes["value"][:, None],
        set_of=np.where(by_set, set_of, -1),
        sets=np.concatenate(sets).astype("<u4").view(np.uint8).reshape(-1, SET_BYTES),
    )
    return trees, np.array([k for _, k in found])


def _of_all_classes(
    baseline: Array, output: NDArray[np.int64], present: NDArray[np.int64], n_classes: int
) -> tuple[Array, NDArray[np.int64]]:
    """Scores of all classes, from those of the present ones, of which there may be fewer."""
    if n_classes == 2:
        return baseline, output
    if len(present) == 2:  # one score, that of the second
        baseline, output = np.array([0.0, baseline[0]]), output + 1
    every = np.full(n_classes, _UNSEEN)
    every[present] = baseline
    return every, present[output]


def _cut(columns: tuple[int, ...], most: int) -> str:
    if not columns:
        return ""
    which = f"columns {', '.join(str(column + 1) for column in columns)}"
    return f"{which}: the {most} most frequent categories are told apart, the others count as missing"
