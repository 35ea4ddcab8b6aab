"""The benchmark of predictions in process runs, and both sides answer the same rows."""

from pathlib import Path

import pytest

from tests.benchmarks.predictor import figures


@pytest.mark.slow
@pytest.mark.lengthy
def test_the_page_has_a_line_for_each_way_and_a_time_for_each_side() -> None:
    lines = [line.split("|")[1:-1] for line in figures(many=40, rounds=1) if line.startswith("| ")]
    head, *found = [[cell.strip() for cell in line] for line in lines]
    assert head == ["what", "rows", "side", "µs", "Lepton", "µs", "times"]
    assert [(what, rows) for what, rows, *_ in found] == [
        ("in process", "1"),
        ("in process", "40"),
        ("answer", "40"),
        ("answer", "40"),
    ]
    assert all(float(line[at]) > 0 for line in found for at in (3, 5, 6))


def test_the_page_has_what_must_be() -> None:
    page = (Path(__file__).parents[2] / "docs/benchmarks/predictor.md").read_text()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    found = {int(one[1]): float(one[-1]) for one in cells if one and one[0] == "in process"}
    assert found[1] >= 25 and found[1000] >= 20
