"""What reads files is tested both ways: compiled, and in numpy."""

from collections.abc import Iterator

import pytest

from lepton_core.table.native.library import native, using


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def either_reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """The tests of a module that uses it run twice."""
    library = native()
    if request.param == "compiled" and library is None:
        pytest.skip("nothing is compiled: there was no C compiler")
    with using(library if request.param == "compiled" else None):
        yield
