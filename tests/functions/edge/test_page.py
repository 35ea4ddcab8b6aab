"""Pages put together are the list."""

from hypothesis import given
from hypothesis import strategies as st

from functions import edge
from functions.edge.shapes import Page


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 10))
def test_walking_the_pages_gives_every_item_once(keys: list[str], limit: int) -> None:
    keys.sort()
    walked: list[str] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        rest = [(key, key) for key in keys if key > after][: limit + 1]
        page: Page[str] = edge.page(rest, limit)
        assert len(page.items) <= limit
        walked += page.items
        after, pages = page.next, pages + 1
    assert walked == keys
    assert pages == max(1, -(-len(keys) // limit))


def test_a_page_knows_whether_it_is_the_last() -> None:
    assert edge.page([("a", 1), ("b", 2), ("c", 3)], 2) == Page([1, 2], "b")
    assert edge.page([("a", 1), ("b", 2)], 2) == Page([1, 2], None)
    assert edge.page([], 2) == Page([], None)
