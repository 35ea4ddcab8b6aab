"""Transactions of DynamoDB: their size, their tokens, and those that meet."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.storage.aws import ATTEMPTS
from tests.support.aws.shown import Case, code_of, is_refused_by_this_rule_alone
from tests.support.aws.transaction_rules import MOST_REFUSALS
from tests.support.moto_aws import TABLE, MotoAws

LARGE = "a transaction of more than 4 MB"
TOKEN = "a token of a transaction with other items"
MEET = "two transactions on one item at once"
MINUTES = 60.0

WRITE = "dynamodb:TransactWriteItems"
READ = "dynamodb:TransactGetItems"
PUT = "dynamodb:PutItem"
CANCELLED = "TransactionCanceledException"


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": name}}


def large(name: str, size: int = 390_000) -> dict[str, Any]:
    return key(name) | {"body": {"S": "x" * size}}


def put(item: dict[str, Any]) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item}}


def check(name: str) -> dict[str, Any]:
    return {
        "ConditionCheck": {
            "TableName": TABLE,
            "Key": key(name),
            "ConditionExpression": "attribute_not_exists(gone)",
        }
    }


def write(*items: dict[str, Any], **more: Any) -> Callable[[MotoAws], Any]:
    return lambda aws: aws.clients.dynamodb.transact_write_items(TransactItems=list(items), **more)


def read(*names: str) -> Callable[[MotoAws], Any]:
    gets = [{"Get": {"TableName": TABLE, "Key": key(name)}} for name in names]
    return lambda aws: aws.clients.dynamodb.transact_get_items(TransactItems=gets)


def put_one(name: str) -> Callable[[MotoAws], Any]:
    return lambda aws: aws.clients.dynamodb.put_item(TableName=TABLE, Item=key(name))


def get_one(name: str) -> Callable[[MotoAws], Any]:
    return lambda aws: aws.clients.dynamodb.get_item(TableName=TABLE, Key=key(name))


def read_large(aws: MotoAws) -> Any:
    names = [f"{at:02}" for at in range(11)]
    for name in names:
        aws.clients.dynamodb.put_item(TableName=TABLE, Item=large(name))
    return read(*names)(aws)


def with_one_token(*calls: tuple[dict[str, Any], ...]) -> Callable[[MotoAws], Any]:
    return lambda aws: [write(*items, ClientRequestToken="token")(aws) for items in calls]


CASES = [
    Case(LARGE, "ValidationException", write(*(put(large(f"{at:02}")) for at in range(11)))),
    Case(LARGE, "ValidationException", read_large),
    Case(TOKEN, "IdempotentParameterMismatchException", with_one_token((put(key("1")),), (put(key("2")),))),
    Case(TOKEN, "ValidationException", write(put(key("1")), ClientRequestToken="t" * 37)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_moto_accepts_is_refused(aws: MotoAws, case: Case) -> None:
    assert is_refused_by_this_rule_alone(case, aws)


@pytest.mark.parametrize(
    "call",
    [
        write(*(put(large(f"{at:02}")) for at in range(10))),
        write(*(check(f"{at:02}") for at in range(100))),
        write(put(key("1")), ClientRequestToken="t" * 36),
    ],
)
def test_what_is_just_allowed_is_accepted(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) is None


@pytest.mark.parametrize(
    "call",
    [
        write(*(check(f"{at:03}") for at in range(101))),
        write(put(key("1")), put(key("1"))),
        write(put(key("1")), check("1")),
        read(*(f"{at:03}" for at in range(101))),
    ],
)
def test_what_moto_refuses_by_itself(aws: MotoAws, call: Any) -> None:
    assert code_of(call, aws) == "ValidationException"


def test_a_repeated_transaction_is_answered_and_not_carried_out_again(aws: MotoAws) -> None:
    once = {"TableName": TABLE, "Item": key("1"), "ConditionExpression": "attribute_not_exists(pk)"}
    call = write({"Put": once}, ClientRequestToken="token")
    for _ in range(2):
        assert code_of(call, aws) is None
    with aws.rules.without(TOKEN):
        assert code_of(call, aws) == "TransactionCanceledException"


def test_a_token_is_forgotten_after_ten_minutes(aws: MotoAws) -> None:
    began = aws.rules.clock()
    assert code_of(write(put(key("1")), ClientRequestToken="token"), aws) is None
    for minutes, code in [(9, "IdempotentParameterMismatchException"), (11, None)]:
        aws.rules.clock = lambda minutes=minutes: began + minutes * MINUTES  # type: ignore[misc]
        assert code_of(write(put(key("2")), ClientRequestToken="token"), aws) == code


def test_a_token_that_is_under_way(aws: MotoAws) -> None:
    said = list[str | None]()
    call = write(put(key("1")), ClientRequestToken="token")
    aws.rules.meanwhile(WRITE, lambda: said.append(sent_once(aws, call)))
    call(aws)
    assert said == ["TransactionInProgressException"]


def sent_once(aws: MotoAws, call: Callable[[MotoAws], Any]) -> str | None:
    """The code of a call that the SDK does not repeat."""

    def give_up(**_: Any) -> bool:
        return False

    events = aws.clients.dynamodb.meta.events
    events.register_first("needs-retry.dynamodb", give_up)
    try:
        return code_of(call, aws)
    finally:
        events.unregister("needs-retry.dynamodb", give_up)


@pytest.mark.parametrize(
    ("operation", "first", "second", "code"),
    [
        (WRITE, write(put(key("1")), put(key("2"))), write(put(key("2")), put(key("3"))), CANCELLED),
        (WRITE, write(put(key("1")), check("2")), write(put(key("3")), check("2")), CANCELLED),
        (WRITE, write(put(key("1"))), put_one("1"), "TransactionConflictException"),
        (WRITE, write(put(key("1"))), read("1", "2"), CANCELLED),
        (PUT, put_one("1"), read("1"), CANCELLED),
        (WRITE, write(put(key("1"))), write(put(key("2"))), None),
        (WRITE, write(put(key("1"))), put_one("2"), None),
        (WRITE, write(put(key("1"))), get_one("1"), None),
        (PUT, put_one("1"), put_one("1"), None),
        (PUT, put_one("1"), write(put(key("1"))), None),
        (READ, read("1"), write(put(key("1"))), None),
        (READ, read("1"), read("1"), None),
    ],
)
def test_of_two_on_one_item_one_is_refused(
    aws: MotoAws, operation: str, first: Any, second: Any, code: str | None
) -> None:
    """The second arrives while the first is under way."""
    said = list[str | None]()

    def arrive() -> None:
        said.append(code_of(second, aws))
        with aws.rules.without(MEET):
            said.append(code_of(second, aws))

    aws.rules.meanwhile(operation, arrive)
    first(aws)
    assert said == [code, None]


def test_a_transaction_that_comes_again_and_again_is_let_in_at_last(aws: MotoAws) -> None:
    said = list[str | None]()
    second = write(put(key("1")), check("2"), ClientRequestToken="token")
    aws.rules.meanwhile(WRITE, lambda: said.extend(code_of(second, aws) for _ in range(MOST_REFUSALS + 1)))
    write(put(key("1")))(aws)
    assert said == [CANCELLED] * MOST_REFUSALS + [None]
    assert MOST_REFUSALS < ATTEMPTS, "or the store gives up"


def test_each_item_of_a_cancelled_transaction_has_its_reason(aws: MotoAws) -> None:
    found = list[Any]()

    def arrive() -> None:
        with pytest.raises(ClientError) as refused:
            write(put(key("1")), put(key("2")), check("3"))(aws)
        found.extend(one["Code"] for one in refused.value.response["CancellationReasons"])

    aws.rules.meanwhile(WRITE, arrive)
    write(put(key("2")))(aws)
    assert found == ["None", "TransactionConflict", "None"]
    assert "Item" not in get_one("1")(aws)
