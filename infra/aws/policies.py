"""What each function may do on AWS: one policy a function, never on a resource that is not ours."""

from typing import Any

BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
OBJECTS = {"Fn::Sub": "${Bucket.Arn}/*"}
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
LOGS = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/*"}

_RECORDS = [
    f"dynamodb:{action}"
    for action in ("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
]

_OBJECT_ACTIONS: dict[str, list[str]] = {
    "api_handler": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    "upload_landed": ["s3:GetObject", "s3:PutObject"],
    "sweep_minutely": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    "monitor_hourly": ["s3:GetObject"],
    "update_daily": ["s3:GetObject"],
}


def policy(function: str) -> dict[str, Any]:
    """The IAM policy of ``function``, as Chalice names it (``api_handler``: all HTTP routes).

    Raises ``ValueError`` for a function that nobody has thought about yet.
    """
    if function not in _OBJECT_ACTIONS:
        raise ValueError(f"say in {__name__} what the function {function!r} may do")
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], LOGS),
            _allow(_RECORDS, TABLE),
            _allow(["s3:ListBucket"], BUCKET),
            _allow(_OBJECT_ACTIONS[function], OBJECTS),
        ],
    }


def _allow(actions: list[str], resource: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
