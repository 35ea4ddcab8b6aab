"""Texts of data as they can be shown: nothing in them moves a cursor, turns a line round or fills the screen."""

from unicodedata import east_asian_width

from lepton_core.readable import visible

__all__ = ["padded", "visible", "width"]


def width(text: str) -> int:
    """The cells of a terminal that ``text`` takes.

    >>> width("ab"), width("数")
    (2, 2)
    """
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def padded(text: str, wide: int, *, right: bool = False) -> str:
    """``text`` with blanks to be ``wide`` cells of a terminal."""
    blanks = " " * max(0, wide - width(text))
    return blanks + text if right else text + blanks
