"""Which IAM actions a call of AWS needs, and what a role allows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote, urlsplit

Need = tuple[str, str]
"""An action, and the ARN of what it is done to."""

_OF_A_TRANSACTION = {
    "Put": "PutItem",
    "Delete": "DeleteItem",
    "Update": "UpdateItem",
    "ConditionCheck": "ConditionCheckItem",
}
_ON_FUNCTIONS = {"Invoke": "InvokeFunction"}
_ON_MACHINES = {"StartExecution": "StartExecution"}
_ON_RECORDS = {"GetItem", "PutItem", "DeleteItem", "UpdateItem", "Query", "Scan"}
_ON_OBJECTS = {"GetObject": "GetObject", "HeadObject": "GetObject", "PutObject": "PutObject"} | {
    "DeleteObject": "DeleteObject"
}


def needs(service: str, operation: str, url: str, body: bytes) -> Iterator[Need]:
    """What the caller of one operation must be allowed, by AWS's own tables; ``KeyError`` for one not thought of.

    A transaction needs what its items need. Who reads an object must be allowed to list the bucket as well, or hears
    403 in the place of 404.
    """
    if service == "dynamodb":
        asked = json.loads(body)
        if operation != "TransactWriteItems":
            yield f"dynamodb:{_known(operation)}", _table(asked)
            return
        for item in asked["TransactItems"]:
            [(kind, arguments)] = item.items()
            yield f"dynamodb:{_OF_A_TRANSACTION[kind]}", _table(arguments)
        return
    parts = urlsplit(url)
    if service == "lambda":
        called = unquote(parts.path).split("/")[3].rpartition(":")[2]
        yield f"lambda:{_ON_FUNCTIONS[operation]}", f"arn:aws:lambda:eu-west-1:123456789012:function:{called}"
        return
    if service == "sfn":
        yield f"states:{_ON_MACHINES[operation]}", json.loads(body)["stateMachineArn"]
        return
    bucket = f"arn:aws:s3:::{parts.netloc.partition('.s3.')[0]}"
    if operation != "ListObjectsV2":
        yield f"s3:{_ON_OBJECTS[operation]}", bucket + unquote(parts.path)
    if operation in ("ListObjectsV2", "GetObject", "HeadObject"):
        yield "s3:ListBucket", bucket


def _known(operation: str) -> str:
    if operation not in _ON_RECORDS:
        raise KeyError(operation)
    return operation


def _table(arguments: dict[str, Any]) -> str:
    return f"arn:aws:dynamodb:eu-west-1:123456789012:table/{arguments['TableName']}"


@dataclass
class Role:
    """A policy as AWS reads it, with what was asked of it: ``used`` and ``denied``."""

    policy: dict[str, Any]
    used: set[Need] = field(default_factory=set)
    denied: set[Need] = field(default_factory=set)

    def allows(self, service: str, operation: str, url: str, body: bytes) -> bool:
        """Whether one call is allowed, all in all."""
        asked = set(needs(service, operation, url, body))
        missing = {need for need in asked if not any(_grants(grant, need) for grant in self.grants())}
        self.used |= asked - missing
        self.denied |= missing
        return not missing

    def grants(self) -> Iterator[Need]:
        """Each action of each statement, with the resource that it is allowed on."""
        for statement in self.policy["Statement"]:
            on = statement["Resource"]
            for action in statement["Action"]:
                yield from ((action, one) for one in ([on] if isinstance(on, str) else on))

    def unused(self) -> set[Need]:
        """What is allowed, and was never needed."""
        return {grant for grant in self.grants() if not any(_grants(grant, need) for need in self.used)}


def _grants(grant: Need, need: Need) -> bool:
    return grant[0] == need[0] and fnmatchcase(need[1], grant[1])
