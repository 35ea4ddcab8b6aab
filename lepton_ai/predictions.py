"""What `Model.predict` returns."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import msgspec

from lepton_ai.show import figure, html_table, text_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 10


class Prediction(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Of one row: ``label`` and ``probabilities`` by class (classification), or ``value`` (regression).

    >>> Prediction(label="yes", probabilities={"no": 0.25, "yes": 0.75})
    Prediction(label='yes', probabilities={'no': 0.25, 'yes': 0.75})
    """

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None

    @property
    def probability(self) -> float | None:
        """The probability of ``label``; None for a regression."""
        if self.label is None or self.probabilities is None:
            return None
        return self.probabilities.get(self.label)

    def __str__(self) -> str:
        """The label with its probability, or the value."""
        if self.label is None:
            return figure(self.value)
        return self.label if self.probability is None else f"{self.label} ({self.probability:.4f})"


class Predictions(Sequence[Prediction]):
    """One `Prediction` a row, in the order of the rows, by version ``version`` of ``model``.

    >>> two = Predictions("m", 1, [Prediction(value=1.5), Prediction(value=2.0)])
    >>> two.values, two[0].value, len(two)
    ([1.5, 2.0], 1.5, 2)
    """

    def __init__(self, model: str, version: int, predictions: Sequence[Prediction]) -> None:
        self.model = model
        self.version = version
        self._items = tuple(predictions)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> "Predictions": ...
    def __getitem__(self, index: int | slice) -> "Prediction | Predictions":
        if isinstance(index, slice):
            return Predictions(self.model, self.version, self._items[index])
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Predictions):
            return NotImplemented
        return (self.model, self.version, self._items) == (other.model, other.version, other._items)

    __hash__ = None  # type: ignore[assignment]  # the probabilities are dicts

    @property
    def is_regression(self) -> bool:
        """Whether these are values."""
        return bool(self._items) and self._items[0].label is None

    @property
    def labels(self) -> list[str]:
        """The predicted class of each row."""
        self._demand(regression=False)
        return [item.label for item in self._items if item.label is not None]

    @property
    def probabilities(self) -> list[dict[str, float]]:
        """The probability of each class, of each row."""
        self._demand(regression=False)
        return [item.probabilities or {} for item in self._items]

    @property
    def classes(self) -> list[str]:
        """The classes in the order of the columns of `to_numpy`."""
        self._demand(regression=False)
        return list(self._items[0].probabilities or {}) if self._items else []

    @property
    def values(self) -> list[float]:
        """The predicted value of each row (regression)."""
        self._demand(regression=True)
        return [item.value for item in self._items if item.value is not None]

    def to_numpy(self) -> "NDArray[Any]":
        """Probabilities, float64 (m, K), columns in the order of ``classes``; or values, (m,)."""
        import numpy as np  # noqa: PLC0415  (predicting one dict needs no numpy here)

        if self.is_regression:
            return np.array(self.values, dtype=np.float64)
        classes = self.classes
        rows = [[row[name] for name in classes] for row in self.probabilities]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(classes))

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self._items[:3])) + (", ..." if len(self) > 3 else "")
        return f"<{len(self)} predictions by {self.model} version {self.version}: {shown}>"

    def table(self) -> str:
        """All rows as a table of text."""
        return text_table(*self._table(len(self)))

    def __str__(self) -> str:
        """A table of the first rows."""
        more = "" if len(self) <= _SHOWN else f"\n... {len(self) - _SHOWN} more rows"
        return text_table(*self._table()) + more

    def _repr_html_(self) -> str:
        more = "" if len(self) <= _SHOWN else f"<p>... {len(self) - _SHOWN} more rows</p>"
        return html_table(*self._table()) + more

    def _table(self, most: int = _SHOWN) -> tuple[list[str], list[list[str]]]:
        items = list(enumerate(self._items[:most], start=1))
        if self.is_regression:
            return ["row", "value"], [[str(row), figure(item.value)] for row, item in items]
        return ["row", "label", "probability"], [
            [str(row), item.label or "", "" if item.probability is None else f"{item.probability:.4f}"]
            for row, item in items
        ]

    def _demand(self, *, regression: bool) -> None:
        if self._items and self.is_regression is not regression:
            has = (
                ".values (regression)"
                if self.is_regression
                else ".labels and .probabilities (classification)"
            )
            raise AttributeError(f"these predictions have {has}")
