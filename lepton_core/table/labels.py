"""Which column is the label, if nobody says."""

from collections.abc import Sequence

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
