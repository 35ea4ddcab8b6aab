"""Which column is the label, if nobody says, and that no row lacks it."""

from collections.abc import Sequence

from lepton_core.errors import InvalidData
from lepton_core.table.table import Table

_WORDS = ("label", "target", "y", "class")


def infer_label(names: Sequence[str]) -> str:
    """The column named label, target, y or class, else the last.

    The first of these words that one column has wins. Case does not matter; a word that two columns have ('Y'
    and 'y') says nothing.

    >>> infer_label(["age", "Target", "height"]), infer_label(["age", "height"])
    ('Target', 'height')
    """
    if not names:
        raise ValueError("no names")
    for word in _WORDS:
        found = [name for name in names if name.lower() == word]
        if len(found) == 1:
            return found[0]
    return names[-1]


def check_label(table: Table, label: str) -> None:
    """Raises `InvalidData` naming the first row whose label is missing.

    >>> from lepton_core.table import Categories
    >>> check_label(Table((Categories.of("label", ["yes", None]),)), "label")
    Traceback (most recent call last):
    lepton_core.errors.InvalidData: row 2, column 'label': the label is missing
    """
    missing = table[label].missing
    if missing.any():
        raise InvalidData("the label is missing", row=int(missing.argmax()) + 1, column=label)
