"""What rows that a model has not learnt from say of it: its evaluation, and what later rows are compared with."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.drift import profile
from lepton_core.errors import InvalidInput
from lepton_core.explain import background
from lepton_core.fitted.model import TakenOver, has_a_form
from lepton_core.models import algorithm
from lepton_core.models.algorithm import Problem
from lepton_core.predict import Predictor
from lepton_core.table import Numbers, Table
from lepton_core.validation import headline

if TYPE_CHECKING:
    from lepton_core.evaluate import ClassificationReport, RegressionReport
    from lepton_core.outcomes import Outcomes


@dataclass(frozen=True)
class Verified:
    """The report on so many ``rows``, and what rules for labels are chosen by; None of a regression."""

    rows: int
    report: "ClassificationReport | RegressionReport"
    outcomes: "Outcomes | None"

    @property
    def metrics(self) -> dict[str, float | None]:
        """The figures of one line."""
        return headline(self.report)


def table_of(taken: TakenOver, X: Any, field: str) -> Table:
    """Rows as scikit-learn takes them, an array or a frame ``(m, n)``, as a table with the columns of the model.

    NaN is a missing value. Raises `InvalidInput` with this ``field`` for anything else.
    """
    columns = tuple(getattr(X, "columns", ()))
    # As in scikit-learn, names that are no texts are none.
    if columns and all(isinstance(one, str) for one in columns) and columns != taken.names:
        raise InvalidInput("must have the columns of the model, in their order", field=field)
    try:
        values = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInput("must be rows of numbers", field=field) from None
    if values.ndim != 2 or values.shape[1] != len(taken.names) or not len(values):
        raise InvalidInput(f"must be rows of {len(taken.names)} numbers", field=field)
    if np.isinf(values).any():
        raise InvalidInput("has a value that is not finite", field=field)
    return Table(
        tuple(
            Numbers(name, np.ascontiguousarray(one)) for name, one in zip(taken.names, values.T, strict=True)
        )
    )


def predictor(taken: TakenOver, label: str, rows: Table | None) -> Predictor:
    """What answers; later rows are watched, and explained, against ``rows``, or without any neither.

    Raises `InvalidInput` (field 'label') for the name of a column, or what is no text, and `InvalidData` for rows that
    it cannot predict.
    """
    if not has_a_form(label):
        raise InvalidInput("holds half a surrogate pair, which is no character", field="label")
    if label in taken.names:
        raise InvalidInput(f"{label!r} is a column that the model reads", field="label")
    classes = taken.classes or None
    nothing = np.zeros((0, len(taken.classes)) if classes else 0)
    bare = Predictor(
        algorithm=taken.algorithm,
        task="classification" if classes else "regression",
        label=label,
        classes=taken.classes,
        preprocessor=taken.preprocessor,
        parameters=taken.parameters,
        reference=profile(Table(()), nothing, classes),
    )
    if rows is None:
        return bare.folding()
    X = bare.matrix(rows)
    problem = Problem(X, np.zeros(rows.rows), n_classes=0)
    answered = algorithm(taken.algorithm).predict(taken.parameters, X)
    known = replace(
        bare, reference=profile(rows, answered, classes), background=background(problem, taken.parameters)
    )
    return known.folding()


def judge(taken: TakenOver, answers: Predictor, rows: Table, y: Any, field: str) -> Verified:
    """Compare what it ``answers`` for ``rows`` with the truth ``y`` ``(m,)``, of classes as scikit-learn has them.

    Raises `InvalidInput` with this ``field`` unless ``y`` has one value a row that can be compared.
    """
    try:
        truth = np.asarray(y).reshape(-1)
        set(truth.tolist())
    except (TypeError, ValueError):
        raise InvalidInput("must be one value a row", field=field) from None
    if len(truth) != rows.rows:
        raise InvalidInput(f"has {len(truth)} values, and there are {rows.rows} rows", field=field)
    predicted = answers.predict(rows)
    if not taken.classes:
        return Verified(rows.rows, _of_values(truth, predicted, field), None)
    from lepton_core.evaluate import classification_report  # noqa: PLC0415  (no prediction needs it)
    from lepton_core.outcomes import outcomes  # noqa: PLC0415

    place = {value: at for at, value in enumerate(taken.values)}
    found = np.array([place.get(one, -1) for one in truth.tolist()], dtype=np.int64)
    known = np.flatnonzero(found >= 0)
    if not len(known):
        raise InvalidInput("has no value that is a class of the model", field=field)
    unknown = len(found) - len(known)
    report = classification_report(found[known], predicted[known], taken.classes, unknown_class_rows=unknown)
    return Verified(rows.rows, report, outcomes(found[known], predicted[known], taken.classes))


def _of_values(truth: NDArray[Any], predicted: NDArray[np.float64], field: str) -> "RegressionReport":
    from lepton_core.evaluate import regression_report  # noqa: PLC0415  (no prediction needs it)

    try:
        values = truth.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidInput("must be numbers", field=field) from None
    if not np.isfinite(values).all():
        raise InvalidInput("has a value that is missing or not finite", field=field)
    return regression_report(values, predicted)
