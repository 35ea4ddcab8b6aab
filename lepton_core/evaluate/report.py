"""Everything there is to say about a classifier on one set of rows, as one value."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.evaluate.calibration import Calibration, brier_score, calibration_curve
from lepton_core.evaluate.classification import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_f1,
)
from lepton_core.evaluate.roc import Roc, roc_auc, roc_curve

ROC_POINTS = 200
"""Most points of a ROC curve that a report keeps: no point left out is further than 2/199 from one kept."""

_FIGURES = ("accuracy", "precision", "recall", "f1", "log_loss", "brier")


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
    """Figures of a classifier on m rows.

    The predicted class is the most probable one (the first of equals). ``precision``, ``recall`` and ``f1``
    are means over the classes that occur as truth or prediction. ``auc`` is that of the second of two
    classes, or the mean over more classes of each against the rest; it is None where a class has no rows.
    ``confusion[i][j]`` counts rows of class i predicted as j. ``roc`` and ``calibration`` are keyed by class:
    the second of two, or every one of more (``roc`` lacks a class that has no rows, or all of them).
    """

    classes: tuple[str, ...]
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

    def as_dict(self) -> dict[str, Any]:
        """As JSON, under the names of the fields."""
        return {
            "classes": list(self.classes),
            **{name: getattr(self, name) for name in _FIGURES},
            "auc": self.auc,
            "confusion": [list(row) for row in self.confusion],
            "per_class": {name: dict(vars(one)) for name, one in self.per_class.items()},
            "roc": {name: curve.as_dict() for name, curve in self.roc.items()},
            "calibration": {name: asdict(curve) for name, curve in self.calibration.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ClassificationReport":
        """Read back what `as_dict` wrote; other keys are passed over. Errors: `InvalidInput` naming the field."""
        missing = [field.name for field in fields(cls) if field.name not in data]
        if missing:
            raise InvalidInput("is missing from the report", field=missing[0])
        try:
            return cls(
                classes=tuple(map(str, data["classes"])),
                **{name: float(data[name]) for name in _FIGURES},
                auc=None if data["auc"] is None else float(data["auc"]),
                confusion=tuple(tuple(map(int, row)) for row in data["confusion"]),
                per_class={name: OneClass(**one) for name, one in data["per_class"].items()},
                roc={name: Roc.from_dict(curve) for name, curve in data["roc"].items()},
                calibration={
                    name: Calibration.from_dict(curve) for name, curve in data["calibration"].items()
                },
            )
        except (AttributeError, TypeError, ValueError) as error:
            raise InvalidInput(f"not a classification report: {error}", field="report") from error


def classification_report(
    y_true: NDArray[Any], probabilities: NDArray[np.float64], classes: Sequence[str]
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
