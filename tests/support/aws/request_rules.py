"""What a request to DynamoDB may look like: its keys, its expressions, its number of items."""

import re
from typing import Any

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.item_rules import size
from tests.support.aws.refusals import invalid
from tests.support.aws.rule import Rule
from tests.support.aws.schema import arguments_of, key_types

MOST_EXPRESSION = 4096
MOST_IN_A_BATCH = 25
LONGEST = (2048, 1024)
"""Bytes of a partition key, and of a sort key."""

_BY_KEY = (
    "dynamodb:GetItem",
    "dynamodb:DeleteItem",
    "dynamodb:UpdateItem",
    "dynamodb:BatchGetItem",
    "dynamodb:TransactGetItems",
    "dynamodb:TransactWriteItems",
)
_WITH_EXPRESSIONS = (
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:UpdateItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:TransactWriteItems",
)
_PLACEHOLDER = re.compile(r"[:#]\w+")


def _wrong_key(asked: Asked) -> Answer | None:
    for arguments in arguments_of(asked):
        types = key_types(asked, arguments["TableName"])
        given = arguments.get("Key", {})
        for (name, kind), most in zip(types.items(), LONGEST, strict=False):
            if name in given and kind not in given[name]:
                return invalid("The provided key element does not match the schema")
            if name in given and size({"": given[name]}) > most:
                said = "One or more parameter values were invalid: Size of a key has exceeded the maximum size limit"
                return invalid(f"{said} of {most} bytes")
    return None


def _expressions(arguments: dict[str, Any]) -> dict[str, str]:
    return {name: said for name, said in arguments.items() if name.endswith("Expression")}


def _long_expression(asked: Asked) -> Answer | None:
    for arguments in arguments_of(asked):
        for name, said in _expressions(arguments).items():
            if len(said.encode()) > MOST_EXPRESSION:
                text = "Expression size has exceeded the maximum allowed size; expression size"
                return invalid(f"Invalid {name}: {text}: {len(said.encode())}")
    return None


def _placeholders(asked: Asked) -> Answer | None:
    for arguments in arguments_of(asked):
        expressions = _expressions(arguments)
        used = {found for said in expressions.values() for found in _PLACEHOLDER.findall(said)}
        for given, first in (("ExpressionAttributeValues", ":"), ("ExpressionAttributeNames", "#")):
            defined = set(arguments.get(given, {}))
            if defined and not expressions:
                return invalid(f"{given} can only be specified when using expressions")
            if unused := defined - used:
                return invalid(
                    f"Value provided in {given} unused in expressions: keys: {{{', '.join(unused)}}}"
                )
            if missing := {one for one in used if one.startswith(first)} - defined:
                what = "value" if first == ":" else "name"
                said = f"An expression attribute {what} used in expression is not defined; attribute {what}: "
                return invalid(f"Invalid {next(iter(expressions))}: {said}{', '.join(missing)}")
    return None


def _large_batch(asked: Asked) -> Answer | None:
    if sum(map(len, asked.json["RequestItems"].values())) <= MOST_IN_A_BATCH:
        return None
    return invalid("Too many items requested for the BatchWriteItem call")


RULES = (
    Rule(
        "a key of another type or length than the table's",
        _BY_KEY,
        "DynamoDB Developer Guide, 'Constraints', partition keys and sort keys, 2026-11",
        _wrong_key,
    ),
    Rule(
        "an expression of more than 4 KB",
        _WITH_EXPRESSIONS,
        "DynamoDB Developer Guide, 'Constraints', expression parameters, 2026-11",
        _long_expression,
    ),
    Rule(
        "a placeholder that is not defined, or not used",
        _WITH_EXPRESSIONS,
        "DynamoDB Developer Guide, 'Expression attribute names' and 'values', 2026-11",
        _placeholders,
    ),
    Rule(
        "a batch of more than 25 writes",
        ("dynamodb:BatchWriteItem",),
        "DynamoDB API Reference, BatchWriteItem, 2026-11",
        _large_batch,
    ),
)
