"""What a refusal by DynamoDB means, case by case."""

import pytest

from functions.storage import Check, Delete, Put, Record, Write
from functions.storage.aws_items import Found, Item, address, operation, record, verdict

OURS, THEIRS = "ours", "theirs"


def item(revision: int, stamp: str) -> Item:
    return address("p", "k") | {"revision": {"N": str(revision)}, "body": {"B": b"x"}, "stamp": {"S": stamp}}


PUT, UPDATE, REMOVE = Put("p", "k", b"x", 0), Put("p", "k", b"x", 3), Delete("p", "k", 3)
CHECK = Check("p", "c", 1)
HELD: Found = (False, None)
GONE: Found = (True, None)


@pytest.mark.parametrize(
    ("writes", "found", "once", "repeated"),
    [
        ([PUT], [(True, item(1, OURS))], "written", "written"),
        ([PUT], [(True, item(1, THEIRS))], "lost", "lost"),
        ([PUT], [(True, item(2, THEIRS))], "lost", "unknown"),
        ([UPDATE], [(True, item(4, OURS))], "written", "written"),
        ([UPDATE], [(True, item(4, THEIRS))], "lost", "lost"),
        ([UPDATE], [(True, item(2, THEIRS))], "lost", "lost"),
        ([UPDATE], [(True, item(5, THEIRS))], "lost", "unknown"),
        ([UPDATE], [GONE], "lost", "unknown"),
        ([REMOVE], [GONE], "lost", "written"),
        ([REMOVE], [(True, item(4, THEIRS))], "lost", "lost"),
        ([CHECK], [GONE], "lost", "lost"),
        ([REMOVE, CHECK], [GONE, HELD], "lost", "written"),
        ([REMOVE, CHECK], [HELD, GONE], "lost", "lost"),
        ([REMOVE, PUT], [GONE, (True, item(1, OURS))], "written", "written"),
        ([REMOVE, PUT], [GONE, HELD], "lost", "lost"),
        ([REMOVE, PUT], [GONE, (True, item(1, THEIRS))], "lost", "lost"),
        ([REMOVE, PUT], [GONE, (True, item(2, THEIRS))], "lost", "unknown"),
        ([UPDATE, PUT], [(True, item(9, THEIRS)), (True, item(1, OURS))], "written", "written"),
        ([UPDATE, PUT], [(True, item(9, THEIRS)), HELD], "lost", "lost"),
    ],
)
def test_verdicts(writes: list[Write], found: list[Found], once: str, repeated: str) -> None:
    assert verdict(writes, found, OURS, repeated=False) == once
    assert verdict(writes, found, OURS, repeated=True) == repeated


def test_a_put_and_its_record() -> None:
    name, arguments = operation("t", UPDATE, OURS)
    assert name == "Put"
    assert record(arguments["Item"]) == Record("p", "k", 4, b"x")
    assert arguments["ExpressionAttributeValues"] == {":expected": {"N": "3"}}


@pytest.mark.parametrize("write", [PUT, Delete("p", "k", 0), Check("p", "k", 0)])
def test_revision_0_is_that_of_nothing(write: Write) -> None:
    _, arguments = operation("t", write, OURS)
    assert arguments["ConditionExpression"] == "attribute_not_exists(pk)"
    assert "ExpressionAttributeValues" not in arguments
