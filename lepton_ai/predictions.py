"""The result of `Model.predict`."""

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

import msgspec

from lepton_ai.csv_text import csv_of, no_formula
from lepton_ai.one_row import OneRow, column_of
from lepton_ai.plausible import Interval, as_cell, columns, said
from lepton_ai.row_error import RowError
from lepton_ai.row_notes import RowNotes
from lepton_ai.show import figure, html_table, text_table
from lepton_core.evaluate import LabelRule

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 10
_MOST_COLUMNS = 10
"""Of more classes a table shows the predicted one alone; a CSV file has all."""

_TEXTS = ("label", "plausible", "error")
"""The columns of a frame that are no numbers."""

Contribution = float | dict[str, float]
"""One number, or one a class."""


class Prediction(OneRow, msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, gc=False):
    """Of one row: ``label`` and ``probabilities`` by class (classification), or ``value`` (regression).

    ``notes`` say what was ignored, filled and unknown, if the row was predicted alone.

    If it was asked to explain: ``base`` and all ``contributions``, by column, sum to the output in ``unit`` ('value',
    'log-odds', 'score' or 'probability', maybe followed by ' before calibration'); each is one number (of two classes:
    the second's) or one a class.

    If it was asked for a ``coverage``: a value has an ``interval``, its low and its high end, and a label has the
    ``plausible`` classes, the likeliest first, that hold the truth of so many rows.

    A row of a file that cannot be read has an ``error`` and nothing else. ``rule`` made the label of a row that was
    predicted alone, where the most probable class did not.

    >>> Prediction(label="yes", probabilities={"no": 0.25, "yes": 0.75})
    Prediction(label='yes', probabilities={'no': 0.25, 'yes': 0.75})
    """

    label: str | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    contributions: dict[str, Contribution] | None = None
    base: Contribution | None = None
    unit: str | None = None
    notes: RowNotes = RowNotes()
    error: RowError | None = None
    rule: LabelRule | None = None
    interval: Interval | None = None
    plausible: tuple[str, ...] | None = None

    @property
    def probability(self) -> float | None:
        """The probability of ``label``; None for a regression."""
        if self.label is None or self.probabilities is None:
            return None
        return self.probabilities.get(self.label)

    def __str__(self) -> str:
        """The label with its probability, or the value, and how sure it is; or that it is empty, and why."""
        if self.error is not None:
            return f"empty ({self.error})"
        sure = said(self.interval, self.plausible)
        if self.label is None:
            return figure(self.value) + sure
        return (self.label if self.probability is None else f"{self.label} ({self.probability:.4f})") + sure

    def explained(self, most: int = 5) -> str:
        """One line: what the base is, and what the ``most`` columns that matter most add to it.

        Of one number a class, those of the predicted class. Empty, if the prediction was not asked to explain.

        >>> Prediction(value=7.0, contributions={"a": -1.0, "b": 3.0}, base=5.0, unit="value").explained()
        'value 7 = base 5, b +3, a -1'
        """
        if self.contributions is None or self.base is None:
            return ""
        base = self._of_label(self.base)
        parts = {column: self._of_label(part) for column, part in self.contributions.items()}
        order = sorted(parts, key=lambda column: -abs(parts[column]))
        shown = [
            f"{column} {'-' if parts[column] < 0 else '+'}{figure(abs(parts[column]))}" for column in order
        ]
        if len(order) > most:
            rest = sum(parts[column] for column in order[most:])
            shown[most:] = [f"{len(order) - most} more {'-' if rest < 0 else '+'}{figure(abs(rest))}"]
        total = figure(base + sum(parts.values()))
        return f"{self._unit()} {total} = base {figure(base)}, {', '.join(shown)}"

    def _of_label(self, part: Contribution) -> float:
        return part[self.label or ""] if isinstance(part, dict) else part

    def _unit(self) -> str:
        if self.probabilities is None:
            return self.unit or ""
        # The one number of two classes is the second one's, whichever is more probable.
        of = self.label if isinstance(self.base, dict) else list(self.probabilities)[-1]
        return f"{self.unit} of {of}"


class Predictions(Sequence[Prediction]):
    """One `Prediction` a row, in the order of the rows, by version ``version`` of ``model``.

    A row of a file that cannot be read has an empty one: its label is None, its value and its probabilities are NaN.

    ``rule`` is what made the labels, where the most probable class did not. ``notes`` say what was ignored, filled and
    unknown. They count the rows of the whole call, so a part of it has only
    what holds for each of its rows: what was ignored.

    >>> two = Predictions("m", 1, [Prediction(value=1.5), Prediction(value=2.0)])
    >>> two.values, two[0].value, len(two)
    ([1.5, 2.0], 1.5, 2)
    """

    def __init__(
        self,
        model: str,
        version: int,
        predictions: Sequence[Prediction],
        notes: RowNotes = RowNotes(),  # noqa: B008
        rule: LabelRule | None = None,
    ) -> None:
        self.model = model
        self.version = version
        self.notes = notes
        self.rule = rule
        self._items = tuple(predictions)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> "Predictions": ...
    def __getitem__(self, index: int | slice) -> "Prediction | Predictions":
        if isinstance(index, slice):
            some = self._items[index]
            notes = self.notes if len(some) == len(self) else RowNotes(self.notes.ignored)
            return Predictions(self.model, self.version, some, notes, self.rule)
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
        first = self._first()
        return first is not None and first.label is None

    @property
    def errors(self) -> list[RowError]:
        """Why rows of a file have no prediction, those that have none."""
        return [item.error for item in self._items if item.error is not None]

    @property
    def labels(self) -> list[str | None]:
        """The predicted class of each row."""
        self._demand(regression=False)
        return [item.label for item in self._items]

    @property
    def probabilities(self) -> list[dict[str, float]]:
        """The probability of each class, of each row."""
        empty = dict.fromkeys(self.classes, math.nan)
        return [item.probabilities or ({} if item.error is None else empty) for item in self._items]

    @property
    def classes(self) -> list[str]:
        """The classes in the order of the columns of `to_numpy`."""
        self._demand(regression=False)
        first = self._first()
        return [] if first is None else list(first.probabilities or {})

    @property
    def values(self) -> list[float]:
        """The predicted value of each row (regression)."""
        self._demand(regression=True)
        return [math.nan if item.value is None else item.value for item in self._items]

    @property
    def intervals(self) -> list[Interval]:
        """The interval of each row; empty if none was asked for with ``coverage``. Ends of an empty row are NaN."""
        if all(item.interval is None for item in self._items):
            return []
        return [item.interval or (math.nan, math.nan) for item in self._items]

    @property
    def plausible(self) -> list[tuple[str, ...]]:
        """The plausible classes of each row; empty if they were not asked for with ``coverage``."""
        if all(item.plausible is None for item in self._items):
            return []
        return [item.plausible or () for item in self._items]

    @property
    def contributions(self) -> list[dict[str, Contribution]]:
        """The contribution of each column to each row's output; empty if it was not asked for with ``explain``."""
        if all(item.contributions is None for item in self._items):
            return []
        return [item.contributions or {} for item in self._items]

    def empty(self) -> str:
        """How many rows have no prediction, and the first reasons, one a line; empty if each row has one."""
        errors = self.errors
        if not errors:
            return ""
        lines = [f"  {error}" for error in errors[:_SHOWN]]
        more = [f"  and {len(errors) - _SHOWN} more"] if len(errors) > _SHOWN else []
        have = "has" if len(errors) == 1 else "have"
        return "\n".join([f"{len(errors)} of {len(self)} rows {have} no prediction:", *lines, *more])

    def said_of_labels(self) -> str:
        """What made the labels; empty if it was the most probable class."""
        return "" if self.rule is None else f"label: {self.rule}"

    def explained(self, most: int = 5) -> str:
        """One line a row, as `Prediction.explained`; empty if it was not asked for."""
        lines = [
            f"row {row}: {item.explained(most)}"
            for row, item in enumerate(self._items, 1)
            if item.contributions
        ]
        return "\n".join(lines)

    def to_numpy(self) -> "NDArray[Any]":
        """Probabilities, float64 (m, K), columns in the order of ``classes``; or values, (m,)."""
        import numpy as np  # noqa: PLC0415  (predicting one dict needs no numpy here)

        if self.is_regression:
            return np.array(self.values, dtype=np.float64)
        classes = self.classes
        rows = [[row[name] for name in classes] for row in self.probabilities]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(classes))

    def to_csv(self, *, spreadsheet: bool = False) -> str:
        """All rows as CSV: ``label`` and P(class) of every class, or ``value``; every digit is there.

        The texts are as they are, for programs. With ``spreadsheet`` none is read as a formula where the file is opened
        by a person: see `lepton_ai.csv_text`.

        With a coverage ``low`` and ``high`` follow, or ``plausible``, whose cell is itself a line of CSV.
        If a row has no prediction, there is a column ``error``, and the other cells of the row are empty.

        >>> print(Predictions("m", 1, [Prediction("yes", {"no": 0.25, "yes": 0.75})]).to_csv(), end="")
        label,P(no),P(yes)
        yes,0.25,0.75
        """
        head, cells = self._row_cells()
        rows = (
            [as_cell(cell) if isinstance(cell, tuple) else cell for cell in cells(item)]
            for item in self._items
        )
        whole = chain([head], rows)
        return csv_of([*map(no_formula, row)] if spreadsheet else row for row in whole)

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns of `to_csv` by name, with one cell a row, of which libraries make tables.

        Labels and errors are texts, ``plausible`` is a tuple of texts, and all others are numbers. A cell that is
        empty is None.

        >>> Predictions("m", 1, [Prediction("yes", {"no": 0.25, "yes": 0.75})]).to_dict()
        {'label': ['yes'], 'P(no)': [0.25], 'P(yes)': [0.75]}
        """
        head, cells = self._row_cells()
        rows = [cells(item) for item in self._items]
        return {name: [row[at] for row in rows] for at, name in enumerate(head)}

    def to_pandas(self) -> Any:
        """All rows as a frame of pandas, with the columns of `to_dict`; an empty cell of numbers is NaN.

        ``pandas.DataFrame(predictions)`` is the same; only ``error`` is its first column if the first row has one. Its
        index counts the rows from 0. Needs pandas, which is not installed along: raises ``ImportError`` without.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise ImportError("to_pandas() needs pandas: pip install pandas") from None
        frame = pandas.DataFrame(self.to_dict())
        return frame.astype({name: "float64" for name in frame.columns if name not in _TEXTS})

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self._items[:3])) + (", ..." if len(self) > 3 else "")
        empty = f", {len(self.errors)} of them empty" if self.errors else ""
        return f"<{len(self)} predictions by {self.model} version {self.version}{empty}: {shown}>"

    def table(self) -> str:
        """All rows as a table of text."""
        return text_table(*self._table(len(self)))

    def __str__(self) -> str:
        """A table of the first rows."""
        more = "" if len(self) <= _SHOWN else f"\n... {len(self) - _SHOWN} more rows"
        notes = "".join(f"\n{one}" for one in (self.said_of_labels(), self.notes) if one)
        empty = f"\n{self.empty()}" if self.errors else ""
        return text_table(*self._table()) + more + notes + empty

    def _repr_html_(self) -> str:
        more = "" if len(self) <= _SHOWN else f"<p>... {len(self) - _SHOWN} more rows</p>"
        empty = f"<pre>{escape(self.empty())}</pre>" if self.errors else ""
        rule = "" if self.rule is None else f"<p>{escape(self.said_of_labels())}</p>"
        return html_table(*self._table()) + more + rule + empty

    def _table(self, most: int = _SHOWN) -> tuple[list[str], list[list[str]]]:
        head, shown = self._cells()
        errors = ["error"] if self.errors else []
        return ["row", *head, *errors], [
            [str(row), *shown(item), *(str(item.error or "") for _ in errors)]
            for row, item in enumerate(self._items[:most], start=1)
        ]

    def _row_cells(self) -> tuple[list[str], Callable[[Prediction], list[Any]]]:
        """The columns of a CSV file, and what makes their cells, each of its own type; None where one is empty."""
        head, cells = self._answer_cells()
        if not self.errors:
            return head, cells
        return [*head, "error"], lambda item: [*cells(item), None if item.error is None else str(item.error)]

    def _answer_cells(self) -> tuple[list[str], Callable[[Prediction], list[Any]]]:
        """The same before the error; none if all rows are empty."""
        if self._items and self._first() is None:
            return [], lambda _: []
        sure = self._sure()
        if self.is_regression:
            return ["value", *sure], lambda item: [item.value, *(item.interval or [None] * len(sure))]
        classes = self.classes
        return ["label", *map(column_of, classes), *sure], lambda item: [
            item.label,
            *map((item.probabilities or {}).get, classes),
            *(item.plausible for _ in sure),
        ]

    def _cells(self) -> tuple[list[str], Callable[[Prediction], list[str]]]:
        """The columns of a table of text between the row and the error, and what makes their cells."""
        if self._items and self._first() is None:
            return [], lambda _: []
        sure = self._sure()
        if self.is_regression:
            return ["value", *sure], lambda item: [
                figure(item.value) if item.error is None else "",
                *(map(figure, item.interval) if item.interval else [""] * len(sure)),
            ]
        classes = self.classes if len(self.classes) <= _MOST_COLUMNS else []
        head = ["label", *(map(column_of, classes) if classes else ["P(label)"]), *sure]
        return head, lambda item: [
            item.label or "",
            *(
                [_share((item.probabilities or {}).get(name)) for name in classes]
                if classes
                else [_share(item.probability)]
            ),
            *(", ".join(item.plausible or ()) for _ in sure),
        ]

    def _sure(self) -> list[str]:
        """The columns that say how sure the predictions are."""
        first = self._first()
        return [] if first is None else columns(first.interval, first.plausible)

    def _first(self) -> Prediction | None:
        """The first that is not empty."""
        return next((item for item in self._items if item.error is None), None)

    def _demand(self, *, regression: bool) -> None:
        if self._first() is not None and self.is_regression is not regression:
            has = (
                ".values (regression)"
                if self.is_regression
                else ".labels and .probabilities (classification)"
            )
            raise AttributeError(f"these predictions have {has}")


def _share(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.4f}"
