"""The figures of the columns of a version: few in its record, many in a file, and nobody who reads them sees which."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.datasets.ingest import incoming_key, landed
from functions.datasets.parts import MOST_INSIDE, read_columns, read_table, write_columns
from functions.records import find
from functions.records.files import File
from functions.records.kinds import DATASET_VERSIONS, number
from functions.storage import Put
from lepton_core.artifact import digest, write_container
from lepton_core.table import ColumnFigures, Table, describe, kind_of, pack_table, parse_csv
from tests.support.damage import WAYS, Way, damaged
from tests.support.stores import Store
from tests.support.watched import Call, WatchedBlobs
from tests.support.world import World, csv_of, two_classes, world


def wide(rows: int = 20, *, seed: int = 0) -> bytes:
    """A table of 150 columns, which are described in a file."""
    X = np.random.default_rng(seed).normal(size=(rows, 150))
    return csv_of({**{f"c{i}": X[:, i].tolist() for i in range(150)}, "label": ["yes", "no"] * (rows // 2)})


@pytest.mark.parametrize("data", [two_classes(20), wide()], ids=["few", "many"])
def test_what_is_read_is_what_the_core_described(store: Store, data: bytes) -> None:
    here = world(store)
    here.upload(data)
    place = here.platform.workspace("default")
    version = find.dataset_version(place, "m", 1).value
    described = describe(parse_csv(data))
    assert read_columns(place, version) == described
    assert version.column_count == len(described)
    shown = here.ok("GET", "/v1/datasets/m/versions/1")
    assert msgspec.convert(shown["columns"], tuple[ColumnFigures, ...]) == described
    assert shown["column_count"] == len(described)


def test_figures_are_in_the_record_up_to_so_many_bytes(store: Store) -> None:
    place = store.workspace()
    empty = len(msgspec.json.encode((ColumnFigures("", "number", 0),)))
    fits = (ColumnFigures("n" * (MOST_INSIDE - empty), "number", 0),)
    more = (ColumnFigures("n" * (MOST_INSIDE - empty + 1), "number", 0),)
    assert write_columns(place, fits, "d", "u") == fits
    file = write_columns(place, more, "d", "u")
    assert isinstance(file, File)
    assert write_columns(place, more, "d", "u") == file, "a second delivery writes the same"
    assert store.blobs.keys("default/tables/d/u/") == [file.key]


def test_a_list_of_versions_reads_records_alone_and_says_how_many_columns_there_are(store: Store) -> None:
    read: list[Call] = []
    here = world(store, blobs=WatchedBlobs(store.blobs, before=read.append))
    here.upload(two_classes(20), "few")
    here.upload(wide(), "many")
    read.clear()
    (few,) = here.ok("GET", "/v1/datasets/few/versions")["items"]
    (many,) = here.ok("GET", "/v1/datasets/many/versions")["items"]
    assert read == []
    assert (len(few["columns"]), few["column_count"]) == (3, 3)
    assert (many["columns"], many["column_count"]) == ([], 151)


def test_kinds_and_required_columns_are_those_of_the_file(store: Store) -> None:
    here = world(store)
    here.upload(wide())
    assert here.upload(wide(seed=1))["version"] == 2
    poorer = csv_of({"c0": [0.5, 1.5], "label": ["yes", "no"]})
    assert "column 'c1'" in here.upload(poorer)["error"]["message"]


def test_a_delivery_that_came_too_late_leaves_no_figures_behind(store: Store) -> None:
    here = world(store)
    upload = here.ok("POST", "/v1/datasets/m/upload", {"size": len(wide())})["id"]
    place = here.platform.workspace("default")
    late = write_columns(place, describe(parse_csv(wide(seed=1))), "m", upload)
    assert isinstance(late, File)
    here.platform.blobs.put(incoming_key(place, "m", upload), wide())
    landed(here.platform, incoming_key(place, "m", upload))
    version = find.dataset_version(place, "m", 1).value
    assert here.platform.blobs.keys("default/tables/") == sorted(file.key for file in version.files)


@pytest.fixture(params=WAYS)
def harm(request: pytest.FixtureRequest) -> Callable[[World], None]:
    """Flips one bit of the figures of version 1, or takes them away."""

    def do(here: World) -> None:
        way: Way = request.param
        file = find.dataset_version(here.platform.workspace("default"), "m", 1).value.columns
        assert isinstance(file, File)
        damaged(here.platform.blobs, file.key, way)

    return do


def test_damaged_figures_are_named_and_nothing_is_begun_with_them(
    store: Store, harm: Callable[[World], None]
) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(wide())
    harm(here)
    for method, path in (("GET", "/v1/datasets/m/versions/1"), ("POST", "/v1/models/m/train")):
        status, answer = here.ask(method, path, {} if method == "POST" else None)
        assert (status, answer["error"]["code"]) == (500, "damaged")
        assert "the figures of version 1 of dataset 'm'" in answer["error"]["message"]
    assert here.ok("GET", "/v1/runs")["items"] == []


@pytest.mark.parametrize("form", [1, 2])
def test_a_version_of_before_is_read_listed_and_trained_on(store: Store, form: int) -> None:
    here = world(store)
    here.upload(two_classes(40))
    as_before(here, form)
    again = here.again()
    shown = again.ok("GET", "/v1/datasets/m/versions/1")
    assert again.ok("GET", "/v1/datasets/m/versions")["items"] == [shown]
    assert [(one["name"], one["kind"], one["missing"]) for one in shown["columns"]] == [
        ("a", "number", 0),
        ("b", "number", 0),
        ("label", "category", 0),
    ]
    assert (shown["columns"][0]["min"], shown["columns"][2]["distinct"]) == (-2.5, 2)
    assert shown["column_count"] == 3
    again.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    run = again.ok("POST", "/v1/models/m/train", {"iterations": 2})
    assert again.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    assert again.upload(two_classes(40, seed=1))["version"] == 2


def as_then(table: Table) -> bytes:
    """The file of format 1: of numbers and texts only, and a schema that says nothing else of them."""
    columns = (
        column if column.name != "label" else kind_of(column).texts(column) for column in table.columns
    )
    arrays, meta = pack_table(Table(tuple(columns)))
    schema: list[dict[str, Any]] = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "number"}]
    schema.append({"name": "label", "kind": "category", "levels": ["no", "yes"]})
    return write_container(arrays, {**meta, "format": 1, "schema": {"columns": schema}})


def as_before(here: World, form: int) -> None:
    """Version 1 of the dataset, its record written as formats 1 and 2 had it."""
    place = here.platform.workspace("default")
    stored = find.dataset_version(place, "m", 1)
    (part,) = stored.value.parts
    # No keys stood behind the columns then, so the digest of the file was that of the table.
    alone = as_then(read_table(place, stored.value))
    here.platform.blobs.delete(part.file.key)
    here.platform.blobs.put(part.file.key, alone)
    body: dict[str, Any] = {
        "dataset": "m",
        "version": 1,
        "digest": digest(alone),
        "rows": 40,
        "label": "label",
        "columns": [
            {"name": "a", "kind": "number", "missing": 0, "mean": 0.1, "std": 0.9, "min": -2.5, "max": 2.0},
            {"name": "b", "kind": "number", "missing": 0, "mean": 0.1, "std": 1.0, "min": -2.0, "max": 2.0},
            {"name": "label", "kind": "category", "missing": 0, "distinct": 2},
        ],
        "upload": stored.value.upload,
        "created": "2030-01-01T12:00:00Z",
    }
    if form == 1:
        body["table"] = part.file.key
    else:
        body |= {
            "format": 2,
            "parts": [{"file": {"key": part.file.key, "digest": digest(alone)}, "rows": 40}],
        }
    address = place.put(DATASET_VERSIONS, "m", number(1), value=stored.value, expect=stored.revision)
    here.platform.records.write(
        [Put(address.partition, address.key, json.dumps(body).encode(), stored.revision)]
    )
