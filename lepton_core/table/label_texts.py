"""How a file spells the classes of its label, where these are numbers, dates or the like."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from lepton_core.table.columns import Column, Numbers
from lepton_core.table.kinds import kind_of
from lepton_core.table.kinds.quantity import Quantity
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.span_codes import cell_codes
from lepton_core.table.spans import Spans
from lepton_core.table.spelling.decision import class_spellings, with_classes

MOST_SPELLED = 50
"""A label with more distinct values holds quantities."""

MOST_LABEL_TEXTS = 500
"""Of a label with more distinct texts none is kept."""

_MOST_LETTERS = 100


class LabelTexts:
    """The distinct texts of a label and how often each occurs, while its cells are read.

    >>> texts = LabelTexts()
    >>> texts.take(["1.0", "2.0", "1.0"])
    >>> texts.counts
    {'1.0': 2, '2.0': 1}
    """

    def __init__(self) -> None:
        self._codes = cell_codes()
        self._counts = np.zeros(0, dtype=np.int64)
        self._too_many = False

    def take(self, cells: Sequence[str]) -> None:
        """The next cells."""
        if self._too_many:
            return
        codes = self._codes.codes(cells) if isinstance(cells, Spans) else self._codes.codes_of(cells)
        counts = np.bincount(codes, minlength=len(self._codes))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        self._too_many = len(self._codes) > MOST_LABEL_TEXTS

    @property
    def counts(self) -> Mapping[str, int] | None:
        """How often each text occurs; None if there are too many."""
        if self._too_many:
            return None
        return dict(zip(self._codes.texts, self._counts.tolist(), strict=True))


def spelled_as_read(
    column: Column, counts: Mapping[str, int], *, is_first: bool
) -> tuple[Column, Mapping[str, Sequence[str]]]:
    """The label with the spelling of its classes in its notation, and by class its other spellings.

    A class is called as most of its cells are (``counts``), in a later file (not ``is_first``) as in the first one.
    Where that is the plain way in the first file, it is so in all. Of quantities nothing is kept: fractions, and more
    than `MOST_SPELLED` values.

    >>> label = Numbers("y", np.array([1.0, 1.0, 1.0, 2.0]))
    >>> one, others = spelled_as_read(label, {"1.0": 2, "1": 1, "2.0": 1}, is_first=True)
    >>> kind_of(one).names(one), others
    (('1.0', '2.0'), {'1.0': ('1',)})
    """
    kind = kind_of(column)
    if not counts or not isinstance(kind, Quantity):
        return column, {}
    read_as = ColumnSchema(column.name, column.kind, (), column.notation, column.missing_words)
    texts: dict[float, list[str]] = {}
    for cell in sorted(counts, key=lambda cell: (-counts[cell], cell)):
        text = cell.strip()
        value = kind.present_value(text, read_as)
        if value is not None and len(text) <= _MOST_LETTERS and "\n" not in text:
            texts.setdefault(value, []).append(text)
    values = np.array(sorted(texts))
    if not len(values) or len(values) > MOST_SPELLED or (values != np.floor(values)).any():
        return column, {}
    notation = column.notation
    if not kind.notation_spells and (is_first or class_spellings(notation)):
        notation = _spelling(kind, notation, {value: texts[value][0] for value in values.tolist()})
    names = kind.names(kind.made(values, replace(read_as, notation=notation)))
    others = {
        name: tuple(dict.fromkeys(text for text in texts[value] if text != name))
        for name, value in zip(names, values.tolist(), strict=True)
    }
    return with_notation(column, notation), {name: other for name, other in others.items() if other}


def _spelling(kind: Quantity, notation: str, texts: Mapping[float, str]) -> str:
    """The notation with the ``texts`` of classes that it does not spell yet, unless all are spelled the plain way."""
    known = {kind.value_of(text, notation) for text in class_spellings(notation)}
    new = {value: text for value, text in texts.items() if value not in known}
    if not known and all(text == kind.spelled(value, notation) for value, text in new.items()):
        return notation
    return with_classes(notation, list(new.values()))


def with_notation(column: Column, notation: str) -> Column:
    """A ``column`` of quantities, with that ``notation``."""
    return column if column.notation == notation else replace(cast(Numbers, column), notation=notation)
