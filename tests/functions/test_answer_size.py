"""No prediction's answer has more bytes than Lambda hands on, however long the names of the classes are."""

import json
from typing import Any

import pytest

from functions.answer_size import most_answered
from functions.predict import MAX_ANSWER_NUMBERS, MAX_REQUEST_ROWS
from tests.support.aws.payloads import MOST_ANSWER, sent_by_lambda
from tests.support.world import World, csv_of, world

PATH = "/v1/models/m/predict"
NAMES = {
    "short": "class {}",
    "a sentence": "a complaint that was sent by letter about an order that never came, number {}",
    "another script": "苦情の手紙が届きましたが、注文した品物はまだ届いていません第{}号",
    "quotes": '""""""""""""""""{}',
}


def deployed(disk: Any, classes: int, name: str) -> World:
    here = world(disk)
    named = [NAMES[name].format(at % classes).replace('"', '""') for at in range(10 * classes)]
    csv = csv_of(
        {"a": [at * at % 97 / 7 for at in range(len(named))], "label": [f'"{one}"' for one in named]}
    )
    run = here.trained(csv, algorithm="naive_bayes")
    assert run["state"] == "succeeded", run["error"]
    here.ok("POST", "/v1/models/m/deploy", {})
    return here


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("classes", [2, 40])
def test_as_many_rows_as_are_allowed_fit_into_one_answer(disk: Any, classes: int, name: str) -> None:
    here = deployed(disk, classes, name)
    most = min(
        MAX_REQUEST_ROWS,
        MAX_ANSWER_NUMBERS // classes,
        most_answered(here.platform.loaded.get("default", "m").predictor),
    )
    rows = [[1 + at / 3] for at in range(most)]
    answer = here.ok("POST", PATH, {"rows": rows})
    assert len(answer["predictions"]) == most
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    assert len(sent_by_lambda({"statusCode": 200, "headers": {}, "body": body})) <= MOST_ANSWER
    if name != "short":
        assert most < min(MAX_REQUEST_ROWS, MAX_ANSWER_NUMBERS // classes)
        refused = here.refused("POST", PATH, {"rows": [*rows, [1]]})
        assert (refused["status"], refused["code"], refused["field"]) == (413, "too_large", "rows")
        assert refused["message"] == f"{most + 1} rows; the most in one call of this model is {most}"


def test_short_names_take_nothing_away(disk: Any) -> None:
    here = deployed(disk, 40, "short")
    assert most_answered(here.platform.loaded.get("default", "m").predictor) > MAX_ANSWER_NUMBERS // 40
