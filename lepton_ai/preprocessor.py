"""The preprocessor as a user builds it: steps are added, fitted to data, and uploaded with the model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lepton_ai.data import Data, as_features
from lepton_core.preprocess import Labels, Preprocessor
from lepton_core.target import class_names, encode_classes, encode_values, task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TASKS = frozenset({"classification", "regression"})


class DataPreprocessor:
    """Steps that turn columns into the numbers that a model learns from.

    A step reads a block (``'X'`` is all feature columns, or the ``output`` of an earlier step), a column,
    or a list of columns. Of ``'X'`` it takes the columns that it goes with: Normalize the numbers. Numbers that no
    step touched go through as they are, other columns get the steps of a default preprocessor. Transformers:
    Normalize, MinMax, RobustScale, Log, Quantile, PolynomialFeatures, Impute, OneHot, Ordinal, TargetEncode,
    Hash, DateParts, TextHash, Select, Drop.

        preprocessor = DataPreprocessor()
        preprocessor.add_transformer("Impute", input="age", strategy="median")
        preprocessor.add_transformer("OneHot", input="colour")
        preprocessor.fit(data)
        model.upload_preprocessor(preprocessor)
    """

    def __init__(self) -> None:
        self._steps = Preprocessor.empty()

    def add_transformer(
        self, name: str, input: str | Sequence[str], output: str | None = None, **options: Any
    ) -> "DataPreprocessor":
        """Add the step ``name`` (and return this preprocessor, so that calls can be chained).

        What was fitted before is forgotten. Errors: `InvalidInput` for an unknown transformer or option.
        """
        self._steps = self._steps.unfitted().add(name, input=input, output=output, **options)
        return self

    def fit(self, data: Data) -> "DataPreprocessor":
        """Learn means, spreads, levels ... from the feature columns of ``data``.

        The label is left out, but for steps that learn from it, as TargetEncode. A model fits such a chain again, to
        the rows that it is trained on.
        """
        labels = _labels(data) if self._steps.supervised else None
        self._steps = self._steps.unfitted().fit(as_features(data), labels)
        return self

    def transform(self, data: Data) -> "NDArray[Any]":
        """The feature columns as the model will see them, float64 of shape (m, p)."""
        return self._steps.transform(as_features(data))

    @property
    def fitted(self) -> bool:
        """Whether `fit` was called since the last step was added."""
        return self._steps.fitted

    @property
    def left_out(self) -> dict[str, str]:
        """The columns that the model will not see, each with the reason: "only tells rows apart"."""
        return dict(self._steps.left_out)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the p columns that `transform` gives."""
        return self._steps.feature_names

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for the upload."""
        return self._steps.as_dict()

    def __repr__(self) -> str:
        steps = " -> ".join(step.transformer for step in self._steps.steps) or "no steps"
        return f"<DataPreprocessor: {steps}, {'fitted' if self.fitted else 'not fitted'}>"


def _labels(data: Any) -> Labels | None:
    """Those of ``data``, as a model takes them that is told no task; None if it is a mere table."""
    if not isinstance(data, Data):
        return None
    label = data.table[data.label]
    if task_of(label, _TASKS) == "regression":
        return Labels.of(encode_values(label).y)
    classes = class_names(label)
    return Labels.of(encode_classes(label, classes).y, classes)
