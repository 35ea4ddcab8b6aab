"""A sample of the benchmark of the report: what is planted is found, and a clean table is left alone."""

import numpy as np
import pytest

from tests.benchmarks.upload_report import FOUND, MUST, false_findings, is_held
from tests.support import sampling

TRIES = 12
"""Few, so that a test takes seconds: at the rate that is demanded, one miss of so many is luck, and three are not."""

MOST_MISSES = 2


@pytest.fixture
def seed() -> int:
    """That of all samples: the header prints it."""
    return int(sampling.seed())


@pytest.mark.lengthy
@pytest.mark.slow
@pytest.mark.parametrize("planted", FOUND)
def test_what_is_planted_is_found(planted: str, seed: int) -> None:
    assert MUST == 0.95
    number = list(FOUND).index(planted)
    misses = [one for one in range(TRIES) if not FOUND[planted](np.random.default_rng([seed, number, one]))]
    assert len(misses) <= MOST_MISSES, (seed, misses)


@pytest.mark.slow
def test_a_clean_table_gets_hardly_a_warning_and_a_later_one_is_not_held(seed: int) -> None:
    said = [false_findings(np.random.default_rng([seed, 99, one]))[0] for one in range(TRIES)]
    assert max(said) <= 1, (seed, said)
    assert not any(is_held(np.random.default_rng([seed, 98, one])) for one in range(TRIES)), seed
