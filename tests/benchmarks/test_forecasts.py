"""What is measured of a forecast is what a version of the platform says of it, and the page has each rule."""

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, Model, Split
from lepton_ai.embedded import embedded_transport
from tests.benchmarks.forecasts import COVERAGE, LAGS, ROWS, RULES, measured

PAGE = Path(__file__).parents[2] / "docs/benchmarks/forecasts.md"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_makes_the_same_series_each_time_and_none_without_end(rule: str) -> None:
    once, again = (RULES[rule](np.random.default_rng(3), 700) for _ in range(2))
    assert once.tobytes() == again.tobytes()
    assert np.isfinite(once).all() and len(np.unique(once)) > 600


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["random walk", "year, and skewed noise"])
def test_the_later_half_of_the_folds_is_what_a_version_learns_from(tmp_path: Path, rule: str) -> None:
    series = RULES[rule](np.random.default_rng(0), 300)
    path, begin = tmp_path / "series.csv", date(1970, 1, 1)
    cells = [f"{begin + timedelta(days=day)},{value!r}" for day, value in enumerate(series.tolist())]
    path.write_text("\n".join(["day,value", *cells]))
    transport = embedded_transport(tmp_path / "state")
    try:
        model = Model("linear_regression", name="m", quiet=True, transport=transport)
        model.upload_data(
            Data.from_csv(path, label="value", quiet=True).with_lags({"value": [*LAGS]}, by="day")
        )
        version = model.train(split=Split("time", "day"), uncertainty=True)
        [told] = [one for one in version.held_out.coverages if one.coverage == COVERAGE]
    finally:
        transport.close()
    all_folds, later_half = measured(series, "linear_regression")
    assert told.share == pytest.approx(later_half.inside)
    assert told.size == pytest.approx(later_half.size * np.std(np.diff(series)))
    assert all_folds != later_half


def test_the_page_has_a_line_for_each_rule_and_the_documentation_says_what_stands_there() -> None:
    lines = [
        line
        for line in PAGE.read_text().splitlines()
        if line.split("|")[1:2] and line.split("|")[1].strip() in RULES
    ]
    assert len(lines) == sum(len(RULES) * len(rows) for rows in ROWS.values())
    inside = [[float(one) for one in re.findall(r"([\d.]+)%", line)][::2] for line in lines]
    by_lines, by_trees, of_classes = inside[:12], inside[12:18], inside[18:]
    ranges = [by_lines[:8], by_lines[8:10], by_lines[10:], by_trees, of_classes]
    ends = [(round(min(one[1] for one in some)), round(max(one[1] for one in some))) for some in ranges]
    said = (PAGE.parents[1] / "uncertainty.md").read_text().partition("six rules make")[2].partition("##")[0]
    assert [(int(low), int(high)) for low, high in re.findall(r"(\d+) to (\d+) %", said)[:5]] == ends
    assert [round(one) for one in (min(by_lines[:8])[0], max(by_lines[:8])[0])] == [90, 98]
