"""Everything there is to say about a model on one set of rows, as one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData
from lepton_core.evaluate.calibration import Calibration, brier_score, calibration_curve
from lepton_core.evaluate.classification import (
    LabelDecision,
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_f1,
)
from lepton_core.evaluate.regression import (
    ByPrediction,
    in_units,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
    unit_for,
)
from lepton_core.evaluate.roc import Roc, roc_auc, roc_curve
from lepton_core.remedy import Remedy

ROC_POINTS = 200
"""Most points of a ROC curve that a report keeps: no point left out is further than 2/199 from one kept."""


@dataclass(frozen=True)
class Areas:
    """The areas under two ROC curves on the same rows, by DeLong's test; ``error`` is that of their difference.

    ``p`` is how likely a difference as large as this, of either sign, is where there is none.
    """

    champion: float
    challenger: float
    error: float
    p: float


@dataclass(frozen=True)
class Hits:
    """The rows whose class only the champion gets right, and those of the challenger, by McNemar's test.

    ``p`` is how likely numbers as far apart as these are where both are right as often.
    """

    champion_only: int
    challenger_only: int
    p: float


@dataclass(frozen=True)
class PairedTest:
    """The champion's loss less the challenger's on the same ``rows``, and how sure it is: above 0 is better.

    ``error`` is its standard error by a bootstrap over ``blocks`` of rows that belong together, ``low`` to ``high`` its
    interval of 95 %. A true difference of ``detectable`` lies beyond zero, with all of its interval, in four of five
    such samples. ``auc`` is there for two classes, ``hits`` for any, where each row is a block.
    """

    rows: int
    blocks: int
    difference: float
    error: float
    low: float
    high: float
    detectable: float
    auc: Areas | None = None
    hits: Hits | None = None


@dataclass(frozen=True)
class BaselineComparison:
    """A model beside an answer that needs no model, on the same held-out rows, and what these rows show.

    ``baseline`` is what the training rows say without any feature: the 'shares' of the classes, the 'most_frequent'
    class (its name is ``answer``), the 'mean', or in a split by time the 'last' value. If a ``column`` holds earlier
    values of the label, each row has its own last one; ``filled`` rows lack it. Both scores are of the ``metric`` on
    the rows whose class the model knows. ``comparison`` has the baseline for champion: above 0 the model is better; it
    is None of fewer than two blocks. ``shown`` is whether its interval says so, and ``sentence`` says all in words.
    """

    baseline: Literal["shares", "most_frequent", "mean", "last"]
    metric: Literal["log_loss", "accuracy", "rmse"]
    model_score: float
    baseline_score: float
    shown: Literal["better", "worse", "nothing"]
    sentence: str
    comparison: PairedTest | None = None
    answer: str | None = None
    column: str | None = None
    filled: int = 0


@dataclass(frozen=True)
class Interval:
    """A figure of some rows, and the interval of 95 % around it, from ``low`` to ``high``, in the same unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Segment:
    """Held-out rows that one column sets apart, and that a version gets more wrong than all others.

    ``of`` is what they have in ``column``: a 'range' of its quantities from ``least`` to ``most`` (a date in seconds
    since 1970), one 'level', several rarer 'levels' together, a 'missing' cell, or a 'present' one of a text. ``name``
    says it in words, ``sentence`` all that follows, and ``share`` which share of the held-out rows they are.
    ``score`` is the accuracy or the RMSE of these rows, ``loss`` their mean log loss or squared error; both are beside
    those of all other rows, ``elsewhere``. ``difference`` is that of the two losses. ``p`` is how likely so large a one
    is by chance, in any of the segments that were looked at. ``reads``: the version is made from this column. The
    columns ``also`` set just the same rows apart.
    """

    column: str
    kind: str
    of: Literal["range", "level", "levels", "missing", "present"]
    name: str
    rows: int
    share: float
    score: Interval
    score_elsewhere: float
    loss: float
    loss_elsewhere: float
    difference: Interval
    p: float
    reads: bool
    sentence: str
    least: float | None = None
    most: float | None = None
    level: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segments:
    """Where a version is wrong on its held-out ``rows``: segments by each column whose loss is higher than elsewhere.

    ``score`` is the accuracy or the RMSE (``metric``) of all rows, ``loss`` their mean log loss (nats) or squared error
    (``measure``). Of the ``columns`` that were looked at (``columns_left`` more were not) ``tested`` segments had rows
    enough, and ``too_small`` ones had not. ``weak`` are shown to be worse, and the ``worst`` of them are kept.
    ``blocks`` of rows are independent.
    """

    metric: Literal["accuracy", "rmse"]
    measure: Literal["log_loss", "squared_error"]
    rows: int
    blocks: int
    score: Interval
    loss: Interval
    columns: int
    columns_left: int
    tested: int
    too_small: int
    weak: int
    worst: tuple[Segment, ...]
    sentence: str


@dataclass(frozen=True)
class Calibrator:
    """One way to calibrate probabilities, or 'none', on rows out of fold: log loss and expected calibration error.

    Each fold was calibrated by the others. ``comparison`` takes 'none' for the champion: a difference above 0 says that
    the log loss falls. It is None for 'none', and of fewer than two blocks.
    """

    method: Literal["none", "platt", "isotonic"]
    log_loss: float
    calibration_error: float
    comparison: PairedTest | None = None


@dataclass(frozen=True)
class Calibrated:
    """By which method probabilities are calibrated, and why: what was ``tried`` on so many ``rows`` out of fold.

    ``sentence`` says all in words. ``before`` and ``after`` are both figures on the held-out rows, without and with it.
    """

    chosen: Literal["none", "platt", "isotonic"]
    rows: int
    tried: tuple[Calibrator, ...]
    sentence: str
    before: Calibrator | None = None
    after: Calibrator | None = None


@dataclass(frozen=True)
class Coverage:
    """Of so many held-out ``rows`` the ``share`` whose truth lies in the interval, or set, of so much ``coverage``.

    In 95 of 100 such samples the true share lies between ``low`` and ``high``. ``size`` is the mean width of the
    intervals, in the unit of the label, or the mean number of classes in a set. ``sentence`` says all in words.
    """

    coverage: float
    rows: int
    share: float
    low: float
    high: float
    size: float
    sentence: str


@dataclass(frozen=True)
class Imbalance:
    """Held-out ``rows`` of which nearly all are of class ``most``, and what that means for the ``rarest`` one.

    ``share`` is the accuracy of always answering ``most``, ``support`` counts the rows of ``rarest``, and ``answered``
    those that get its label where the most probable class is the label. ``to_learn_from`` are the training rows of it.
    ``sentences`` say all in words, and offer the ``remedies``.
    """

    most: str
    share: float
    rarest: str
    support: int
    answered: int
    rows: int
    to_learn_from: int
    sentences: tuple[str, ...]
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class OneClass:
    """The figures of one class against all others; ``auc`` is None without rows of both kinds."""

    precision: float
    recall: float
    f1: float
    support: int
    auc: float | None


@dataclass(frozen=True)
class ClassificationReport:
    """Figures of a classifier on m rows; ``unknown_class_rows`` beside them, of none of its classes, are left out.

    The predicted class is the most probable one (the first of equals). ``precision``, ``recall`` and ``f1``
    are means over the classes that occur as truth or prediction. ``auc`` is that of the second of two
    classes, or the mean over more classes of each against the rest; it is None where a class has no rows.
    ``confusion[i][j]`` counts rows of class i predicted as j. ``roc`` and ``calibration`` are keyed by class:
    the second of two, or every one of more (``roc`` lacks a class that has no rows, or all of them). ``baselines`` is
    empty where no training rows were at hand, and ``segments`` None where no columns were; ``imbalance`` is there if
    the training rows, too, are nearly all of one class. ``calibrated`` and ``coverages`` are there for a version that
    was to be calibrated, or that has sets. With a ``decision`` its rule says the predicted class, and not the largest
    probability; ``baselines`` and ``segments`` are of the most probable class all the same.
    """

    task: Literal["classification"] = field(default="classification", kw_only=True)
    classes: tuple[str, ...]
    unknown_class_rows: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    log_loss: float
    brier: float
    auc: float | None
    confusion: tuple[tuple[int, ...], ...]
    per_class: Mapping[str, OneClass]
    roc: Mapping[str, Roc]
    calibration: Mapping[str, Calibration]
    baselines: tuple[BaselineComparison, ...] = ()
    segments: Segments | None = None
    imbalance: Imbalance | None = None
    calibrated: Calibrated | None = None
    coverages: tuple[Coverage, ...] = ()
    decision: LabelDecision | None = None


def classification_report(
    y_true: NDArray[Any],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
    *,
    unknown_class_rows: int = 0,
) -> ClassificationReport:
    """The report on m rows of truth ``y_true`` (m,), class indices in 0 .. K-1.

    ``probabilities`` (m, K) holds one distribution a row, ``classes`` the K names (K >= 2, distinct).
    Errors: `InvalidData` if there is no row; ``ValueError`` for shapes, indices or probabilities that are not
    these.

    >>> report = classification_report(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), ["no", "yes"])
    >>> report.accuracy, report.auc, report.confusion
    (1.0, 1.0, ((1, 0), (0, 1)))
    """
    names = tuple(classes)
    _check(y_true, probabilities, names)
    confusion = confusion_matrix(y_true, np.argmax(probabilities, axis=1), len(names))
    scores = precision_recall_f1(confusion)
    occurring = scores.occurring
    areas = {name: roc_auc(y_true == k, probabilities[:, k]) for k, name in enumerate(names)}
    shown = {names[1]: 1} if len(names) == 2 else {name: k for k, name in enumerate(names)}
    return ClassificationReport(
        classes=names,
        unknown_class_rows=unknown_class_rows,
        accuracy=accuracy_score(y_true, np.argmax(probabilities, axis=1)),
        precision=float(np.mean(scores.precision[occurring])),
        recall=float(np.mean(scores.recall[occurring])),
        f1=float(np.mean(scores.f1[occurring])),
        log_loss=log_loss(y_true, probabilities),
        brier=brier_score(y_true, probabilities),
        auc=_mean([areas[name] for name in shown]),
        confusion=tuple(map(tuple, confusion.tolist())),
        per_class={
            name: OneClass(
                float(scores.precision[k]),
                float(scores.recall[k]),
                float(scores.f1[k]),
                int(scores.support[k]),
                areas[name],
            )
            for k, name in enumerate(names)
        },
        roc={
            name: roc_curve(y_true == k, probabilities[:, k]).thinned(ROC_POINTS)
            for name, k in shown.items()
            if areas[name] is not None
        },
        calibration={name: calibration_curve(y_true == k, probabilities[:, k]) for name, k in shown.items()},
    )


@dataclass(frozen=True)
class RegressionReport:
    """How far predictions are from the truth, in the units of the target (``r2`` has none).

    ``r2`` is None for a single row; ``mean_residual`` is the mean of truth minus prediction. ``baselines`` is
    empty where no training rows were at hand, ``coverages`` for a version without intervals; ``segments`` are None
    where no columns were, and ``by_prediction`` comes with them.
    """

    task: Literal["regression"] = field(default="regression", kw_only=True)
    rmse: float
    mae: float
    r2: float | None
    mean_residual: float
    baselines: tuple[BaselineComparison, ...] = ()
    segments: Segments | None = None
    by_prediction: ByPrediction | None = None
    coverages: tuple[Coverage, ...] = ()


def regression_report(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> RegressionReport:
    """All figures of the predictions ``y_pred`` for the truth ``y_true``, both of shape (m,).

    Errors: `InvalidData` if there is no row; ``ValueError`` for unequal shapes or values that are not finite.

    >>> regression_report(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.5])).r2
    0.875
    """
    if y_true.shape != y_pred.shape or y_true.ndim != 1:
        raise ValueError(f"two equal shapes (m,) are needed, not {y_true.shape} and {y_pred.shape}")
    if not len(y_true):
        raise InvalidData("there is no row to evaluate")
    if not (np.isfinite(y_true).all() and np.isfinite(y_pred).all()):
        raise ValueError("values and predictions must be finite")
    unit = unit_for(y_true, y_pred)
    true, predicted = y_true / unit, y_pred / unit
    return RegressionReport(
        rmse=in_units(root_mean_squared_error(true, predicted), unit),
        mae=in_units(mean_absolute_error(true, predicted), unit),
        r2=r2_score(true, predicted) if len(true) > 1 else None,
        mean_residual=in_units(float(np.mean(true - predicted)), unit),
    )


def _mean(areas: Sequence[float | None]) -> float | None:
    defined = [area for area in areas if area is not None]
    return float(np.mean(defined)) if len(defined) == len(areas) else None


def _check(y_true: NDArray[Any], probabilities: NDArray[np.float64], names: tuple[str, ...]) -> None:
    if len(names) < 2 or len(set(names)) != len(names):
        raise ValueError(f"two or more distinct classes are needed, not {names!r}")
    if y_true.ndim != 1 or probabilities.shape != (len(y_true), len(names)):
        raise ValueError(
            f"shapes (m,) and (m, {len(names)}) are needed, not {y_true.shape} and {probabilities.shape}"
        )
    if not len(y_true):
        raise InvalidData("there is no row to evaluate")
    if y_true.min() < 0 or y_true.max() >= len(names):
        raise ValueError(f"class indices must be in 0 .. {len(names) - 1}")
    if not (
        np.isfinite(probabilities).all() and probabilities.min() >= 0 and probabilities.max() <= 1 + 1e-9
    ):
        raise ValueError("probabilities must be in [0, 1]")
