"""Lists in pages."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from functions.edge.decode import Count
from functions.edge.shapes import Page

T = TypeVar("T")

PAGING: Mapping[str, str] = {
    "after": "The `next` of the page before this one.",
    "limit": "The most items on the page.",
}
"""The query parameters of a paged route: ``route(..., query=PAGING)``."""


SEARCH = "Only those whose name has this text in it, in upper or lower case."

COLUMN = Count("The first column to tell of, counted from 0.", default=0, low=0, high=2**31 - 1)

ANSWERED_COLUMNS = 10_000
"""Of a table that one answer tells of: a function on AWS answers with 6 MB at most."""


def page(items: Sequence[tuple[str, T]], limit: int) -> Page[T]:
    """The first ``limit`` of ``items`` (pairs of key and value), and where to go on if there are more.

    Ask the store for ``limit + 1``: the one item too many tells that there is another page.

    >>> page([("a", 1), ("b", 2), ("c", 3)], 2)
    Page(items=[1, 2], next='b')
    >>> page([("c", 3)], 2)
    Page(items=[3], next=None)
    """
    shown = items[:limit]
    return Page([value for _, value in shown], shown[-1][0] if len(items) > limit else None)
