"""What only transactions of DynamoDB may not: be too large, repeat a token with another body, meet each other."""

import json
from collections import Counter

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.item_rules import size
from tests.support.aws.refusals import cancelled, invalid, refused
from tests.support.aws.rule import Rule
from tests.support.aws.schema import addresses_of, arguments_of

MOST_BYTES = 4 * 2**20
LONGEST_TOKEN = 36
TOKEN_SECONDS = 600
MOST_REFUSALS = 3
"""Of one and the same request, for others that are in its way."""

_WRITE = "dynamodb:TransactWriteItems"
_READ = "dynamodb:TransactGetItems"
_SINGLE_WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
_TOO_LARGE = "The aggregate size of the items in the transaction cannot exceed 4 MB"


def _too_large(asked: Asked) -> Answer | None:
    """The items that are put, and the keys of all others; not what stands at these keys."""
    if asked.operation != _WRITE or asked.length <= MOST_BYTES:
        return None
    total = sum(size(one.get("Item") or one.get("Key", {})) for one in arguments_of(asked))
    return invalid(_TOO_LARGE) if total > MOST_BYTES else None


def _too_large_to_read(asked: Asked, answer: Answer) -> Answer:
    if asked.operation != _READ or answer[0] != 200 or len(answer[2]) <= MOST_BYTES:
        return answer
    total = sum(size(one.get("Item", {})) for one in json.loads(answer[2])["Responses"])
    return invalid(_TOO_LARGE) if total > MOST_BYTES else answer


def _known_token(asked: Asked) -> Answer | None:
    """A repetition of a transaction that was carried out is answered, and not carried out again.

    AWS does not say what it remembers of one that was cancelled; here it is nothing.
    """
    token = asked.json.get("ClientRequestToken")
    if token is None:
        return None
    if len(token) > LONGEST_TOKEN:
        said = f"Member must have length less than or equal to {LONGEST_TOKEN}"
        return invalid(f"1 validation error detected: Value at 'clientRequestToken': {said}")
    if any(one.operation == _WRITE and one.json.get("ClientRequestToken") == token for one in asked.beside):
        return refused("TransactionInProgressException", "The transaction with this token is under way")
    done, until = asked.memory.get(f"token {token}", (None, 0.0))
    if asked.now > until:
        return None
    if done == asked.json["TransactItems"]:
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, "{}"
    return refused("IdempotentParameterMismatchException", "The token was used with other parameters")


def _remember_token(asked: Asked, answer: Answer) -> Answer:
    token = asked.json.get("ClientRequestToken")
    if token is not None and answer[0] == 200:
        asked.memory[f"token {token}"] = (asked.json["TransactItems"], asked.now + TOKEN_SECONDS)
    return answer


def _conflict(asked: Asked) -> Answer | None:
    """Of two that are under way at once the later one is refused. AWS may refuse either, or both.

    One that comes again and again is let in at last, as the one before it has ended by then: on AWS pauses see to that,
    here a machine with much to do could make any pause too short.
    """
    hostile = {_WRITE} | (set(_SINGLE_WRITES) if asked.operation == _READ else set())
    taken = {address for one in asked.beside if one.operation in hostile for address in addresses_of(one)}
    if not taken:
        return None
    met = [address in taken for address in addresses_of(asked)]
    if not any(met):
        return None
    refusals = asked.memory.setdefault("conflicts", Counter[bytes]())
    refusals[asked.body] += 1
    if refusals[asked.body] > MOST_REFUSALS:
        return None
    said = "Transaction is ongoing for the item"
    if asked.operation in _SINGLE_WRITES:
        return refused("TransactionConflictException", said)
    return cancelled([("TransactionConflict", said) if one else ("None", "") for one in met])


RULES = (
    Rule(
        "a transaction of more than 4 MB",
        (_WRITE, _READ),
        "DynamoDB API Reference, TransactWriteItems and TransactGetItems, 2026-11",
        _too_large,
        _too_large_to_read,
    ),
    Rule(
        "a token of a transaction with other items",
        (_WRITE,),
        "DynamoDB API Reference, TransactWriteItems: ClientRequestToken, 2026-11",
        _known_token,
        _remember_token,
    ),
    Rule(
        "two transactions on one item at once",
        (_WRITE, _READ, *_SINGLE_WRITES),
        "DynamoDB Developer Guide, 'Transactions: how it works', transaction conflict handling, 2026-11",
        _conflict,
    ),
)
