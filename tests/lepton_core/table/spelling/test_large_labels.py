"""Whole numbers to be predicted that float64 does not have come back as they were given."""

from hypothesis import given
from hypothesis import strategies as st

from lepton_core.table.spelling import recognise


@given(st.lists(st.integers(-(2**63), 2**63), min_size=2, max_size=30, unique=True))
def test_classes_are_told_apart_by_all_their_digits(classes: list[int]) -> None:
    found = recognise({str(one): 2 for one in classes}, rows=2 * len(classes), is_label=True)
    exact = all(int(float(one)) == one for one in classes)
    assert found.kind == ("integer" if exact else "category")
    assert bool(found.doubt) is not exact
