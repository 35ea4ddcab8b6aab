"""The peer reads a file as its reader understands it, and never sees a held-out row while it learns."""

import numpy as np
import pytest

from tests.benchmarks.real_tables.listed import Archive, Listed, Reading
from tests.benchmarks.real_tables.peer import HELD_OUT, figures, folds, mean, measured, rows_of, split, told

ARCHIVE = Archive("pack", "1.0", "pack-1.0-py3-none-any.whl", "")
FILE = b"""id;when;price;code;note;bought
1;31/12/2020;$1,5;7;good;yes
2;?;$2;8;;no
3;01/01/2021;?;7;bad;
"""
READING = Reading(
    read={"sep": ";", "na_values": ["?"]},
    drop={"id": "an identifier"},
    dates={"when": "%d/%m/%Y"},
    texts=("note",),
    categories=("code",),
    money=("price",),
)


def table(label: str, task: str, reading: Reading) -> Listed:
    return Listed("made", ARCHIVE, "made.csv", "", label, task, "Made.", reading)  # type: ignore[arg-type]


def test_a_file_is_read_as_the_list_says() -> None:
    of = told(table("bought", "classification", READING), FILE)
    assert of.classes == ("no", "yes")
    assert of.y.tolist() == [1, 0]
    assert of.X["price"].tolist() == [15.0, 2.0]
    assert of.X["code"].tolist() == ["7", "8"]
    assert of.X["note"].tolist() == ["good", ""]
    assert of.X["when days"].iloc[0] == 18_627
    assert np.isnan(of.X["when days"].iloc[1])
    assert "id" not in of.X


def test_rows_without_label_are_left_out_and_the_others_keep_their_places() -> None:
    of = told(table("price", "regression", READING), FILE.replace(b"1;31/12/2020;$1,5", b"1;31/12/2020;?"))
    assert of.rows.tolist() == [1]
    assert of.y.tolist() == [2.0]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_fifth_of_each_class_is_held_out_and_a_lone_row_never(seed: int) -> None:
    y = np.repeat([0, 1, 2], [100, 20, 1])
    training, held_out = split(y, stratified=True, seed=seed)
    assert np.bincount(y[held_out]).tolist() == [HELD_OUT * 100, HELD_OUT * 20]
    assert sorted([*training, *held_out]) == list(range(len(y)))


def test_every_fold_has_its_part_of_each_class() -> None:
    y = np.repeat([0, 1], [50, 10])
    fold = folds(y, stratified=True, seed=0)
    assert all(np.bincount(y[fold == each]).tolist() == [10, 2] for each in range(5))


@pytest.mark.parametrize(("label", "task"), [("y", "regression"), ("class", "classification")])
def test_a_rule_is_found(label: str, task: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    lines = [f"{one:.3f},{2 * one:.3f},{'up' if one > 0 else 'down'}" for one in x.tolist()]
    other = {"y": "class", "class": "y"}[label]
    made = table(label, task, Reading(drop={other: "the rule in another form"}))
    found = measured(told(made, "\n".join(["x,y,class", *lines]).encode()), seed=0)
    assert found.score > 0.95


def test_a_figure_has_four_digits_and_its_error() -> None:
    assert mean([0.5, 0.5]) == "0.5000 ± 0.0000"
    assert mean([1234.5, 1235.5, 1236.5]) == "1236 ± 1"


def test_lines_that_are_not_measured_anew_stay() -> None:
    page = "| table | rows |\n|---|---|\n| tips | 244 | 6 | old |\n"
    lines = list(figures([], rows_of(page)))
    assert "| tips | 244 | 6 | old |" in lines
    assert lines[-1].startswith("Not measured yet: abalone, ")
    assert "tips" not in lines[-1]
