"""A prediction as a mapping of cells by column, of which pandas makes a row of a frame."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lepton_ai.plausible import columns

if TYPE_CHECKING:
    from lepton_ai.plausible import Interval
    from lepton_ai.row_error import RowError


def column_of(name: str) -> str:
    """The column that has the probability of the class ``name``.

    >>> column_of("yes")
    'P(yes)'
    """
    return f"P({name})"


class OneRow:
    """The columns of `Predictions.to_dict` that one prediction has, each with its cell: ``dict(prediction)``.

    A row that cannot be read has its ``error`` alone.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        label: str | None
        probabilities: dict[str, float] | None
        value: float | None
        error: RowError | None
        interval: Interval | None
        plausible: tuple[str, ...] | None

    def keys(self) -> list[str]:
        """The columns, in their order."""
        return list(self._cells())

    def __getitem__(self, column: str) -> Any:
        return self._cells()[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells())

    def __len__(self) -> int:
        return len(self._cells())

    def _cells(self) -> dict[str, Any]:
        if self.error is not None:
            return {"error": str(self.error)}
        shares = {column_of(name): share for name, share in (self.probabilities or {}).items()}
        answer = {"value": self.value} if self.label is None else {"label": self.label, **shares}
        sure: list[Any] = [*(self.interval or ())] if self.plausible is None else [self.plausible]
        return {**answer, **dict(zip(columns(self.interval, self.plausible), sure, strict=True))}


Mapping.register(OneRow)
