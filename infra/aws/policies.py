"""The rights of each function on AWS: one policy a function, exactly what its code calls, on nothing that is not ours.

A function that reads files may list the bucket as well: without that right S3 answers 403 for a missing file, not 404.
No resource is ``*``: what our code calls in DynamoDB, S3 and the logs has permissions by resource.
"""

from collections.abc import Mapping
from typing import Any

BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}

_READ, _CHANGE, _REMOVE = ("GetItem", "Query"), ("PutItem",), ("DeleteItem",)
_QUEUE = ("ConditionCheckItem",)
"""A run is queued on the condition that its data are there; an update ends on that of the deployment that it read."""

_RECORDS: Mapping[str, tuple[str, ...]] = {
    "api_handler": _READ + _CHANGE + _REMOVE + _QUEUE,
    "upload_landed": _READ + _CHANGE + _REMOVE + _QUEUE,
    "sweep_minutely": _READ + _CHANGE + _REMOVE + _QUEUE,
    "work_task": _READ + _CHANGE + _REMOVE,
    "read_file": _READ + _CHANGE + _REMOVE,
    "pick_up": _READ + _CHANGE + _REMOVE + _QUEUE,
    "plan_run": _READ + _CHANGE + _REMOVE + _QUEUE,
    "monitor_hourly": _READ + _CHANGE,
    "update_daily": _READ + _CHANGE + _QUEUE,
}
"""A transaction needs the permissions of the writes that it consists of."""

_OBJECTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "api_handler": {
        "incoming": ("GetObject", "PutObject", "DeleteObject"),
        "done": ("GetObject", "DeleteObject"),
        "tables": ("GetObject", "DeleteObject"),
        "runs": ("GetObject", "DeleteObject"),
        "exports": ("GetObject", "PutObject"),
        "imports": ("GetObject", "PutObject"),
        "scoring": ("GetObject", "PutObject", "DeleteObject"),
        "predict": ("GetObject", "PutObject", "DeleteObject"),
    },
    "upload_landed": {
        "incoming": ("GetObject",),
        "imports": ("GetObject", "DeleteObject"),
        "scoring": ("GetObject", "DeleteObject"),
        "predict": ("GetObject", "PutObject", "DeleteObject"),
        "tables": ("GetObject", "PutObject", "DeleteObject"),
        "runs": ("PutObject", "DeleteObject"),
    },
    "sweep_minutely": {
        "incoming": ("GetObject", "DeleteObject"),
        "imports": ("GetObject", "DeleteObject"),
        "done": ("DeleteObject",),
        "scoring": ("GetObject", "DeleteObject"),
        "predict": ("GetObject", "PutObject", "DeleteObject"),
        "tables": ("GetObject", "PutObject", "DeleteObject"),
        "runs": ("GetObject", "PutObject", "DeleteObject"),
    },
    "plan_run": {
        "scoring": ("DeleteObject",),
        "predict": ("GetObject", "PutObject", "DeleteObject"),
        "runs": ("GetObject", "PutObject", "DeleteObject"),
    },
    "work_task": {
        "tables": ("GetObject",),
        "scoring": ("DeleteObject",),
        "runs": ("GetObject", "PutObject", "DeleteObject"),
    },
    "read_file": {
        "scoring": ("GetObject", "DeleteObject"),
        "predict": ("GetObject",),
        "runs": ("GetObject", "PutObject", "DeleteObject"),
    },
    "monitor_hourly": {"runs": ("GetObject",)},
    "update_daily": {"runs": ("GetObject",)},
    "pick_up": {"runs": ("GetObject",)},
}
"""The folders of a workspace that each function touches. An address for a file has the rights of its maker."""

CALLS: Mapping[str, tuple[str, ...]] = {
    "api_handler": ("pick_up",),
    "upload_landed": ("pick_up",),
    "monitor_hourly": ("pick_up",),
    "sweep_minutely": ("pick_up",),
}
"""Which other functions each function calls. No chain of calls leads back to where it began: CloudFormation refuses it.
"""

RUNS_MACHINE = "Runs"
"""The state machine that drives runs, as the template names it."""

BEGIN_RUNS = ("api_handler", "upload_landed", "sweep_minutely", "pick_up", "update_daily")
"""The functions that queue runs, or find them, and so begin executions of that machine. It calls none of them."""


def policy(function: str) -> dict[str, Any]:
    """The IAM policy of ``function``, as Chalice names it (``api_handler``: all HTTP routes).

    Raises ``ValueError`` for a function that nobody has thought about yet.
    """
    if function not in _RECORDS:
        raise ValueError(f"say in {__name__} what the function {function!r} may do")
    folders = _OBJECTS[function]
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("logs", ("CreateLogStream", "PutLogEvents"), {"Fn::GetAtt": [log_group(function), "Arn"]}),
            _allow("dynamodb", _RECORDS[function], TABLE),
            *(_allow("lambda", ("InvokeFunction",), arn(one)) for one in CALLS.get(function, ())),
            *(
                [_allow("states", ("StartExecution",), {"Ref": RUNS_MACHINE})]
                if function in BEGIN_RUNS
                else []
            ),
            *([_allow("s3", ("ListBucket",), BUCKET)] if folders else []),
            *(
                _allow("s3", actions, {"Fn::Sub": f"${{Bucket.Arn}}/*/{folder}/*"})
                for folder, actions in folders.items()
            ),
        ],
    }


def log_group(function: str) -> str:
    """The name of the function's log group in the template.

    >>> log_group("api_handler")
    'ApiHandlerLogs'
    """
    return resource(function) + "Logs"


def resource(function: str) -> str:
    """The name of the function itself in the template (other than that of ``api_handler``, which Chalice chose).

    >>> resource("work_task")
    'WorkTask'
    """
    return "".join(part.title() for part in function.split("_"))


def arn(function: str) -> dict[str, Any]:
    """The name of the function in a policy."""
    return {"Fn::GetAtt": [resource(function), "Arn"]}


def _allow(service: str, actions: tuple[str, ...], resource: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [f"{service}:{action}" for action in actions], "Resource": resource}
