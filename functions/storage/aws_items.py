"""Records as DynamoDB items, and what a refused write means. Pure: no client here."""

from collections.abc import Sequence
from typing import Any, Literal

from functions.storage.protocols import Check, Delete, Put, Record, Write

Item = dict[str, Any]
"""An item as the low-level client gives it: ``pk`` S, ``sk`` S, ``revision`` N, ``body`` B, ``stamp`` S."""

Found = tuple[bool, Item | None]
"""Of one refused write: whether its own condition failed, and the item that then stood at its address."""


def record(item: Item) -> Record:
    """The record that ``item`` holds."""
    return Record(item["pk"]["S"], item["sk"]["S"], _revision(item), bytes(item["body"]["B"]))


def address(partition: str, key: str) -> Item:
    """The primary key of a record's item."""
    return {"pk": {"S": partition}, "sk": {"S": key}}


def operation(table: str, write: Write, stamp: str) -> tuple[str, dict[str, Any]]:
    """The name of ``write`` in a transaction, and its arguments; those of one PutItem or DeleteItem alike.

    A refusal brings back the item that stood in the way, as it was at that moment.
    """
    arguments: dict[str, Any] = {"TableName": table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if write.expect == 0:
        arguments["ConditionExpression"] = "attribute_not_exists(pk)"
    else:
        arguments["ConditionExpression"] = "revision = :expected"
        arguments["ExpressionAttributeValues"] = {":expected": {"N": str(write.expect)}}
    key = address(write.partition, write.key)
    match write:
        case Put(body=body, expect=expect):
            content = {"revision": {"N": str(expect + 1)}, "body": {"B": bytes(body)}, "stamp": {"S": stamp}}
            return "Put", arguments | {"Item": key | content}
        case Delete():
            return "Delete", arguments | {"Key": key}
        case Check():
            return "ConditionCheck", arguments | {"Key": key}


def verdict(
    writes: Sequence[Write], found: Sequence[Found], stamp: str, *, repeated: bool
) -> Literal["written", "lost", "unknown"]:
    """The meaning of a refusal for ``writes``, sent with ``stamp`` (``repeated``: we sent them more than once).

    When an answer got lost on the way, the request is sent again and meets the record that it wrote itself:

    - ``written``: a record carries our stamp, so all of them were written. The same is said when a repeated
      transaction only deletes, and every record that it names is gone: a removal leaves no stamp, and "it is
      gone" is all that a removal promises. So of two processes that remove one record at once, both may hear
      yes, if the answer to one of them got lost: a removal is no way to claim something.
    - ``unknown``: repeated, no stamp of ours, but all that we would have written was written over or removed
      since. It may have been ours that came first.
    - ``lost``: otherwise; certainly nothing was written.
    """
    stamps = [item["stamp"]["S"] for _, item in found if item is not None]
    if stamp in stamps:
        return "written"
    changes = [(w, f) for w, f in zip(writes, found, strict=True) if not isinstance(w, Check)]
    if not repeated or not changes or not all(_may_hide(write, was) for write, was in changes):
        return "lost"
    return "unknown" if any(isinstance(write, Put) for write, _ in changes) else "written"


def _may_hide(write: Put | Delete, found: Found) -> bool:
    failed, item = found
    if not failed:
        return False
    if isinstance(write, Delete):
        return item is None
    return item is None or _revision(item) > write.expect + 1


def _revision(item: Item) -> int:
    return int(item["revision"]["N"])
