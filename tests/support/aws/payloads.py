"""How large may be what one service hands to another: Lambda, API Gateway, EventBridge and Step Functions.

The sizes stand here for those that imitate a service, too.
"""

import json
from typing import Any

from tests.support.aws.asked import Answer, Asked
from tests.support.aws.refusals import invalid, refused
from tests.support.aws.rule import Rule

MOST_CALL = 6 * 2**20
"""Bytes of a call of a function that is waited for (Lambda Developer Guide, 'Lambda quotas', 2026-11)."""

MOST_ANSWER = MOST_CALL + 100
"""Bytes of a function's answer; the 100 are Lambda's own, as its error says."""

MOST_EVENT = 2**20
"""Bytes of an event for a function, and of an entry for EventBridge (AWS Compute Blog, 2026-01-29; before, 256 KB)."""

MOST_BODY = 10 * 2**20
"""Bytes of a request's body (API Gateway Developer Guide, 'Quotas for a REST API', 2026-11)."""

LONGEST_ANSWER = 29.0
"""Seconds that API Gateway waits for a function (the same page; it can be raised, and we do not ask for that)."""

MOST_STATE = 256 * 2**10
"""Bytes of the input of an execution or a state (Step Functions Developer Guide, 'Service quotas', 2026-11)."""


def sent_by_lambda(value: Any) -> bytes:
    """An event, or an answer, as Lambda's Python writes it."""
    return json.dumps(value, ensure_ascii=False).encode()


def too_large_for(kind: str, length: int) -> str | None:
    """What Lambda says to a call of so many bytes, ``RequestResponse`` or ``Event``; None: it takes them."""
    most = MOST_EVENT if kind == "Event" else MOST_CALL
    return (
        f"Request must be smaller than {most} bytes for the InvokeFunction operation"
        if length > most
        else None
    )


def too_large_answer(length: int) -> dict[str, str] | None:
    """What a call brings back in the place of a function's answer that has too many bytes."""
    if length <= MOST_ANSWER:
        return None
    said = f"Response payload size exceeded maximum allowed payload size ({MOST_ANSWER} bytes)."
    return {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": said}


def entry_size(entry: dict[str, Any]) -> int:
    """The bytes of an entry of PutEvents, by EventBridge's own formula.

    >>> entry_size({"Time": 1, "Source": "é", "DetailType": "b", "Detail": "{}", "Resources": ["a", "b"]})
    21
    """
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")]
    return sum(len(text.encode()) for text in [*texts, *entry.get("Resources", ())]) + 14 * ("Time" in entry)


def _large_call(asked: Asked) -> Answer | None:
    said = too_large_for(asked.headers.get("x-amz-invocation-type", "RequestResponse"), asked.length)
    return None if said is None else refused("RequestEntityTooLargeException", said, status=413)


def _large_entry(asked: Asked) -> Answer | None:
    if asked.length <= MOST_EVENT or sum(map(entry_size, asked.json["Entries"])) <= MOST_EVENT:
        return None
    said = "Total size of the entries in the request is over the limit."
    return refused("ValidationException", said)


def _large_state(asked: Asked) -> Answer | None:
    for name in ("input", "output"):
        if len(asked.json.get(name, "").encode()) > MOST_STATE:
            said = f"failed to satisfy constraint: Member must have length less than or equal to {MOST_STATE}"
            return invalid(f"1 validation error detected: Value at '{name}' {said}")
    return None


RULES = (
    Rule(
        "a call of a function with more than it takes",
        ("lambda:Invoke",),
        "Lambda Developer Guide, 'Lambda quotas', 2026-11; of events AWS Compute Blog, 2026-01-29",
        _large_call,
    ),
    Rule(
        "an event of more than 1 MB",
        ("events:PutEvents",),
        "EventBridge User Guide, 'Calculating PutEvents event entry size'; AWS Compute Blog, 2026-01-29",
        _large_entry,
    ),
    Rule(
        "the input of an execution of more than 256 KB",
        ("states:StartExecution", "states:StartSyncExecution", "states:SendTaskSuccess"),
        "Step Functions Developer Guide, 'Service quotas': input or output size, 2026-11",
        _large_state,
    ),
)
