"""Explained predictions and columns' importance, as the SDK asks for them and shows them."""

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from lepton_ai import InvalidInput, Model, Prediction, Predictions, TooLarge
from lepton_ai.evaluation import evaluation

if TYPE_CHECKING:
    from tests.lepton_ai.conftest import FakePlatform

PATH = "/v1/models/m/predict"
SCORE = {"label": "no", "probabilities": {"no": 0.75, "yes": 0.25}, "unit": "log-odds"}
ONE = {**SCORE, "base": 0.5, "contributions": {"age": -2.0, "plan": 0.4}}


@pytest.fixture
def model(platform: "FakePlatform") -> Model:
    return Model("logistic_regression", "m", transport=platform)


def answer(*found: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "version": 1, "predictions": list(found)}


def test_explain_is_asked_for_and_comes_back(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", PATH, answer(ONE))
    one = model.predict({"age": 1}, explain=True)
    assert one.contributions == {"age": -2.0, "plan": 0.4}
    assert (one.base, one.unit) == (0.5, "log-odds")
    assert one.explained() == "log-odds of yes -1.1 = base 0.5, age -2, plan +0.4"
    many = model.predict([{"age": 1}], explain=True)
    assert many.contributions == [one.contributions]
    assert many.explained() == f"row 1: {one.explained()}"
    assert [body["explain"] for body in platform.bodies("POST", PATH)] == [True, True]


def test_without_it_nothing_is_asked_and_nothing_shown(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", PATH, answer({"value": 2.0}))
    many = model.predict([{"age": 1}])
    assert platform.bodies("POST", PATH) == [{"rows": [{"age": 1}]}]
    assert (many.contributions, many.explained(), many[0].explained()) == ([], "", "")
    assert repr(many[0]) == "Prediction(value=2.0)"
    assert msgspec.json.encode(list(many)) == b'[{"value":2.0}]'


def test_what_is_too_much_for_one_call_is_asked_in_parts(model: Model, platform: "FakePlatform") -> None:
    def some(body: Any) -> Any:
        if len(body["rows"]) > 3:
            raise TooLarge("5 rows; the most that one call explains of this model is 3", field="rows")
        return answer(*({**ONE, "base": float(row[0])} for row in body["rows"]))

    platform.on("POST", PATH, some)
    found = model.predict(np.arange(10.0).reshape(10, 1), explain=True)
    assert [one.base for one in found] == list(range(10))
    assert all(body["explain"] for body in platform.bodies("POST", PATH))


def test_an_algorithm_that_cannot_says_so(model: Model, platform: "FakePlatform") -> None:
    platform.on("POST", PATH, InvalidInput("svm has no exact contributions", field="explain"))
    with pytest.raises(InvalidInput, match="svm has no exact contributions") as caught:
        model.predict({"age": 1}, explain=True)
    assert caught.value.field == "explain"


def test_the_columns_that_matter_most_are_shown_and_the_rest_summed() -> None:
    parts: dict[str, Any] = {f"c{at}": float(at) * (-1) ** at for at in range(8)}
    one = Prediction(value=10.0 - 4.0, contributions=parts, base=10.0, unit="value")
    assert one.explained(3) == "value 6 = base 10, c7 -7, c6 +6, c5 -5, 5 more +2"
    assert Predictions("m", 1, [one]).explained(3) == f"row 1: {one.explained(3)}"
    of_classes: dict[str, Any] = {"a": {"x": 0.5, "y": -0.5}, "b": {"x": -0.1, "y": 0.1}}
    base: dict[str, Any] = {"x": 0.2, "y": 0.8}
    two = Prediction("x", {"x": 0.6, "y": 0.4}, contributions=of_classes, base=base, unit="probability")
    assert two.explained() == "probability of x 0.6 = base 0.2, a +0.5, b -0.1"
    assert Predictions("m", 1, [one, two]).explained().splitlines()[1] == f"row 2: {two.explained()}"


def evaluated(columns: int) -> Any:
    importance = {
        "loss": 0.3,
        "rows": 20,
        "repeats": 5,
        "columns": [{"column": f"<c{at}>", "mean": 1.0 / (at + 1), "std": 0.01} for at in range(columns)],
    }
    outcome = {"cross_validation": {"loss": 0.3, "folds": [0.2, 0.4], "metrics": {}}, "metrics": {}}
    return evaluation("m", 2, outcome, {"importance": importance})


def test_an_evaluation_shows_the_columns_that_matter() -> None:
    found = evaluated(3)
    assert [(one.column, one.mean) for one in found.importance] == [
        ("<c0>", 1.0),
        ("<c1>", 0.5),
        ("<c2>", 1 / 3),
    ]
    lines = str(found).splitlines()
    assert "  permutation importance for version 2, rows held out:" in lines
    assert lines[-1].split() == ["<c2>", "0.3333", "0.01"]
    html = found._repr_html_()
    assert "<c0>" not in html and "&lt;c0&gt;" in html
    many = str(evaluated(30))
    assert "rows held out, 10 of 30 columns:" in many
    assert "<c9>" in many and "<c10>" not in many


def test_an_evaluation_of_an_older_platform_has_no_columns() -> None:
    outcome = {"cross_validation": {"loss": 0.3, "folds": [0.2, 0.4], "metrics": {}}}
    for report in ({}, {"importance": None}):
        found = evaluation("m", 2, outcome, report)
        assert found.importance == []
        assert "importance" not in str(found) + found._repr_html_()
