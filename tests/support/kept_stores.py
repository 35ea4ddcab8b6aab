"""Stores that begin with what was made once: a copy takes milliseconds, the requests that made it take seconds."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from functions.settings import Settings
from tests.support.moto_aws import BUCKET, TABLE, MotoAws
from tests.support.snapshot import aws_records, disk_records, everything
from tests.support.stores import Store, aws_store, disk_store
from tests.support.world import Ids, World, world


class Place(Protocol):
    """Where one store after the other is: a new one takes the place of the one before."""

    def begin(self, held: Any = None) -> Store:
        """A new store, empty or with all that another one `held`."""

    def held(self) -> Any:
        """All that the store holds; it is not used any more."""

    def look(self) -> dict[str, list[str]]:
        """All that the store holds, in a form in which two runs of one story are equal."""

    def close(self) -> None:
        """Release the store; none is begun any more."""


class OnDisk:
    """A `Place` on disk, in folders under ``top``."""

    def __init__(self, top: Path) -> None:
        self._folders = (top / str(number) for number in range(100_000))
        self._open = ExitStack()

    def begin(self, held: Path | None = None) -> Store:
        self._open.close()
        self._folder = next(self._folders)
        if held is not None:
            shutil.copytree(held, self._folder)
        self._store = self._open.enter_context(disk_store(self._folder))
        return self._store

    def held(self) -> Path:
        self._open.close()
        return self._folder

    def look(self) -> dict[str, list[str]]:
        return everything(self._store, disk_records(self._folder))

    def close(self) -> None:
        self._open.close()


class OnAws:
    """A `Place` in moto."""

    def __init__(self, aws: MotoAws) -> None:
        self._aws = aws

    def begin(self, held: "_InAws | None" = None) -> Store:
        self._aws.reset()
        self._store = aws_store(self._aws)
        for item in held.items if held else []:
            self._aws.clients.dynamodb.put_item(TableName=TABLE, Item=item)
        for one in held.objects if held else []:
            self._aws.clients.s3.put_object(Bucket=BUCKET, **one)
        return self._store

    def held(self) -> "_InAws":
        return _InAws(list(self._items()), list(self._objects()))

    def look(self) -> dict[str, list[str]]:
        return everything(self._store, aws_records(self._aws))

    def close(self) -> None: ...

    def _items(self) -> Iterator[dict[str, Any]]:
        for page in self._aws.clients.dynamodb.get_paginator("scan").paginate(TableName=TABLE):
            yield from page["Items"]

    def _objects(self) -> Iterator[dict[str, Any]]:
        for page in self._aws.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for one in page.get("Contents", []):
                found = self._aws.clients.s3.get_object(Bucket=BUCKET, Key=one["Key"])
                yield {"Key": one["Key"], "Body": found["Body"].read(), "Metadata": found["Metadata"]}


@dataclass(frozen=True)
class _InAws:
    items: list[dict[str, Any]]
    objects: list[dict[str, Any]]


@dataclass(frozen=True)
class _Kept:
    held: Any
    now: datetime
    next_id: int


class Prepared:
    """Platforms in one `Place`, each as one of several preparations left it; every preparation is made once."""

    def __init__(self, place: Place, settings: Settings) -> None:
        self._place = place
        self._settings = settings
        self._kept: dict[Callable[[World], None], _Kept] = {}
        self.look = place.look
        self.close = place.close

    def after(self, prepare: Callable[[World], None]) -> World:
        """A new process of a platform of which only ``prepare`` was asked."""
        if prepare not in self._kept:
            here = world(self._place.begin(), settings=self._settings)
            prepare(here)
            next_id = int(here.platform.new_id("next").rpartition("-")[2])
            self._kept[prepare] = _Kept(self._place.held(), here.clock(), next_id)
        kept = self._kept[prepare]
        here = world(self._place.begin(kept.held), settings=self._settings)
        here.clock.now = kept.now
        return here.again(new_id=Ids(kept.next_id))
