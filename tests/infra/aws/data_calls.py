"""Of a life what has to do with data sets: the calls that look after them, and what dead deliveries leave."""

from collections.abc import Callable
from typing import Any

import boto3

from functions.context import utc_now
from functions.datasets.parts import pack, write_parts
from functions.records.kinds import DUE_DELETIONS, DueDeletion
from functions.storage import SYSTEM, Workspace
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from lepton_core.table import parse_csv, row_keys
from tests.infra.aws.cloud import Cloud
from tests.support.world import two_classes

Ok = Callable[..., Any]


def look_after(ok: Ok) -> None:
    """List, describe, look into, rename and release the data sets that `story.upload` made."""
    assert [one["name"] for one in ok("GET", "/v1/datasets")["items"]] == ["dropped", "m", "small"]
    assert ok("GET", "/v1/datasets/m")["models"] == ["m"]
    assert ok("GET", "/v1/datasets/m/versions/2/report")["rows"] == 310
    assert len(ok("GET", "/v1/datasets/m/versions/2/head")["rows"]) == 10
    assert len(ok("POST", "/v1/datasets/m/versions/2/preview", {"rows": 3})["after"]) == 3
    lags = {"lags": {"b": [1]}, "by": "a"}
    assert len(ok("POST", "/v1/datasets/m/versions/2/lags/preview", {**lags, "rows": 3})["rows"]) == 3
    assert ok("POST", "/v1/datasets/m/versions/2/release")["version"] == 2
    assert ok("PUT", "/v1/datasets/small/name", {"name": "tiny"})["name"] == "tiny"
    assert [one["name"] for one in ok("GET", "/v1/datasets")["items"]] == ["dropped", "m", "tiny"]
    assert ok("PUT", "/v1/datasets/tiny/name", {"name": "small"})["name"] == "small"


def clear_away(story: Any) -> None:
    """Compare, tag and delete data sets; the sweep finishes a deletion whose function died.

    Of data that the model cannot read it hears, and does not learn.
    """
    ok = story.ok
    csv, before = two_classes(620, seed=9), ok("GET", "/v1/models/m")["latest"]
    announced = ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "exclude": ["b"]})
    assert story.cloud.put(announced["url"], csv) == 200
    story.twice(story.cloud.deliver)
    ok("POST", f"/v1/datasets/m/versions/{ok('GET', '/v1/datasets/m')['latest']}/release")
    story.twice(lambda: story.cloud.tick("UpdateDaily"))
    assert ok("GET", "/v1/models/m")["latest"] == before
    assert ok("GET", "/v1/datasets/m/versions/2/diff/1")["rows_now"] == 310
    assert ok("GET", "/v1/datasets/m/versions/1/describe")["rows"] == 300
    assert ok("PUT", "/v1/datasets/m/tags", {"tags": ["eu"]})["tags"] == ["eu"]
    again = ok("POST", "/v1/datasets/small/versions/1/read", {"exclude": ["b"]})
    story.cloud.landed = [(f"default/incoming/small/{again['id']}", len(two_classes(300)))]
    story.twice(story.cloud.deliver)
    assert ok("GET", f"/v1/datasets/small/upload/{again['id']}")["version"] == 2
    lagged = ok("POST", "/v1/datasets/small/versions/1/lags", {"lags": {"b": [1]}, "by": "a"})
    story.cloud.landed = [(f"default/incoming/small/{lagged['id']}", 0)]
    story.twice(story.cloud.deliver)
    assert ok("GET", f"/v1/datasets/small/upload/{lagged['id']}")["version"] == 3
    announced = ok("POST", "/v1/datasets/small/upload", {"size": 9})
    assert ok("DELETE", f"/v1/datasets/small/upload/{announced['id']}")["state"] == "rejected"
    dropped = "/v1/datasets/dropped/versions/1"
    assert story.cloud.http("POST", f"{dropped}/read", {}, key=story.key)[0] == 404
    assert ok("DELETE", dropped)["version"] == 1
    assert story.cloud.http("DELETE", "/v1/datasets/m", key=story.key)[0] == 409
    clients = aws_clients()
    store = Workspace(
        SYSTEM, AwsRecords(clients.dynamodb, story.cloud.table), AwsBlobs(clients.s3, story.cloud.bucket)
    )
    due = DueDeletion("default", "small", None, 1, utc_now(), forced=True)
    store.write(store.put(DUE_DELETIONS, "default:small:all", value=due, expect=0))
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    assert [one["name"] for one in ok("GET", "/v1/datasets")["items"]] == ["m"]


def left_by_others(bucket: str, table: str, upload: str, csv: bytes) -> str:
    """Two deliveries died before they wrote a record: one of this table, one of another, whose key this is."""
    clients = aws_clients()
    blobs, records = AwsBlobs(clients.s3, bucket), AwsRecords(clients.dynamodb, table)
    key = f"default/tables/m/{upload}/late"
    blobs.put(key, b"late")
    write_parts(Workspace("default", records, blobs), pack(t := parse_csv(csv), row_keys(t)), "m", upload)
    return key


def contents(cloud: Cloud) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every record and every object of the stack."""
    items: list[Any] = []
    for page in boto3.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.table):
        items += page["Items"]
    records = {f"{item['pk']['S']} {item['sk']['S']}": item["body"]["B"] for item in items}
    listed = boto3.client("s3").list_objects_v2(Bucket=cloud.bucket).get("Contents", [])
    return records, {entry["Key"]: entry["ETag"] for entry in listed}
