"""The parts that a card is made of: text that is escaped, tables, lists and sections."""

from collections.abc import Iterable, Sequence
from html import escape

from lepton_core.readable import visible

LONGEST = 60
"""Characters of a name or a value on a card."""


def text(value: object, most: int = LONGEST) -> str:
    """Whatever comes of the data, as text of a page: visible, not too long, and no markup.

    >>> text("<b>&'")
    '&lt;b&gt;&amp;&#x27;'
    """
    return escape(visible(str(value), most))


def sentence(value: str) -> str:
    """A sentence of ours, which may hold names of the data, as a paragraph."""
    return f"<p>{text(value, 600)}</p>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A table of texts, each escaped; the first cell of a row is its head, and numbers begin behind ``left`` cells.

    >>> table("Ages", ["name", "age"], [["Ann", "31"]]).partition("<tbody>")[2]
    '<tr><th scope="row">Ann</th><td class="n">31</td></tr></tbody></table></div>'
    """
    tops = "".join(f'<th scope="col"{_side(at, left)}>{text(one)}</th>' for at, one in enumerate(head))
    lines = "".join(f"<tr>{_line(row, left)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><caption>{text(caption, 200)}</caption><thead><tr>{tops}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _line(row: Sequence[str], left: int) -> str:
    first = f'<th scope="row">{text(row[0])}</th>'
    return first + "".join(f"<td{_side(at, left)}>{text(one)}</td>" for at, one in enumerate(row[1:], 1))


def _side(at: int, left: int) -> str:
    return "" if at < left else ' class="n"'


def pairs(caption: str, of: Iterable[tuple[str, object]]) -> str:
    """Names and what is told of each, as a list.

    >>> pairs("Data", [("rows", 3)])
    '<dl aria-label="Data"><div><dt>rows</dt><dd>3</dd></div></dl>'
    """
    shown = "".join(f"<div><dt>{text(name)}</dt><dd>{text(what, 160)}</dd></div>" for name, what in of)
    return f'<dl aria-label="{text(caption)}">{shown}</dl>'


def section(title: str, *content: str, wide: bool = False, long: bool = False) -> str:
    """A part of the page under a heading, across both columns if it is ``wide``; without content there is none.

    A ``long`` one may be broken between two sheets.

    >>> section("Empty", "")
    ''
    """
    inside = "".join(content)
    if not inside:
        return ""
    named = " ".join(name for name, is_so in (("wide", wide), ("long", long)) if is_so)
    of = f' class="{named}"' if named else ""
    return f"<section{of}><h2>{text(title)}</h2>{inside}</section>"
