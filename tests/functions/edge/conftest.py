"""A blueprint declared in a test is a route of that test only."""

from collections.abc import Iterator

import pytest

from functions import edge


@pytest.fixture(autouse=True)
def _routes_end_with_the_test() -> Iterator[None]:
    before = len(edge.ROUTES)
    yield
    del edge.ROUTES[before:]
