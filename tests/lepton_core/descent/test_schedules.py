import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.descent import constant, cosine, exponential, inverse_time, step

SCHEDULES = [constant(), step(3, 0.5), exponential(0.9), cosine(50, 0.1), inverse_time(0.3)]


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(iteration=st.integers(0, 10**6))
def test_every_schedule_begins_at_1_and_never_rises(schedule, iteration):
    assert schedule(0) == 1.0
    assert 0.0 <= schedule(iteration + 1) <= schedule(iteration)


def test_values():
    assert step(10, 0.1)(25) == pytest.approx(0.01)
    assert exponential(0.5)(3) == 0.125
    assert cosine(10, 0.2)(5) == pytest.approx(0.6)
    assert cosine(10, 0.2)(99) == pytest.approx(0.2)
    assert inverse_time(0.5)(2) == 0.5
