"""What the page of automatic training says holds, as far as that takes no time."""

import pytest

from tests.benchmarks.auto import TABLES, figures, found


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("name", "trials"), [("breast cancer", 6), ("digits", 2), ("diabetes", 10)])
def test_what_is_found_is_no_worse_than_the_defaults_on_the_same_folds(name: str, trials: int) -> None:
    algorithm, make = TABLES[name]
    of = found(make(), [algorithm], trials)
    assert of.folds[1] <= of.folds[0]
    assert of.held_out[1] < 1.1 * of.held_out[0]


def test_there_are_two_lines_for_each_table() -> None:
    lines = list(figures(["diabetes"], 1))
    assert [line.split("|")[2].strip() for line in lines[3:]] == ["`auto=True`", "`auto='algorithm'`"]
