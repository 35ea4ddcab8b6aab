"""A sample of the benchmark of the report: what is planted is found, and a clean table is left alone."""

import numpy as np
import pytest

from tests.benchmarks.upload_report import FOUND, MUST, false_warnings, is_held

TRIES = 12
"""Few, so that a test takes seconds: at the rate that is demanded, one miss of so many is luck, and three are not."""

MOST_MISSES = 2


@pytest.mark.slow
@pytest.mark.parametrize("planted", FOUND)
def test_what_is_planted_is_found(planted: str) -> None:
    assert MUST == 0.95
    number = list(FOUND).index(planted)
    misses = [one for one in range(TRIES) if not FOUND[planted](np.random.default_rng([number, one]))]
    assert len(misses) <= MOST_MISSES, misses


@pytest.mark.slow
def test_a_clean_table_gets_at_most_one_warning_and_a_later_one_is_not_held() -> None:
    said = [false_warnings(np.random.default_rng([99, one])) for one in range(TRIES)]
    assert max(said) <= 1, said
    assert not any(is_held(np.random.default_rng([98, one])) for one in range(TRIES))
