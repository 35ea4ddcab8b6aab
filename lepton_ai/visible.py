"""Texts of data as they can be shown: nothing in them moves a cursor, turns a line round or fills the screen."""

from unicodedata import east_asian_width

SHOWN_LETTERS = 40
"""Characters of a name or a value."""


def visible(text: str, most: int = SHOWN_LETTERS) -> str:
    r"""``text`` with its unprintable characters spelled out, the middle left out if it is longer than ``most``.

    >>> visible("a\x1b[2Jb\u202e"), visible("x" * 100, 9)
    ('a\\x1b[2Jb\\u202e', 'xxxx…xxxx')
    """
    if len(text) > 4 * most:
        text = f"{text[: 2 * most]}…{text[-2 * most :]}"
    spelled = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    if len(spelled) <= most:
        return spelled
    return f"{spelled[: most // 2]}…{spelled[-(most - most // 2 - 1) :]}"


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
