"""SageMaker runtime: what its bodies may be, and what it is told when they are wrong."""

import json

import pytest

from lepton_core.errors import Forbidden, InvalidInput, NotFound, Unavailable
from lepton_core.protocols import sagemaker
from tests.support.foreign import CSV, ROWS, asked, own, predictor, version_of


def test_the_answer_is_that_of_the_platforms_own_protocol_with_its_notes() -> None:
    of = predictor("logistic_regression", 2)
    body = json.dumps({"instances": [{**ROWS[0], "colour": "red", "label": "c1"}, ROWS[1]]}).encode()
    answer = asked(sagemaker, of, ({}, body))
    told = json.loads(answer.body)
    assert (told["model"], told["version"]) == ("m", 3)
    assert [one["label"] for one in told["predictions"]] == [one.label for one in own(of, ROWS[:2])]
    assert told["ignored"] == [{"column": "colour", "nearest": None}]
    assert {one["column"]: one["rows"] for one in told["filled"]}["town"] == 1
    assert answer.headers["x-amzn-invoked-production-variant"] == "3"


def test_csv_has_no_header_and_empty_lines_are_no_rows() -> None:
    of = predictor("linear_regression", 0)
    lines = b"12.1,3,true,Ulm,2024-02-29,a kind parcel,007\r\n\r\n,,,,,,\r\n"
    answer = asked(sagemaker, of, (CSV, lines))
    assert [one["value"] for one in json.loads(answer.body)["predictions"]] == [
        one.value for one in own(of, ROWS[:2])
    ]


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({}, b"{}", "send the rows as 'instances'"),
        ({}, b'{"instances": [], "rows": []}', "send the rows as 'instances'"),
        ({}, b'{"instances": {"a": 1}}', "must be a list"),
        ({}, b'{"instances": [[1]], "columns": [1]}', "must be a list of texts"),
        ({}, b'{"instances": [[1]], "colour": 1}', "'colour' is no field of this call"),
        ({}, b'{"instances": []}', "there are no rows"),
        ({}, b'{"instances": [1]}', "a row must be an object by column name or a list"),
        ({}, b'{"instances": [{"amount": [1]}]}', "column 'amount'"),
        ({}, b'{"instances": [{"amount": Infinity}]}', "column 'amount'"),
        (CSV, b"1,2\n", "2 cells, where there are 7 columns"),
        (CSV, b'"open', "the body is not CSV"),
        (CSV, b"\xff", "not CSV in UTF-8"),
        (CSV, b"", "there are no rows"),
        ({"content-type": "application/x-npy"}, b"", "unsupported media type"),
        ({"x-amzn-sagemaker-target-variant": "4"}, b"{}", "variant '4' is not served; version 3 is"),
    ],
)
def test_a_body_that_is_wrong_is_refused(headers: dict[str, str], body: bytes, said: str) -> None:
    of = predictor("linear_regression", 0)
    with pytest.raises(InvalidInput) as raised:
        asked(sagemaker, of, (headers, body))
    answer = sagemaker.refused(raised.value)
    assert said in json.loads(answer.body)["message"]
    assert answer.headers["x-amzn-errortype"] == "ValidationError"


def test_errors_have_the_types_that_clients_of_aws_know() -> None:
    kinds = {
        sagemaker.refused(error).headers["x-amzn-errortype"]
        for error in (Forbidden("no"), Unavailable("later"), NotFound("no model"))
    }
    assert kinds == {"AccessDeniedException", "ServiceUnavailable", "ValidationError"}


def test_the_description_is_the_schema() -> None:
    of = predictor("logistic_regression", 2)
    told = json.loads(sagemaker.described(version_of(of)).body)
    assert told == {"model": "m", **of.schema.as_dict(), "classes": ["c0", "c1"]}
