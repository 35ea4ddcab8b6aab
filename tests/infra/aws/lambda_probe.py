"""Run by test_lambda.py in a process of its own, as Lambda would: the unpacked zip, and no other source."""

import json
import os
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

REGION = "eu-west-1"


class Context:
    """The part of Lambda's context that handlers use."""

    aws_request_id = "1"
    function_name = "probe"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def request(method: str, resource: str, path: str, *, body: Any = None, key: str = "", **names: str) -> Any:
    """An event as API Gateway (REST, Lambda proxy) sent it to a real function, with the given parts in it."""
    headers = {
        "Accept": "*/*",
        "Host": "abc123.execute-api.eu-west-1.amazonaws.com",
        "X-Forwarded-Proto": "https",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": names or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "x1y2z3",
            "resourcePath": resource,
            "httpMethod": method,
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTime": "10/Mar/2030:06:10:08 +0000",
            "path": f"/api{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": "abc123",
            "requestTimeEpoch": 1899353408000,
            "requestId": "b1b2b3b4-1111-2222-3333-444455556666",
            "identity": {"sourceIp": "198.51.100.7", "userAgent": "curl/8.5.0", "accountId": None},
            "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
            "apiId": "abc123",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def landed(bucket: str, key: str) -> dict[str, Any]:
    """The event that S3 sends through EventBridge."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2030-03-10T06:10:08Z",
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {"version": "0", "bucket": {"name": bucket}, "object": {"key": key, "size": 1}},
    }


def main(unpacked: Path, handlers: dict[str, str]) -> dict[str, Any]:
    import boto3
    from moto import mock_aws

    bucket, table = os.environ["LEPTON_BUCKET"], os.environ["LEPTON_TABLE"]
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        boto3.client("dynamodb", region_name=REGION).create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        loaded = {
            name: getattr(import_module(path.rpartition(".")[0]), path.rpartition(".")[2])
            for name, path in handlers.items()
        }
        api = loaded["APIHandler"]
        from functions.platform import Caller, bound, current

        def send(*args: Any, **more: Any) -> tuple[int, Any]:
            answer = api(request(*args, **more), Context())
            return answer["statusCode"], json.loads(answer["body"])

        anonymous = send("GET", "/v1/models", "/v1/models")
        owner = Caller("default", "owner", frozenset({"admin"}))
        with bound(replace(current(), owner=owner)):
            scopes = {"scopes": ["read", "write", "predict"]}
            _, made = send("POST", "/v1/keys", "/v1/keys", body=scopes)
        key = made["secret"]
        wanted = {"name": "m", "algorithm": "logistic_regression"}
        created = send("POST", "/v1/models", "/v1/models", body=wanted, key=key)
        resource = "/v1/datasets/{dataset}/upload"
        path = "/v1/datasets/m/upload"
        csv = b"a,b,label\n" + b"".join(b"%d,%d,%s\n" % (i, i % 3, b"yn"[i % 2 :][:1]) for i in range(40))
        announced = send("POST", resource, path, body={"size": len(csv)}, key=key, dataset="m")
        stored = f"default/incoming/m/{announced[1]['id']}"
        s3.put_object(Bucket=bucket, Key=stored, Body=csv)
        loaded["UploadLanded"](landed(bucket, stored), Context())
        versions = "/v1/datasets/{dataset}/versions"
        accepted = send("GET", versions, "/v1/datasets/m/versions", key=key, dataset="m")
    outside = [
        name
        for name in ("app", "chalice", "functions", "lepton_core")
        if not str(sys.modules[name].__file__).startswith(str(unpacked))
    ]
    return {
        "health": send("GET", "/v1/health", "/v1/health"),
        "anonymous": anonymous,
        "created": created,
        "url": announced[1]["url"],
        "rows": accepted[1]["items"][0]["rows"],
        "outside": outside,
        "heavy": sorted({"sklearn", "scipy", "pandas", "infra", "lepton_ai"} & set(sys.modules)),
    }


if __name__ == "__main__":
    place, root = Path(sys.argv[1]), Path(sys.argv[2])
    sys.path[:] = [str(place), *(entry for entry in sys.path[1:] if Path(entry).resolve() != root)]
    sys.stdout.write(json.dumps(main(place, json.loads(sys.argv[3]))))
