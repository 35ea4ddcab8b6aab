"""Ids: nobody else has them, and those made later sort later."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.context import Ids, new_id

START = datetime(2030, 1, 1, tzinfo=UTC)


def test_an_id_is_its_prefix_and_24_hexadecimal_digits_that_begin_with_its_time() -> None:
    made = Ids(lambda: START)("run")
    assert re.fullmatch(r"run-[0-9a-f]{24}", made)
    assert int(made[4:16], 16) == START.timestamp() * 1000


@given(st.lists(st.integers(-3, 3), max_size=50))
def test_later_ids_sort_later_even_if_the_clock_stands_or_goes_back(steps: list[int]) -> None:
    def clock() -> Iterator[datetime]:
        now = START
        for step in steps:
            now += timedelta(milliseconds=step)
            yield now

    times = clock()
    ids = Ids(lambda: next(times))
    made = [ids("key") for _ in steps]
    assert made == sorted(set(made))


def test_two_processes_in_one_millisecond_make_different_ids() -> None:
    made = [Ids(lambda: START)("run") for _ in range(1000)]
    assert len(set(made)) == len(made)


def test_threads_never_share_an_id_and_each_sees_its_own_in_order() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_id("key") for _ in range(500)], range(8)))
    assert len({one for of_thread in made for one in of_thread}) == 8 * 500
    assert all(of_thread == sorted(of_thread) for of_thread in made)
