"""MLflow scoring: what its bodies may be, and what it is told when they are wrong."""

import json

import pytest

from lepton_core.errors import InvalidInput, LeptonError, NotFound
from lepton_core.protocols import mlflow
from tests.support.foreign import CSV, ROWS, asked, own, predictor, version_of


def test_a_regression_answers_numbers_and_a_classification_objects() -> None:
    body = json.dumps({"dataframe_records": ROWS}).encode()
    of = predictor("linear_regression", 0)
    assert json.loads(asked(mlflow, of, ({}, body)).body) == {
        "predictions": [one.value for one in own(of, ROWS)]
    }
    of = predictor("logistic_regression", 2)
    assert json.loads(asked(mlflow, of, ({}, body)).body) == {
        "predictions": [{"label": one.label, "probabilities": one.probabilities} for one in own(of, ROWS)]
    }


def test_a_column_may_come_with_its_cells_in_lists_of_one() -> None:
    of = predictor("linear_regression", 0)
    columns = {name: [[row[name]] for row in ROWS] for name in ROWS[0]}
    answer = asked(mlflow, of, ({}, json.dumps({"inputs": columns}).encode()))
    assert json.loads(answer.body)["predictions"] == [one.value for one in own(of, ROWS)]


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({}, b"{}", "exactly one of dataframe_split, dataframe_records, instances, inputs"),
        ({}, b'{"instances": [], "inputs": []}', "exactly one of"),
        ({}, b'{"instances": [], "colour": 1}', "nothing else but params"),
        ({}, b'{"instances": [[1]], "params": {"top": 1}}', "params: this model takes no parameters"),
        ({}, b'{"dataframe_split": [1]}', "dataframe_split: must be an object of columns, index and data"),
        ({}, b'{"dataframe_split": {"columns": ["town"]}}', "must be an object of columns, index and data"),
        ({}, b'{"dataframe_split": {"columns": 1, "data": []}}', "dataframe_split.columns: must be a list"),
        (
            {},
            b'{"dataframe_split": {"columns": ["town"], "data": [["Ulm", 1]]}}',
            "2 cells, where there are 1 columns",
        ),
        ({}, b'{"inputs": {"town": ["Ulm"], "visits": [1, 2]}}', "inputs: the columns must have one length"),
        ({}, b'{"inputs": {"town": "Ulm"}}', "inputs.town: must be a list"),
        ({}, b'{"inputs": {}}', "there are no rows"),
        ({}, b'{"instances": [1]}', "1 cells, where there are 7 columns"),
        (CSV, b"", "there are no rows"),
        (CSV, b"colour\nred\n", "none of the columns that the model reads is there"),
        ({"content-type": "text/html"}, b"", "unsupported media type"),
    ],
)
def test_a_body_that_is_wrong_is_refused(headers: dict[str, str], body: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        asked(mlflow, predictor("linear_regression", 0), (headers, body))
    told = json.loads(mlflow.refused(raised.value).body)
    assert said in told["message"] and told["error_code"] == "BAD_REQUEST"


def test_errors_have_the_codes_of_mlflow() -> None:
    assert json.loads(mlflow.refused(NotFound("no model")).body)["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert json.loads(mlflow.refused(LeptonError("oh")).body)["error_code"] == "INTERNAL_ERROR"


def test_the_description_is_a_signature() -> None:
    told = json.loads(mlflow.described(version_of(predictor("linear_regression", 0))).body)
    assert {one["name"]: one["type"] for one in told["inputs"]} == {
        "amount": "double", "visits": "long", "paid": "boolean", "town": "string", "joined": "string",
        "note": "string", "code": "string",
    }  # fmt: skip
