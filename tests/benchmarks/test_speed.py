"""The benchmark of speed runs, and both sides do the same work."""

from pathlib import Path

import pandas as pd
import pytest

from lepton_core.table import read_file
from tests.benchmarks.speed import LIVES, SIDES, figures, measure
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
    FILES[what.removeprefix("life of ") if what != "read" else "numbers"](path, 2000)
    ours, theirs = (measure(side(path)) for side in SIDES[what])
    assert list(ours.steps) == list(theirs.steps)


@pytest.mark.parametrize(
    ("name", "columns"), [("numbers and one column of texts", 21), ("numbers and one empty cell", 20)]
)
def test_the_pipeline_beside_learns_from_all_columns_of_its_file(
    tmp_path: Path, name: str, columns: int
) -> None:
    path = tmp_path / "file.csv"
    FILES[name](path, 2000)
    frame = pd.read_csv(path)
    label = frame.pop("label")
    fitted = LIVES[name]().fit(frame, label)
    assert fitted[-1].n_features_in_ >= columns
    assert fitted.score(frame, label) > 0.8


@pytest.mark.slow
@pytest.mark.lengthy
def test_the_page_has_a_line_for_each_file_and_each_whole_life() -> None:
    lines = [
        line.split("|")[1].strip() for line in figures(rows=400, rounds=1, reading=1) if line.startswith("| ")
    ]
    assert [line for line in lines if line.startswith("whole life")] == [
        f"{what}, {name}" for name in LIVES for what in ("whole life", "whole life and 5 folds")
    ]
    assert len([line for line in lines if line.startswith("read ")]) == len(FILES)
