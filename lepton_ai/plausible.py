"""How intervals and sets of predictions are written: as text, and as columns of a CSV file."""

from collections.abc import Sequence

from lepton_ai.csv_text import csv_of
from lepton_ai.show import figure

Interval = tuple[float, float]


def said(interval: Interval | None, plausible: Sequence[str] | None) -> str:
    """What stands behind a prediction, with a blank before it; nothing if there is nothing to say.

    >>> said((1.0, 3.5), None), said(None, ("yes", "no")), said(None, None)
    (' (1 to 3.5)', ' of yes, no', '')
    """
    if interval is not None:
        return f" ({figure(interval[0])} to {figure(interval[1])})"
    return "" if plausible is None else f" of {', '.join(plausible)}"


def columns(interval: Interval | None, plausible: Sequence[str] | None) -> list[str]:
    """The columns that a table has for them.

    >>> columns((1.0, 2.0), None), columns(None, ("a",)), columns(None, None)
    (['low', 'high'], ['plausible'], [])
    """
    if interval is not None:
        return ["low", "high"]
    return [] if plausible is None else ["plausible"]


def as_cell(plausible: Sequence[str] | None) -> str:
    """Several classes in one cell, as a line of CSV, so that names with a comma can be told apart.

    >>> as_cell(("red", "green, dark")), as_cell(None)
    ('red,"green, dark"', '')
    """
    return "" if plausible is None else csv_of([plausible]).removesuffix("\n")
