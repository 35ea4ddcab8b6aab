"""Values of the core go through msgspec as they are: nobody has to write them a second time."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest

from lepton_core.errors import Failure
from lepton_core.evaluate import (
    Areas,
    Calibration,
    CrossValidation,
    FoldResult,
    Hits,
    Importance,
    PairedTest,
    PermutationImportance,
    RegressionReport,
    Roc,
)
from lepton_core.models.algorithm import Inputs
from lepton_core.models.listing import Listed, Setting, listed, listing
from lepton_core.monitor import Alert, Assessment, Change, Drift
from lepton_core.promotion import Verdict, judge
from lepton_core.search import Standing
from lepton_core.table import Categories, Column, ColumnFigures, Numbers, Table, describe, kind_of
from lepton_core.table.kinds import Drawing

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
DRIFT = Drift("x", 0.1, 0.2, False)
ALERT = Alert("feature:x", "it drifted", 0.5, 0.2, opened=NOW, seen=NOW, count=3)
COMPARED = PairedTest(
    *(158, 158, 0.01, 0.004, 0.002, 0.018, 0.011),
    auc=Areas(0.9, 0.91, 0.01, 0.3),
    hits=Hits(8, 2, 0.11),
)
COLUMNS: list[Column] = [Numbers("n", np.arange(9.0)), Categories.of("t", ["a", None, "b"])]

VALUES: list[Any] = [
    DRIFT,
    Assessment(500, (DRIFT,), Drift("prediction", 0.5, 0.2, True)),
    ALERT,
    Change("closed", Alert("prediction", "", 0.5, 0.2, NOW, NOW, closed=NOW)),
    COMPARED,
    judge(0.2, 0.19, COMPARED),
    judge(0.2, 0.19, replace(COMPARED, auc=None, hits=None)),
    judge(None, 0.19),
    Standing(0, 2, (0.25, 0.5)),
    Standing(1, 0, (), Failure("diverged", "no")),
    *listing(),
    *(setting for one in listing() for setting in one.hyperparameters),
    Inputs(),
    CrossValidation(0.5, (0.25, 0.75), {"rmse": 0.5, "r2": None}),
    FoldResult(0.5, 12, {"rmse": 0.5, "r2": None}),
    PermutationImportance(0.5, 40, 5, (Importance("age", 0.1, 0.01),)),
    Roc((0.0, 1.0), (0.0, 1.0), (None, 0.5)),
    RegressionReport(1.0, 0.5, None, 0.0),
    Calibration((0.5, None), (0.4, None), (3, 0)),
    *(kind_of(column).draw(column) for column in COLUMNS),
    *(figures for column in COLUMNS for figures in describe(Table((column,)))),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}")
def test_a_value_comes_back_from_json_as_it_was(value: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_these_are_all_that_the_edge_shows_of_them() -> None:
    shown = {
        Alert,
        Assessment,
        Change,
        PairedTest,
        Drift,
        Verdict,
        Standing,
        Listed,
        Setting,
        Inputs,
        Drawing,
    }
    shown |= {Calibration, ColumnFigures, CrossValidation, FoldResult, PermutationImportance, Roc}
    assert shown <= {type(value) for value in VALUES}
    for kind in shown:
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
        assert fields(kind)


def test_what_an_algorithm_can_is_listed() -> None:
    assert (listed("linear_regression").explains, listed("linear_regression").warm_starts) == (True, True)
    assert (listed("deep_learning").explains, listed("random_forest").warm_starts) == (False, False)
