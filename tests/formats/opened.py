"""A platform over a copy of data that an earlier version made."""

import base64
import gzip
import json
import tarfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.moto_aws import BUCKET, TABLE, MotoAws
from tests.support.stores import Store, aws_store
from tests.support.world import Ids, World, world

LATER_IDS = 100_000
"""Ids count from here, so that none meets one that the data holds."""


def expected(made: Path) -> dict[str, Any]:
    """What was said of the data when it was made."""
    found: dict[str, Any] = json.loads((made / "expected.json").read_text())
    return found


def unpack(made: Path, top: Path) -> Path:
    """A copy of the ``.lepton`` folder, under ``top``."""
    with tarfile.open(made / "lepton-folder.tar.gz") as tar:
        tar.extractall(top, filter="data")
    return top / ".lepton"


def fill(made: Path, aws: MotoAws) -> Store:
    """The store whose table and bucket hold copies of all items and objects."""
    for item in json.loads(gzip.decompress((made / "table.json.gz").read_bytes())):
        item["body"]["B"] = base64.b64decode(item["body"]["B"])
        aws.clients.dynamodb.put_item(TableName=TABLE, Item=item)
    for one in json.loads(gzip.decompress((made / "bucket.json.gz").read_bytes())):
        aws.clients.s3.put_object(
            Bucket=BUCKET, Key=one["key"], Body=base64.b64decode(one["body"]), Metadata=one["metadata"]
        )
    return aws_store(aws)


def opened(store: Store, said: dict[str, Any]) -> World:
    """A platform over the copy, at the moment at which the data was packed."""
    here = world(store)
    here.clock.now = datetime.fromisoformat(said["now"])
    return World(replace(here.platform, new_id=Ids(LATER_IDS)), here.clock)


def still(said: Any, found: Any, where: str = "", *, close: float = 0.0) -> None:
    """Assert that all that was said then is said now; there may be more. Floats may differ by ``close``, relatively."""
    if isinstance(said, dict):
        assert set(said) <= set(found), f"{where}: {sorted(set(said) - set(found))} is gone"
        for name, value in said.items():
            still(value, found[name], f"{where}/{name}", close=close)
    elif isinstance(said, list):
        assert len(said) == len(found), where
        for at, (value, now) in enumerate(zip(said, found, strict=True)):
            still(value, now, f"{where}/{at}", close=close)
    elif isinstance(said, float) and close:
        assert abs(said - found) <= close * max(abs(said), 1e-3), f"{where}: {said} is {found}"
    else:
        assert said == found, f"{where}: {said!r} is {found!r}"


def numbers(value: Any) -> Any:
    """Hexadecimal texts of floats as floats again."""
    if isinstance(value, dict):
        return {name: numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbers(inner) for inner in value]
    is_float = isinstance(value, str) and value.lstrip("-").startswith("0x")
    return float.fromhex(value) if is_float else value


def without_digests(value: Any) -> Any:
    """But for digests of artifacts: they follow every bit of every number."""
    if isinstance(value, dict):
        return {name: without_digests(inner) for name, inner in value.items() if name != "digest"}
    return [without_digests(inner) for inner in value] if isinstance(value, list) else value
