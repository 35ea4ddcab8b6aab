"""What the committed page of real tables must show."""

import re
from pathlib import Path

from tests.benchmarks.real_tables.listed import listed

PAGE = Path(__file__).parents[3] / "docs/benchmarks/tables.md"
OURS = PAGE.read_text(encoding="utf-8").partition("<!-- lepton -->")[2].partition("<!-- end -->")[0]
ROWS = [line.strip("|").split("|") for line in OURS.splitlines() if line.count("|") > 8]
BY_NAME = {row[0].strip(): [cell.strip() for cell in row] for row in ROWS}

BY_CHANCE = 3.2
"""Standard errors that the largest of 74 differences exceeds in one case of twenty, if there is none in truth."""


def test_every_table_goes_through_with_nothing_said_but_the_label() -> None:
    assert len(listed()) >= 40
    assert {one.name for one in listed()} <= set(BY_NAME)
    assert all(BY_NAME[one.name][1] == "yes" for one in listed())


def test_no_table_is_worse_than_the_pipeline_by_more_than_noise() -> None:
    worse = [float(found) for row in ROWS for found in re.findall(r"worse \(\+([\d.]+)\)", "|".join(row))]
    better = [row for row in ROWS if "better (-" in "|".join(row)]
    assert len(worse) <= 4
    assert max(worse, default=0.0) < BY_CHANCE
    assert len(better) > len(worse)
