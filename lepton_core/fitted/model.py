"""A fitted estimator of scikit-learn, or a pipeline with one, as what predicts here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.fitted import linear, steps, trees
from lepton_core.fitted.refusal import refuse
from lepton_core.models import algorithm
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.step import Step
from lepton_core.table import ColumnSchema, Schema
from lepton_core.table.cells import written

_Read = Callable[[Any, int], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True)
class _Kind:
    algorithm: str
    read: _Read
    classifies: bool = False


def _linear(estimator: Any, classes: int) -> Mapping[str, NDArray[Any]]:
    return linear.logistic(estimator) if classes else linear.regression(estimator)


def _both(stem: str, name: str, read: _Read) -> dict[str, _Kind]:
    return {f"{stem}Classifier": _Kind(name, read, True), f"{stem}Regressor": _Kind(name, read)}


LEARNT_THERE: Mapping[str, _Kind] = {
    **dict.fromkeys(
        ("ElasticNet", "Lasso", "LinearRegression", "Ridge"), _Kind("linear_regression", _linear)
    ),
    "LogisticRegression": _Kind("logistic_regression", _linear, True),
    **_both("DecisionTree", "decision_tree", trees.averaged),
    **_both("RandomForest", "random_forest", trees.averaged),
    **_both("ExtraTrees", "random_forest", trees.averaged),
    **_both("HistGradientBoosting", "gradient_boosting", trees.boosted),
}
"""What is taken, by the name of its class in scikit-learn. A class that was made from one may predict otherwise."""


@dataclass(frozen=True)
class TakenOver:
    """What was read of an estimator: ``parameters`` as the ``algorithm`` has them, of any shape; no ``names`` twice.

    ``classes`` are texts in the order of the probabilities, as data that come later name them (1.0 is "1"), and
    ``values`` are the same as scikit-learn has them; both are empty of a regression. ``made_by`` names the class, and
    ``version`` the scikit-learn that it was read with: it does not say which one has fitted it.
    """

    algorithm: str
    classes: tuple[str, ...]
    values: tuple[Any, ...]
    preprocessor: Preprocessor
    parameters: Mapping[str, NDArray[Any]]
    made_by: str
    version: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in the order of the estimator's."""
        schema = self.preprocessor.schema
        return () if schema is None else schema.names


def take(estimator: Any, features: Sequence[str] | None = None) -> TakenOver:
    """Read a fitted ``estimator``, of a class among `LEARNT_THERE`, or a ``Pipeline`` that ends in one.

    ``features`` are the names of its columns, if it was fitted to an array. Raises `InvalidInput`: field 'estimator'
    for what is not fitted or cannot be held, 'features' for names that are missing, or others than it was fitted to.
    """
    try:
        return _taken(estimator, features)
    except InvalidArtifact as error:
        raise _unsound(estimator, error.message) from error
    except InvalidInput:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _unsound(estimator, f"{type(error).__name__}: {error}") from error


def _taken(estimator: Any, features: Sequence[str] | None) -> TakenOver:
    before, last = _parts(estimator)
    kind = LEARNT_THERE.get(_class_of(last) or "")
    if kind is None:
        raise refuse(last, "is no model that is known here", f"known are {', '.join(sorted(LEARNT_THERE))}")
    readers = [_step(one) for one in before]
    for one in (*before, last):
        if not hasattr(one, "n_features_in_"):
            raise InvalidInput(f"{type(one).__name__} is not fitted; fit it before", field="estimator")
    names = _names(estimator, before[0] if before else last, features)
    values, classes = _classes(last) if kind.classifies else ((), ())
    chain = tuple(read(one, names) for read, one in zip(readers, before, strict=True))
    if kind.read is not _linear:
        _demand_one_scaling(before, chain)
    found = TakenOver(
        algorithm=kind.algorithm,
        classes=classes,
        values=values,
        preprocessor=Preprocessor(chain, Schema(tuple(ColumnSchema(name, "number") for name in names))),
        parameters=kind.read(last, len(classes)),
        made_by=" and ".join(type(one).__name__ for one in (*before, last)),
        version=last.__getstate__().get("_sklearn_version"),
    )
    algorithm(found.algorithm).check(found.parameters, len(names), len(classes))
    return found


def _unsound(estimator: Any, why: str) -> InvalidInput:
    """Of an estimator whose arrays are not those that its class has after a fit to finite numbers."""
    return refuse(estimator, f"is not as a fit leaves it ({why})", "fit it again, to finite numbers")


def _demand_one_scaling(before: Sequence[Any], chain: Sequence[Step]) -> None:
    """Several scalings are one here, which differs in the last digit: enough for a split at a value of the data."""
    scales = [one for one, step in zip(before, chain, strict=True) if step.transformer == "Normalize"]
    if len(scales) > 1:
        raise refuse(scales[1], "scales a second time before trees", "leave one of both out and fit it again")


def _class_of(one: Any) -> str | None:
    kind = type(one)
    return kind.__name__ if kind.__module__.partition(".")[0] == "sklearn" else None


def _parts(estimator: Any) -> tuple[list[Any], Any]:
    if _class_of(estimator) != "Pipeline":
        return [], estimator
    *before, (_, last) = estimator.steps
    return [one for _, one in before if one is not None and one != "passthrough"], last


def _step(transformer: Any) -> Callable[[Any, Sequence[str]], Any]:
    found = steps.TAKEN.get(_class_of(transformer) or "")
    if found is None:
        raise refuse(
            transformer, "is no step that is known here", f"known are {', '.join(sorted(steps.TAKEN))}"
        )
    return found


def _names(estimator: Any, first: Any, given: Sequence[str] | None) -> tuple[str, ...]:
    count = int(getattr(first, "n_features_in_", 0))
    fitted = getattr(estimator, "feature_names_in_", getattr(first, "feature_names_in_", None))
    if given is None and fitted is None:
        raise InvalidInput(
            f"{type(estimator).__name__} was fitted to {count} columns without names; say what they are called",
            field="features",
        )
    told = fitted if given is None else given
    found = [] if isinstance(told, str) or not isinstance(told, Iterable) else list(told)
    names = tuple(str(one) for one in found if isinstance(one, str) and one.strip() and has_a_form(one))
    if not len(found) == len(names) == len(set(names)) == count:
        raise InvalidInput(f"must be {count} different names, one a column", field="features")
    if fitted is not None and names != tuple(fitted.tolist()):
        raise InvalidInput("are others than the model was fitted to; leave them out", field="features")
    return names


def has_a_form(text: str) -> bool:
    """Whether a file can hold ``text``: no half of a surrogate pair is in it.

    >>> has_a_form("é"), has_a_form(chr(0xD800))
    (True, False)
    """
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _classes(estimator: Any) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    if isinstance(estimator.classes_, list):
        raise refuse(estimator, "predicts several targets", "fit one model a target")
    found = np.asarray(estimator.classes_).tolist()
    texts = tuple(written(one) if isinstance(one, float) and isfinite(one) else str(one) for one in found)
    if not all(map(has_a_form, texts)):
        raise refuse(estimator, "has a class with half a surrogate pair, no character", "name it otherwise")
    if len(texts) < 2 or len(set(texts)) < len(texts):
        raise refuse(estimator, "has no two classes with names of their own", "fit it to two or more")
    return tuple(found), texts
