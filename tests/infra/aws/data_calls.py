"""Of a life what has to do with data sets: the calls that look after them, and what dead deliveries leave."""

from collections.abc import Callable
from typing import Any

from functions.datasets.parts import pack, write_parts
from functions.storage import Workspace
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from lepton_core.table import parse_csv, row_keys

Ok = Callable[..., Any]


def look_after(ok: Ok) -> None:
    """List, describe, look into and release the data sets that `story.upload` made."""
    assert [one["name"] for one in ok("GET", "/v1/datasets")["items"]] == ["dropped", "m", "small"]
    assert ok("GET", "/v1/datasets/m")["models"] == ["m"]
    assert ok("GET", "/v1/datasets/m/versions/2/report")["rows"] == 310
    assert len(ok("GET", "/v1/datasets/m/versions/2/head")["rows"]) == 10
    assert ok("POST", "/v1/datasets/m/versions/2/release")["version"] == 2


def left_by_others(bucket: str, table: str, upload: str, csv: bytes) -> str:
    """Two deliveries died before they wrote a record: one of this table, one of another, whose key this is."""
    clients = aws_clients()
    blobs, records = AwsBlobs(clients.s3, bucket), AwsRecords(clients.dynamodb, table)
    key = f"default/tables/m/{upload}/late"
    blobs.put(key, b"late")
    write_parts(Workspace("default", records, blobs), pack(t := parse_csv(csv), row_keys(t)), "m", upload)
    return key
