"""Pauses leave the numbers of a script that is seeded alone."""

import random
from itertools import islice

from functions.storage.jitter import jittered


def test_a_seeded_script_draws_the_same_whatever_is_waited_for() -> None:
    random.seed(7)
    wanted = random.random()
    random.seed(7)
    assert all(0 <= pause <= 0.3 for pause in islice(jittered(0.1, 0.3), 9))
    assert random.random() == wanted
