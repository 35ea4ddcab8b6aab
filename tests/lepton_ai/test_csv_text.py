"""Predictions that are opened in a spreadsheet run nothing; those that a program reads are as they are."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_ai.csv_text import STARTS, no_formula
from lepton_ai.predictions import Prediction, Predictions

BEGINNINGS = st.sampled_from([*STARTS, " ", "'", "a", "1", "."])
TEXTS = st.builds(
    lambda first, rest: first + rest, BEGINNINGS, st.text(st.characters(codec="utf-8"), max_size=8)
)
NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+SUM(A1)",
        "-2+3",
        "@x",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        " =1",
        "-",
        "+",
        "--1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_what_may_be_a_formula_becomes_text(cell: str) -> None:
    assert no_formula(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "yes", "a=b", "1", "-1", "+1.5", "-.5", "-1e-05", "2026-11-29", "'=1", -1, -0.5, None, True]
)
def test_words_and_numbers_stay_as_they_are(cell: object) -> None:
    assert no_formula(cell) == cell


@given(TEXTS)
def test_no_text_begins_a_formula_and_each_can_be_had_again(text: str) -> None:
    made = no_formula(text)
    assert not made.lstrip(" ").startswith(tuple(STARTS)) or NUMBER.fullmatch(made)
    assert text in (made, made.removeprefix("'"))


@given(st.lists(TEXTS, min_size=2, max_size=3, unique=True))
def test_a_file_of_predictions_is_raw_for_programs_and_guarded_for_spreadsheets(classes: list[str]) -> None:
    shares = dict.fromkeys(classes, 1 / len(classes))
    found = Predictions("m", 1, [Prediction(one, shares, plausible=(one,)) for one in classes])
    raw = list(csv.reader(io.StringIO(found.to_csv(), newline="")))
    assert [row[0] for row in raw[1:]] == classes
    assert raw[0][1:-1] == [f"P({one})" for one in found.classes]
    guarded = list(csv.reader(io.StringIO(found.to_csv(spreadsheet=True), newline="")))
    assert guarded == [[no_formula(cell) for cell in row] for row in raw]
