"""A file that is appended makes a version of the rows that were there and those that are new."""

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from functions.datasets.ingest import landed
from functions.datasets.kept_strata import read_strata
from functions.datasets.parts import pack, read_columns, read_rows, read_table, write_parts
from functions.datasets.taking import parts_to_keep
from functions.records.kinds import DATASET_VERSIONS, DatasetVersion, number
from functions.storage import Workspace
from lepton_core.artifact import digest, write_container
from lepton_core.table import Strata, describe, row_keys
from lepton_core.table.row_keys import NEWEST_FORM, KeyForm
from tests.support.stores import Store
from tests.support.threads import together
from tests.support.watched import Call, WatchedBlobs
from tests.support.world import World, two_classes, world

FIRST = two_classes(60)
MORE = two_classes(20, seed=1)


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def append(here: World, data: bytes, **said: Any) -> Any:
    body = {"size": len(data), "mode": "append", **said}
    announced = here.ok("POST", "/v1/datasets/m/upload", body)
    path = f"/v1/datasets/m/upload/{announced['id']}"
    here.ok("PUT", path, data)
    return here.ok("GET", path)


def tenant(here: World) -> Workspace:
    return here.platform.workspace("default")


def version(here: World, which: int) -> DatasetVersion:
    found = tenant(here).get(DATASET_VERSIONS, "m", number(which))
    assert found is not None
    return found.value


def held_out(here: World, which: int) -> dict[int, bool]:
    """The side of each row, by its key."""
    found = version(here, which)
    rows = read_rows(tenant(here), found)
    strata = read_strata(tenant(here), found, rows)
    sides = strata.held_out(rows.keys, rows.table[rows.label])
    return dict(zip(rows.keys.tolist(), sides.tolist(), strict=True))


def test_the_new_rows_stand_below_those_that_were_there(here: World) -> None:
    here.upload(FIRST)
    done = append(here, MORE)
    assert (done["version"], done["rows"], done["added"], done["repeated"]) == (2, 80, 20, 0)
    shown = here.ok("GET", "/v1/datasets/m/versions/2")
    assert (shown["rows"], shown["appended_to"]) == (80, 1)
    table = read_table(tenant(here), version(here, 2))
    assert table.take(range(60)) == read_table(tenant(here), version(here, 1))  # type: ignore[arg-type]
    assert read_columns(tenant(here), version(here, 2)) == describe(table)
    assert version(here, 1).rows == 60


def test_the_same_file_again_adds_nothing_and_says_so(here: World) -> None:
    here.upload(FIRST)
    for _ in range(2):
        done = append(here, FIRST)
        assert (done["state"], done["version"], done["added"], done["repeated"]) == ("accepted", 1, 0, 60)
    lines = FIRST.splitlines(keepends=True)
    done = append(here, b"".join(lines[:31]) + b"".join(MORE.splitlines(keepends=True)[1:]))
    assert (done["version"], done["rows"], done["added"], done["repeated"]) == (2, 80, 20, 30)
    findings = here.ok("GET", "/v1/datasets/m/versions/2/report")["findings"]
    [said] = [one["message"] for one in findings if one["code"] == "appended"]
    assert said == "20 rows were appended to version 1; 30 rows of the file were there already"


def test_without_a_version_before_it_is_the_first(here: World) -> None:
    done = append(here, FIRST)
    assert (done["version"], done["rows"], done["added"]) == (1, 60, None)


def test_a_row_keeps_its_side_when_rows_are_appended(here: World) -> None:
    here.upload(FIRST)
    sides = held_out(here, 1)
    assert 0 < sum(sides.values()) < 60
    for which in range(2, 6):
        append(here, two_classes(25, seed=which))
        now = held_out(here, which)
        assert {key: now[key] for key in sides} == sides
        sides = now
    # A new column changes the rows, and not their sides.
    wider = b"a,b,label,c\n" + b"".join(b"%d,0.5,yes,%d\n0.25,%d,no,1\n" % (i, i, i) for i in range(9))
    append(here, wider)
    now = held_out(here, 6)
    assert {key: now[key] for key in sides} == sides


def turned(data: bytes) -> bytes:
    """With the columns in the opposite order."""
    return b"".join(b",".join(reversed(line.split(b","))) + b"\n" for line in data.splitlines())


@pytest.mark.parametrize("form", [1, 2, 3])
def test_a_row_keeps_its_side_when_a_later_file_has_its_columns_in_another_order(
    here: World, form: KeyForm
) -> None:
    here.upload(FIRST)
    assert version(here, 1).key_form == NEWEST_FORM
    if form != NEWEST_FORM:
        as_before(here, form)
    sides = held_out(here, 1)
    done = append(here, turned(FIRST + b"".join(MORE.splitlines(keepends=True)[1:])))
    assert (done["version"], done["added"], done["repeated"]) == (2, 20, 60)
    here.upload(turned(FIRST + b"0.125,0.25,yes\n"))
    for which in (2, 3):
        assert version(here, which).key_form == form
        now = held_out(here, which)
        assert {key: now[key] for key in sides} == sides


def as_before(here: World, form: KeyForm) -> None:
    """Version 1 as a release before stored it."""
    found = tenant(here).get(DATASET_VERSIONS, "m", number(1))
    assert found is not None
    table = read_table(tenant(here), found.value)
    packed = pack(table, keys := row_keys(table, form=form))
    old = replace(
        found.value,
        parts=write_parts(tenant(here), packed, "m", "by-hand"),
        strata=write_container(*Strata.of(keys, table["label"], 0.2).pack()),
        key_form=form,
    )
    tenant(here).write(tenant(here).put(DATASET_VERSIONS, "m", number(1), value=old, expect=found.revision))


def test_a_file_that_differs_in_the_order_of_columns_alone_is_the_version_that_is_there(here: World) -> None:
    here.upload(FIRST)
    assert here.upload(turned(FIRST))["version"] == 1


def test_what_columns_are_called_changes_no_side(here: World) -> None:
    here.upload(FIRST)
    here.upload(FIRST.replace(b"a,b,label", b"z,c1,paid"), "n")
    other = tenant(here).get(DATASET_VERSIONS, "n", number(1))
    assert other is not None
    rows = read_rows(tenant(here), other.value)
    sides = read_strata(tenant(here), other.value, rows).held_out(rows.keys, rows.table["paid"])
    assert dict(zip(rows.keys.tolist(), sides.tolist(), strict=True)) == held_out(here, 1)


def test_appended_and_uploaded_at_once_are_the_same_table(here: World) -> None:
    here.upload(FIRST)
    append(here, MORE)
    whole = FIRST + b"".join(MORE.splitlines(keepends=True)[1:])
    here.upload(whole, "n")
    one, other = version(here, 2), tenant(here).get(DATASET_VERSIONS, "n", number(1))
    assert other is not None
    assert read_table(tenant(here), one) == read_table(tenant(here), other.value)
    found = here.ok("GET", "/v1/datasets/m/versions/2")["columns"]
    assert found == here.ok("GET", "/v1/datasets/n/versions/1")["columns"]


def test_large_parts_stay_files_of_both_versions_and_few_parts_come_of_many_appends(here: World) -> None:
    here.upload(FIRST)
    written: list[str] = []

    def watch(call: Call) -> None:
        if call.name == "blobs.put":
            written.extend(call.places)

    process = here.again(blobs=WatchedBlobs(here.platform.blobs, before=watch))
    append(process, MORE)
    first, second = version(here, 1), version(here, 2)
    assert second.parts[0] == first.parts[0]
    assert [part.rows for part in second.parts] == [60, 20]
    assert first.parts[0].file.key not in written
    for seed in range(2, 12):
        append(here, two_classes(10, seed=seed))
    last = version(here, 12)
    assert sum(part.rows for part in last.parts) == last.rows == 180
    assert len(last.parts) <= 3
    for part in last.parts:
        assert digest(here.platform.blobs.get(part.file.key)) == part.file.digest


@pytest.mark.parametrize(
    ("parts", "added", "kept"),
    [([60], 20, [60]), ([60], 60, []), ([100, 30, 20], 20, [100]), ([100, 30], 0, [100, 30]), ([], 5, [])],
)
def test_a_part_is_written_anew_once_as_much_is_below_it(
    here: World, parts: list[int], added: int, kept: list[int]
) -> None:
    class Of:
        def __init__(self, rows: int) -> None:
            self.table = self
            self.rows = rows

    assert [one.table.rows for one in parts_to_keep([Of(rows) for rows in parts], added)] == kept  # type: ignore[misc]


def test_columns_may_come_and_may_be_absent_and_that_is_said(here: World) -> None:
    here.upload(FIRST)
    done = append(here, b"a,label,new\n1.5,yes,x\n2.5,no,y\n")
    assert (done["version"], done["added"]) == (2, 2)
    shown = {one["name"]: one for one in here.ok("GET", "/v1/datasets/m/versions/2")["columns"]}
    assert list(shown) == ["a", "b", "label", "new"]
    assert (shown["b"]["missing"], shown["new"]["missing"]) == (2, 60)
    findings = here.ok("GET", "/v1/datasets/m/versions/2/report")["findings"]
    assert {"absent", "columns_added"} <= {one["code"] for one in findings}
    done = append(here, b"a,label\n9.5,yes\n", exclude=["b"])
    assert done["version"] == 3
    assert [one["name"] for one in here.ok("GET", "/v1/datasets/m/versions/3")["columns"]] == [
        "a",
        "label",
        "new",
    ]


def test_a_file_without_the_label_or_with_another_is_refused(here: World) -> None:
    here.upload(FIRST)
    for data, said, column in ((b"a,b\n1,2\n", {}, "label"), (FIRST, {"label": "a"}, "a")):
        refused = append(here, data, **said)
        assert (refused["state"], refused["error"]["column"]) == ("rejected", column)
    assert here.ok("GET", "/v1/datasets/m")["latest"] == 1


def test_a_column_takes_the_kind_of_the_first_version_that_has_values(here: World) -> None:
    rows = "".join(f"{i},,{'yes' if i % 2 else 'no'}\n" for i in range(20))
    here.upload(f"a,zip,label\n{rows}".encode())
    kinds = lambda which: {  # noqa: E731
        one["name"]: one["kind"] for one in here.ok("GET", f"/v1/datasets/m/versions/{which}")["columns"]
    }
    assert kinds(1)["zip"] == "empty"
    append(here, b"a,zip,label\n50,01010,yes\n51,02020,no\n")
    assert kinds(2)["zip"] not in ("empty", "integer", "number")
    here.upload(f"a,zip,label\n{rows}".encode())
    assert kinds(3)["zip"] == kinds(2)["zip"]


def test_wrong_rows_hold_the_version_however_few_they_are_beside_the_old_ones(here: World) -> None:
    here.upload(two_classes(3000))
    flipped = two_classes(300, seed=5).replace(b"yes", b"?").replace(b"no", b"yes").replace(b"?", b"no")
    assert append(here, two_classes(300, seed=6))["held"] is False
    done = append(here, flipped)
    assert (done["held"], done["added"]) == (True, 300)


def test_delivered_many_times_at_once_it_is_appended_once(here: World) -> None:
    here.upload(FIRST)
    announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(MORE), "mode": "append"})
    key = f"default/incoming/m/{announced['id']}"
    here.platform.blobs.put(key, MORE)
    together([partial(landed, here.again().platform, key)] * 4)
    assert [one["rows"] for one in here.ok("GET", "/v1/datasets/m/versions")["items"]] == [60, 80]


def test_appends_at_the_same_moment_are_all_there(here: World) -> None:
    here.upload(FIRST)
    files = [two_classes(10, seed=seed) for seed in range(1, 5)]
    keys = []
    for data in files:
        announced = here.ok("POST", "/v1/datasets/m/upload", {"size": len(data), "mode": "append"})
        keys.append(f"default/incoming/m/{announced['id']}")
        here.platform.blobs.put(keys[-1], data)
    together([partial(landed, here.again().platform, key) for key in keys])
    assert here.ok("GET", "/v1/datasets/m/versions")["items"][-1]["rows"] == 100


def test_a_table_in_many_parts_is_packed_as_one(here: World) -> None:
    here.upload(FIRST)
    append(here, MORE)
    rows = read_rows(tenant(here), version(here, 2))
    assert len(pack(rows.table, rows.keys).parts) == 1


def test_a_renamed_column_is_named_beside_the_one_that_an_appended_file_lacks(here: World) -> None:
    rows = [f"{i % 9}.5,{i % 4},{'pq'[i % 2]}\n" for i in range(90)]
    here.upload("".join(["price,b,y\n", *rows]).encode())
    done = append(here, "".join(["cost,b,y\n", *rows]).encode())
    report = here.ok("GET", f"/v1/datasets/m/versions/{done['version']}/report")
    [found] = [one for one in report["findings"] if one["code"] == "absent"]
    assert found["message"] == (
        "'price' is not in the file; it is missing in the rows of the file; 'cost' is new and looks like it: rename it "
        "in the file if it is the same"
    )
