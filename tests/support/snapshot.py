"""Everything that a store holds, in a form in which two runs of the same story are equal: no times, no ids."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from functions.storage import Record
from functions.storage.disk_connections import Connections
from lepton_core.artifact import digest
from tests.support.moto_aws import TABLE, MotoAws
from tests.support.stores import Store

_FILES = "scored|rows|part|fit|refit|artifact|served|evaluation|importance|leaderboard"
_ID = re.compile(rf"\b((?:run|up|driver|{_FILES})(?:-\d+)?)-\d{{6}}\b")
_ATTEMPT = re.compile(rf"\b({_FILES})-\d+\b")
_VOLATILE = frozenset(
    {"created", "updated", "deleted", "since", "opened", "seen", "attempt", "until", "at", "began"}
)


def everything(store: Store, records: Iterator[Record]) -> dict[str, list[str]]:
    """All records and all blobs of ``store``, whose ``records`` are given, as sorted texts."""
    return {
        "records": sorted(_record(record) for record in records),
        "blobs": sorted(
            f"{_plain(key)} {digest(store.blobs.get(key))}" for key in store.blobs.keys("", limit=10_000)
        ),
    }


def disk_records(folder: Path) -> Iterator[Record]:
    """Every record of a disk store."""
    connections = Connections(folder / "records.sqlite", 30.0)
    with connections.connection() as connection:
        rows = connection.execute("SELECT partition, key, revision, body FROM records").fetchall()
    connections.close()
    for row in rows:
        yield Record(*row)


def aws_records(aws: MotoAws) -> Iterator[Record]:
    """Every record of a store in moto."""
    for page in aws.clients.dynamodb.get_paginator("scan").paginate(TableName=TABLE):
        for item in page["Items"]:
            body = item["body"]["B"]
            yield Record(item["pk"]["S"], item["sk"]["S"], int(item["revision"]["N"]), bytes(body))


def _record(record: Record) -> str:
    body = _stripped(msgspec.json.decode(record.body))
    return _plain(f"{record.partition} {record.key} {msgspec.json.encode(body, order='sorted').decode()}")


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(inner) for key, inner in value.items() if key not in _VOLATILE}
    return [_stripped(inner) for inner in value] if isinstance(value, list) else value


def _plain(text: str) -> str:
    return _ATTEMPT.sub(r"\1", _ID.sub(r"\1", text))
