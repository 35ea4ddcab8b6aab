"""An answer that Lambda would drop becomes an error that says so; every other one is handed on as it is."""

import json

import pytest

from infra.aws.answers import MOST_HANDED_ON, handed_on
from tests.infra.aws.test_gateway import answered
from tests.support.aws.payloads import MOST_ANSWER, sent_by_lambda, too_large_answer

AROUND = len(sent_by_lambda(answered("")))


@pytest.mark.parametrize("letter", ["x", '"', "é", "苦", "😀", "\x00", "\n"])
def test_the_largest_answer_is_handed_on_and_a_larger_one_is_an_error(letter: str) -> None:
    each = len(sent_by_lambda(letter)) - 2
    largest = answered(letter * ((MOST_HANDED_ON - AROUND) // each))
    assert handed_on(largest) is largest
    assert too_large_answer(len(sent_by_lambda(largest))) is None
    larger = answered(letter * ((MOST_ANSWER - AROUND) // each + 1))
    assert too_large_answer(len(sent_by_lambda(larger))) is not None
    answer = handed_on(larger)
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (413, "application/json")
    error = json.loads(answer["body"])["error"]
    assert error["code"] == "too_large"
    assert error["message"].startswith(
        f"the answer has {len(sent_by_lambda(larger))} bytes, and on AWS one has"
    )


def test_a_short_answer_is_not_measured() -> None:
    answer = answered("{}")
    assert handed_on(answer) is answer
