"""An evaluation as it is answered: the core's own report, and what an evaluation found of the version since."""

from dataclasses import fields, replace
from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from functions.evaluate import ClassificationEvaluation, Evaluation, RegressionEvaluation
from infra.openapi import current_document
from lepton_core.baseline import baseline_of, beside_values
from lepton_core.evaluate import (
    ClassificationReport,
    PermutationImportance,
    RegressionReport,
    classification_report,
    regression_report,
)
from lepton_core.imbalance import imbalance_of
from lepton_core.table import Numbers

SINCE = {"cross_validation": None, "importance": None}
ADDED = {"baselines", "segments", "by_prediction", "imbalance", "calibrated", "coverages", "decision"}
"""What files of earlier platforms lack."""

BASELINE = baseline_of(Numbers("y", np.arange(9.0)), np.arange(9), "regression")

UNEVEN = classification_report(np.array([0] * 19 + [1]), np.tile([0.9, 0.1], (20, 1)), ["no", "yes"])

REPORTS: list[Any] = [
    regression_report(np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])),
    replace(
        regression_report(np.arange(9.0), np.arange(9.0) + 0.1),
        baselines=beside_values(BASELINE, np.arange(9.0), np.arange(9.0) + 0.1),
    ),
    regression_report(np.array([1.0]), np.array([1.5])),
    classification_report(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), ["no", "yes"]),
    classification_report(np.array([0, 1]), np.eye(3)[:2], ["a", "b", "c"], unknown_class_rows=2),
    replace(UNEVEN, imbalance=imbalance_of(UNEVEN, {"no": 95, "yes": 5})),
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.task)
def test_a_report_is_answered_whole(report: Any) -> None:
    stored = msgspec.json.encode(report)
    answer = msgspec.json.encode(msgspec.json.decode(stored, type=Evaluation))
    assert msgspec.json.decode(answer) == msgspec.json.decode(stored) | SINCE


@pytest.mark.parametrize(
    ("report", "answer"),
    [(ClassificationReport, ClassificationEvaluation), (RegressionReport, RegressionEvaluation)],
)
def test_no_field_of_a_report_is_forgotten(report: Any, answer: Any) -> None:
    assert {one.name for one in fields(report)} == {"task", *answer.__struct_fields__} - {*SINCE}
    assert answer.__struct_config__.tag in get_args(report.__annotations__["task"])


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.task)
def test_a_report_of_an_earlier_platform_is_read(report: Any) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(report))
    found = msgspec.convert({name: stored[name] for name in stored if name not in ADDED}, Evaluation)
    assert found.baselines == []


def test_an_importance_whose_spread_was_too_large_for_a_number_is_read() -> None:
    stored = {"column": "a", "mean": 1e154, "std": None}
    whole = {"loss": 1.0, "rows": 2, "repeats": 5, "columns": [stored]}
    assert msgspec.convert(whole, PermutationImportance).columns[0].std is None


def test_the_api_names_the_fields_of_an_evaluation() -> None:
    document = current_document()
    route = document["paths"]["/v1/models/{model}/versions/{version}/evaluation"]["get"]
    schema = route["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["discriminator"]["propertyName"] == "task"
    for kind in (ClassificationEvaluation, RegressionEvaluation):
        shown = document["components"]["schemas"][kind.__name__]
        assert set(shown["properties"]) == {"task", *kind.__struct_fields__}
        assert set(shown["required"]) == set(shown["properties"]) - {*SINCE} - ADDED
