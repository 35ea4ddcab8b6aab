"""The benchmark of speed runs, and both sides do the same work."""

from pathlib import Path

import pytest

from lepton_core.table import read_file
from tests.benchmarks.speed import SIDES, figures, measure
from tests.benchmarks.speed_files import FILES


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read_as_a_table_of_all_its_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    assert FILES[name](path, 2000) == path.stat().st_size
    read = read_file(path.read_bytes())
    assert (read.table.rows, read.label) == (3200 if name == "mixed" else 2000, "label")
    assert not read.set_aside_count


def test_the_mixed_file_has_columns_of_many_kinds(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    FILES["mixed"](path, 3000)
    kinds = {column.kind for column in read_file(path.read_bytes()).table.columns}
    assert kinds >= {"identifier", "date", "category", "integer", "number", "text", "boolean"}


@pytest.mark.slow
@pytest.mark.parametrize("what", SIDES)
def test_both_sides_go_through_the_same_steps(tmp_path: Path, what: str) -> None:
    path = tmp_path / "file.csv"
    FILES["numbers"](path, 2000)
    ours, theirs = (measure(side(path)) for side in SIDES[what])
    assert list(ours.steps) == list(theirs.steps)


@pytest.mark.slow
def test_the_page_has_a_line_for_each_file_and_the_whole_life() -> None:
    lines = [
        line.split("|")[1].strip() for line in figures(rows=400, rounds=1, reading=1) if line.startswith("| ")
    ]
    assert [line for line in lines if line.startswith("whole life")] == [
        "whole life",
        "whole life and 5 folds",
    ]
    assert len([line for line in lines if line.startswith("read ")]) == len(FILES)
