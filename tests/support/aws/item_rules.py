"""What an item of DynamoDB may hold: its size, its numbers, its sets, its depth."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.support.aws.asked import Answer, Asked, operations_of
from tests.support.aws.refusals import cancelled, invalid
from tests.support.aws.rule import Rule
from tests.support.aws.schema import Values, items_of, values_of

MOST_BYTES = 400 * 1024
MOST_DIGITS = 38
MOST_LEVELS = 32

_WRITES = ("dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:TransactWriteItems")
_WITH_VALUES = (
    *_WRITES,
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
)
_TOO_LARGE = "Item size has exceeded the maximum allowed size"


def size(item: Values) -> int:
    """The bytes of an item: those of its names and of its values.

    A list and a map cost 3 bytes and one more for each element, a number a byte and one for each two digits.

    >>> size({"pk": {"S": "é"}, "n": {"N": "-12.50"}, "l": {"L": [{"BOOL": True}, {"B": "AAA="}]}})
    17
    """
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: dict[str, Any]) -> int:
    [(kind, held)] = value.items()
    return _SIZES[kind](held)


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "B": lambda base64: len(base64) * 3 // 4 - base64[-2:].count("="),
    "N": lambda number: 1 + -(-len(_digits(number)) // 2),
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(_size({"S": one}) for one in texts),
    "NS": lambda numbers: sum(_size({"N": one}) for one in numbers),
    "BS": lambda texts: sum(_size({"B": one}) for one in texts),
    "L": lambda values: 3 + sum(1 + _size(one) for one in values),
    "M": lambda values: 3 + sum(1 + len(name.encode()) + _size(one) for name, one in values.items()),
}


def _digits(number: str) -> str:
    """The significant digits; `Decimal.normalize` would round them."""
    return "".join(map(str, Decimal(number).as_tuple().digits)).strip("0")


def _too_large(asked: Asked) -> Answer | None:
    if asked.length <= MOST_BYTES or all(size(item) <= MOST_BYTES for item in items_of(asked)):
        return None
    if not asked.operation.endswith("TransactWriteItems"):
        return invalid(_TOO_LARGE)
    reasons = [size(one.get("Item", {})) > MOST_BYTES for _, one in operations_of(asked.json)]
    return cancelled([("ValidationError", _TOO_LARGE) if large else ("None", "") for large in reasons])


def _too_precise(asked: Asked) -> Answer | None:
    for value in values_of(asked):
        for number in value.get("NS", [value["N"]] if "N" in value else []):
            try:
                found = Decimal(number)
            except ArithmeticError:
                return None  # moto refuses what is no number
            if found.is_finite() and len(_digits(number)) > MOST_DIGITS:
                return invalid("Attempting to store more than 38 significant digits in a Number")
            if found.is_finite() and found.adjusted() >= 126:
                return invalid(
                    "Number overflow. Attempting to store a number with magnitude larger than supported range"
                )
    return None


def _twice_in_a_set(asked: Asked) -> Answer | None:
    for value in values_of(asked):
        for kind in ("SS", "NS", "BS"):
            if len(set(value.get(kind, ()))) < len(value.get(kind, ())):
                said = "One or more parameter values were invalid: Input collection contains duplicates."
                return invalid(said)
    return None


def _too_deep(asked: Asked) -> Answer | None:
    for item in items_of(asked):
        if any(_levels(value) > MOST_LEVELS for value in item.values()):
            return invalid("Nesting Levels have exceeded supported limits")
    return None


def _levels(value: dict[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind not in ("L", "M"):
        return 0
    return 1 + max(map(_levels, held if kind == "L" else held.values()), default=0)


RULES = (
    Rule(
        "an item of more than 400 KB",
        _WRITES,
        "DynamoDB Developer Guide, 'Item sizes and formats' (the formula) and 'Constraints', 2026-11",
        _too_large,
    ),
    Rule(
        "a number of more than 38 digits or beyond 1e126",
        _WITH_VALUES,
        "DynamoDB Developer Guide, 'Constraints', data types: number, 2026-11",
        _too_precise,
    ),
    Rule(
        "a set that holds a value twice",
        _WITH_VALUES,
        "DynamoDB Developer Guide, 'Supported data types', sets, 2026-11",
        _twice_in_a_set,
    ),
    Rule(
        "more than 32 levels of lists and maps",
        _WRITES,
        "DynamoDB Developer Guide, 'Constraints', attributes: depth, 2026-11",
        _too_deep,
    ),
)
