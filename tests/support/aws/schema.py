"""The keys of moto's tables, and which items a request to DynamoDB is about."""

import json
from collections.abc import Iterator
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.support.aws.asked import Asked, operations_of

Values = dict[str, dict[str, Any]]
"""Attribute values by the name of the attribute, each as ``{type: value}``."""

Address = tuple[str, str]
"""A table, and the key of an item in it."""


def key_types(asked: Asked, table: str) -> dict[str, str]:
    """Each key attribute of ``table``, the partition key first, with its type; none of a table that is not there."""
    region = asked.url.netloc.split(".")[1]
    found = dynamodb_backends[DEFAULT_ACCOUNT_ID][region].tables.get(table.rpartition("/")[2])
    if found is None:
        return {}
    types = {one["AttributeName"]: one["AttributeType"] for one in found.attr}
    return {one["AttributeName"]: types[one["AttributeName"]] for one in found.schema}


def arguments_of(asked: Asked) -> Iterator[dict[str, Any]]:
    """The arguments of each operation on one item, or of one query; those in a batch with the name of their table."""
    body = asked.json
    if "TransactItems" in body:
        for _, arguments in operations_of(body):
            yield arguments
    elif "RequestItems" in body:
        for table, requests in body["RequestItems"].items():
            for one in requests.get("Keys", ()) if isinstance(requests, dict) else ():
                yield {"TableName": table, "Key": one}
            for one in requests if isinstance(requests, list) else ():
                [arguments] = one.values()
                yield {"TableName": table, **arguments}
    else:
        yield body


def items_of(asked: Asked) -> Iterator[Values]:
    """Each item that is to be written."""
    return (arguments["Item"] for arguments in arguments_of(asked) if "Item" in arguments)


def values_of(asked: Asked) -> Iterator[dict[str, Any]]:
    """Every attribute value that is sent, the inner ones too."""
    for arguments in arguments_of(asked):
        for name in ("Item", "Key", "ExpressionAttributeValues"):
            for value in arguments.get(name, {}).values():
                yield from _inner(value)


def _inner(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield value
    for kind, held in value.items():
        for one in held if kind == "L" else held.values() if kind == "M" else ():
            yield from _inner(one)


def addresses_of(asked: Asked) -> list[Address]:
    """The items that the request reads or writes by their keys, in its order."""
    return [_address(asked, one) for one in arguments_of(asked)]


def _address(asked: Asked, arguments: dict[str, Any]) -> Address:
    table, given = arguments["TableName"], arguments.get("Key") or arguments.get("Item", {})
    return table, json.dumps({name: given.get(name) for name in key_types(asked, table)})
