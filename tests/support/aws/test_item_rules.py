"""Each rule about items and requests of DynamoDB refuses what moto accepts, and nothing that is just allowed."""

from typing import Any

import pytest

from tests.support.aws.shown import Case, code_of, is_refused_by_this_rule_alone
from tests.support.moto_aws import TABLE, MotoAws

LARGE = "an item of more than 400 KB"
DIGITS = "a number of more than 38 digits or beyond 1e126"
TWICE = "a set that holds a value twice"
DEEP = "more than 32 levels of lists and maps"
KEY = "a key of another type or length than the table's"
LONG = "an expression of more than 4 KB"
PLACEHOLDER = "a placeholder that is not defined, or not used"
BATCH = "a batch of more than 25 writes"

TEXTS = {"L": [{"S": "x" * 40}] * 10_000}
"""AWS counts 41 bytes each, and moto 40."""


def key(name: str = "k") -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": name}}


def put(**attributes: Any) -> Any:
    return lambda aws: aws.clients.dynamodb.put_item(TableName=TABLE, Item=key() | attributes)


def put_if(condition: str, **arguments: Any) -> Any:
    return lambda aws: aws.clients.dynamodb.put_item(
        TableName=TABLE, Item=key(), ConditionExpression=condition, **arguments
    )


def get(at: dict[str, Any]) -> Any:
    return lambda aws: aws.clients.dynamodb.get_item(TableName=TABLE, Key=at)


def batch(count: int, **attributes: Any) -> Any:
    requests = [{"PutRequest": {"Item": key(str(at)) | attributes}} for at in range(count)]
    return lambda aws: aws.clients.dynamodb.batch_write_item(RequestItems={TABLE: requests})


def transact(*items: dict[str, Any]) -> Any:
    puts = [{"Put": {"TableName": TABLE, "Item": item}} for item in items]
    return lambda aws: aws.clients.dynamodb.transact_write_items(TransactItems=puts)


def query(**values: Any) -> Any:
    return lambda aws: aws.clients.dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "p"}, **values},
    )


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "deep"}
    for level in range(levels):
        value = {"L": [value]} if level % 2 else {"M": {"a": value}}
    return value


CASES = [
    Case(LARGE, "ValidationException", put(texts=TEXTS)),
    Case(LARGE, "ValidationException", batch(1, texts=TEXTS)),
    Case(LARGE, "TransactionCanceledException", transact(key("1"), key("2") | {"texts": TEXTS})),
    Case(DIGITS, "ValidationException", put(n={"N": "1" * 39})),
    Case(DIGITS, "ValidationException", put(n={"N": "1e126"})),
    Case(DIGITS, "ValidationException", put(n={"L": [{"M": {"a": {"NS": ["1", "1." + "1" * 38]}}}]})),
    Case(DIGITS, "ValidationException", transact(key("1"), key("2") | {"n": {"N": "1" * 39}})),
    Case(TWICE, "ValidationException", put(s={"SS": ["a", "b", "a"]})),
    Case(TWICE, "ValidationException", put(s={"L": [{"NS": ["1", "1"]}]})),
    Case(DEEP, "ValidationException", put(deep=nested(33))),
    Case(KEY, "ValidationException", get(key("k" * 1025))),
    Case(KEY, "ValidationException", get(key("é" * 513))),
    Case(KEY, "ValidationException", get({"pk": {"S": "p" * 2049}, "sk": {"S": "k"}})),
    Case(KEY, "ValidationException", get({"pk": {"S": "p"}, "sk": {"N": "1"}})),
    Case(LONG, "ValidationException", put_if(" AND ".join(["attribute_not_exists(gone)"] * 150))),
    Case(PLACEHOLDER, "ValidationException", query(**{":unused": {"S": ""}})),
    Case(BATCH, "ValidationException", batch(26)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_moto_accepts_is_refused(aws: MotoAws, case: Case) -> None:
    assert is_refused_by_this_rule_alone(case, aws)


@pytest.mark.parametrize(
    "call",
    [
        put(texts={"L": [{"S": "x" * 40}] * 9_900}),
        put(n={"N": "1" * 38 + "0" * 80}),
        put(n={"N": "-9.9999999999999999999999999999999999999E+125"}),
        put(s={"SS": ["a", "A"]}),
        put(deep=nested(32)),
        get({"pk": {"S": "p" * 2048}, "sk": {"S": "k" * 1024}}),
        put_if(" OR ".join(["attribute_not_exists(gone)"] * 130)),
        batch(25),
    ],
)
def test_what_is_just_allowed_is_accepted(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) is None


def test_a_placeholder_that_nobody_defined_is_refused(aws: MotoAws) -> None:
    """Moto alone fails with an error of its own."""
    assert code_of(put_if("revision = :expected"), aws) == "ValidationException"
    with aws.rules.without(PLACEHOLDER), pytest.raises(KeyError):
        code_of(put_if("revision = :expected"), aws)


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("ValidationException", put(b={"B": bytes(400 * 1024)})),
        ("ValidationException", put(n={"N": "NaN"})),
        ("ValidationException", put(n={"N": "1e-131"})),
        ("ValidationException", put(s={"SS": []})),
        ("ValidationException", put(sk={"S": ""})),
        ("ValidationException", put(sk={"S": "k" * 1025})),
        ("ValidationException", put(pk={"S": "p" * 2049})),
        ("ValidationException", get({"pk": {"S": ""}, "sk": {"S": "k"}})),
        ("ValidationException", put_if("attribute_not_exists(status)")),
        (
            "ValidationException",
            put_if("attribute_not_exists(gone)", ExpressionAttributeNames={"#unused": "gone"}),
        ),
        ("ConditionalCheckFailedException", put_if("attribute_exists(gone)")),
    ],
)
def test_what_moto_refuses_by_itself(aws: MotoAws, code: str, call: Any) -> None:
    assert code_of(call, aws) == code


def test_a_page_ends_after_a_megabyte_and_a_batch_after_sixteen(aws: MotoAws) -> None:
    """By moto itself."""
    keys = [key(f"{at:02}") for at in range(50)]
    for one in keys:
        aws.clients.dynamodb.put_item(TableName=TABLE, Item=one | {"body": {"S": "x" * 390_000}})
    page = query()(aws)
    assert (page["Count"], page["LastEvaluatedKey"]) == (2, keys[1])
    got = aws.clients.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
    assert 40 < len(got["Responses"][TABLE]) < 45
    assert got["UnprocessedKeys"]
