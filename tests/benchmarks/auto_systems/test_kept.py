"""What the committed results must show, and that the page shows these results."""

from pathlib import Path

import pytest

from tests.benchmarks.auto_systems.aggregate import Figures, compared, figures, newest
from tests.benchmarks.auto_systems.page import PAGE, lines
from tests.benchmarks.auto_systems.results import read
from tests.benchmarks.auto_systems.tables import groups

ROOT = Path(__file__).parents[3]
RESULTS = read((ROOT / PAGE).with_suffix(".csv"))
FOUND = newest(RESULTS, 60.0)


@pytest.fixture(scope="module")
def of() -> dict[str, Figures]:
    return figures(FOUND)


def test_sixteen_tables_are_compared_and_none_of_them_taught_the_search() -> None:
    tables = {table for table, _ in compared(FOUND)}
    assert len(tables) >= 16
    assert tables <= {one.name for one in groups()["judged"]}


def test_a_minute_of_training_gives_a_model_as_good_as_that_of_the_best_system(
    of: dict[str, Figures],
) -> None:
    assert of["lepton"].ratio[0] <= 1.01
    assert of["lepton"].rank < min(of["flaml"].rank, of["lightgbm"].rank)
    assert not of["lepton"].failed


def test_the_model_is_a_tenth_in_size_and_answers_in_a_twentieth_of_the_time(of: dict[str, Figures]) -> None:
    assert of["lepton"].size <= 0.1
    assert of["lepton"].latency <= 0.05


def test_every_training_keeps_its_seconds() -> None:
    own = list(FOUND["lepton"].values())
    assert all(line.seconds is not None and line.seconds <= 66.0 for line in own)


def test_the_page_is_that_of_the_results() -> None:
    shown = (ROOT / PAGE).read_text().partition("<!-- figures -->")[2].partition("<!-- end -->")[0]
    assert shown.strip().splitlines() == "\n".join(lines(RESULTS, groups()["judged"])).strip().splitlines()
