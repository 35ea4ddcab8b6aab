"""Predictions as frames: the cells of the CSV file, each of its own type."""

import csv
import io
import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_ai import Data, Prediction, Predictions
from lepton_ai.csv_text import csv_of
from lepton_ai.row_error import RowError

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
faults = st.builds(lambda row, reason: Prediction(error=RowError(row, reason)), st.integers(1, 9), texts)


@st.composite
def predictions(draw: Any) -> Predictions:
    """Of values or of classes, sure of themselves or not, some of them empty."""
    sure = draw(st.booleans())
    if draw(st.booleans()):
        ends = st.tuples(numbers, numbers) if sure else st.none()
        one = st.builds(lambda value, interval: Prediction(value=value, interval=interval), numbers, ends)
    else:
        classes = draw(st.lists(texts, min_size=2, max_size=4, unique=True))
        some = st.lists(st.sampled_from(classes), min_size=1, unique=True).map(tuple) if sure else st.none()
        shares = st.fixed_dictionaries(dict.fromkeys(classes, st.floats(0.0, 1.0)))
        one = st.builds(
            lambda label, share, plausible: Prediction(label, share, plausible=plausible),
            st.sampled_from(classes),
            shares,
            some,
        )
    return Predictions("m", 1, draw(st.lists(st.one_of(one, one, faults), max_size=6)))


def as_in_csv(cell: Any) -> str:
    if isinstance(cell, tuple):
        return csv_of([cell]).removesuffix("\n")
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else str(cell)


@given(predictions())
def test_a_frame_has_the_columns_and_the_cells_of_the_csv_file(found: Predictions) -> None:
    head, *lines = csv.reader(io.StringIO(found.to_csv(), newline=""))
    frame = found.to_pandas()
    assert list(frame.columns) == list(found.to_dict()) == head
    assert frame.index.equals(pd.RangeIndex(len(found)))
    columns = [frame[name].tolist() for name in head]
    assert [[as_in_csv(cell) for cell in row] for row in zip(*columns, strict=True)] == lines


@given(predictions())
def test_the_constructor_of_pandas_makes_the_same_frame(found: Predictions) -> None:
    frame = pd.DataFrame(found)
    if not found:
        assert frame.empty
        return
    wanted = found.to_pandas()
    assert set(frame.columns) == set(wanted.columns)
    assert list(frame.columns) == list(wanted.columns) or found[0].error is not None
    for name in wanted.columns:
        assert frame[name].isna().tolist() == wanted[name].isna().tolist()
        assert frame[name].dropna().tolist() == wanted[name].dropna().tolist()


@pytest.mark.parametrize(
    ("one", "cells"),
    [
        (Prediction("yes", {"no": 0.25, "yes": 0.75}), {"label": "yes", "P(no)": 0.25, "P(yes)": 0.75}),
        (Prediction(value=1.5, interval=(1.0, 2.0)), {"value": 1.5, "low": 1.0, "high": 2.0}),
        (Prediction("a", {"a": 1.0}, plausible=("a",)), {"label": "a", "P(a)": 1.0, "plausible": ("a",)}),
        (Prediction(error=RowError(2, "is empty")), {"error": str(RowError(2, "is empty"))}),
    ],
)
def test_a_prediction_is_a_mapping_of_its_cells(one: Prediction, cells: dict[str, Any]) -> None:
    assert dict(one) == cells  # type: ignore[call-overload]
    assert (list(one), len(one), one["".join(list(cells)[:1])]) == (
        list(cells),
        len(cells),
        next(iter(cells.values())),
    )


@given(predictions())
def test_each_cell_is_of_its_own_type(found: Predictions) -> None:
    frame = found.to_pandas()
    for name, cells in found.to_dict().items():
        if name in ("label", "error", "plausible"):
            kind: type = tuple if name == "plausible" else str
            assert all(cell is None or isinstance(cell, kind) for cell in cells)
            assert frame[name].isna().tolist() == [cell is None for cell in cells]
        else:
            assert frame[name].dtype == np.float64
            wanted = np.array([math.nan if cell is None else cell for cell in cells], dtype=np.float64)
            assert frame[name].to_numpy().tobytes() == wanted.tobytes()


@given(predictions())
def test_other_libraries_make_tables_of_the_same_columns(found: Predictions) -> None:
    cells = found.to_dict()
    made = pa.table({name: list(map(_listed, column)) for name, column in cells.items()})
    assert made.to_pydict() == {name: list(map(_listed, column)) for name, column in cells.items()}


def _listed(cell: Any) -> Any:
    return list(cell) if isinstance(cell, tuple) else cell


def test_a_row_without_a_prediction_is_missing_and_says_why() -> None:
    empty = Prediction(error=RowError(2, "'much' is no number", "b", line=3))
    yes = Prediction("yes", {"no": 0.25, "yes": 0.75}, plausible=("yes", "no"))
    frame = Predictions("m", 1, [yes, empty]).to_pandas()
    assert list(frame.columns) == ["label", "P(no)", "P(yes)", "plausible", "error"]
    assert frame.isna().to_numpy().tolist() == [[False] * 4 + [True], [True] * 4 + [False]]
    assert frame.loc[0, ["label", "P(no)", "plausible"]].tolist() == ["yes", 0.25, ("yes", "no")]
    assert frame["error"][1] == "line 3, column 'b': 'much' is no number"
    value = Prediction(value=1.5, interval=(1.0, 2.0))
    of_values = Predictions("m", 1, [value, Prediction(error=RowError(2, "is empty"))]).to_pandas()
    assert of_values.iloc[0].tolist()[:3] == [1.5, 1.0, 2.0]
    assert of_values.isna().to_numpy().tolist() == [[False] * 3 + [True], [True] * 3 + [False]]


@pytest.mark.parametrize(("rows", "columns"), [([], ["label"]), ([RowError(1, "is empty")], ["error"])])
def test_where_no_row_has_a_prediction_only_the_columns_of_the_csv_are_left(
    rows: list[RowError], columns: list[str]
) -> None:
    frame = Predictions("m", 1, [Prediction(error=row) for row in rows]).to_pandas()
    assert (list(frame.columns), len(frame)) == (columns, len(rows))


def test_predictions_are_data_again() -> None:
    shares = [{"no": 1.0 - 0.05 * row, "yes": 0.05 * row} for row in range(20)]
    labels = ["yes" if share["yes"] > 0.5 else "no" for share in shares]
    found = Predictions("m", 1, [*map(Prediction, labels, shares)])
    again = Data.from_pandas(found.to_pandas(), label="label")
    assert again.columns == ("label", "P(no)", "P(yes)")
