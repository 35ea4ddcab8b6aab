"""A backup of either store, put into either store, gives back every record, every file, and every bit of an answer."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.backup.contents import OF_ONE_PLACE, kind_of
from functions.backup.fill import fill
from functions.backup.folder import BackupFolder
from functions.backup.take import take
from functions.backup.verify import verify
from functions.storage.whole import WholeStore
from tests.formats import facts
from tests.formats.opened import fill as fill_aws
from tests.formats.opened import unpack
from tests.support.filled_store import MADE, SAID, enrich, told, world_of
from tests.support.moto_aws import MotoAws
from tests.support.whole_stores import held, second_stack, whole_on_aws, whole_on_disk

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(params=["disk", "aws"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeStore]:
    """A platform with something of everything."""
    if request.param == "aws":
        aws: MotoAws = request.getfixturevalue("aws")
        fill_aws(MADE, aws)
        store = whole_on_aws(aws)
        enrich(store)
        yield store
    else:
        with whole_on_disk(unpack(MADE, tmp_path)) as store:
            enrich(store)
            yield store


@pytest.fixture(params=["disk", "aws"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeStore]:
    """An empty store."""
    with ExitStack() as open_ones:
        if request.param == "aws":
            yield second_stack(request.getfixturevalue("aws"))
        else:
            yield open_ones.enter_context(whole_on_disk(tmp_path / "target"))


def of_a_backup(store: dict[str, dict[Any, Any]]) -> dict[str, dict[Any, Any]]:
    """Without what belongs to one place."""
    return {
        **store,
        "records": {at: one for at, one in store["records"].items() if kind_of(at[0]) not in OF_ONE_PLACE},
    }


@pytest.mark.slow
def test_everything_comes_back_whichever_way_it_went(
    source: WholeStore, target: WholeStore, tmp_path: Path
) -> None:
    folder = BackupFolder(tmp_path / "backup")
    taken = take(source, folder, of="any", now=NOW)
    assert taken.head.left_out == {"links": 1, "schedules": 1, "sessions": 2, "signing": 1}
    assert (taken.begun_anew, taken.passed_over, taken.head.absent, taken.head.damaged) == ([], [], [], [])
    before = held(source)
    assert verify(folder) == taken.head
    assert held(source) == before, "a backup changes nothing"
    assert fill(folder, target, now=NOW).changed == 0
    assert held(target) == of_a_backup(before)
    assert taken.head.record_count == len(held(target)["records"]) > 80
    assert taken.head.file_count == len(before["files"]) > 25

    assert told(world_of(target)) == told(world_of(source)), "to the last bit"
    again = world_of(target)
    again.clock.forward(600)
    again.event("sweep_minutely")
    ends = facts.plain(facts.ends(again, SAID["runs"]))
    assert {name: one["state"] for name, one in ends.items()} == dict.fromkeys(SAID["runs"], "succeeded")
    assert ends == facts.plain(_ended_here(source)), "what was under way goes on, and ends in the same bits"


def _ended_here(source: WholeStore) -> Any:
    here = world_of(source)
    here.clock.forward(600)
    here.event("sweep_minutely")
    return facts.ends(here, SAID["runs"])


def test_a_backup_of_a_backup_is_the_same_backup(
    source: WholeStore, target: WholeStore, tmp_path: Path
) -> None:
    first, second = BackupFolder(tmp_path / "first"), BackupFolder(tmp_path / "second")
    one = take(source, first, of="any", now=NOW).head
    fill(first, target, now=NOW)
    other = take(target, second, of="any", now=NOW).head
    assert (other.records, other.files, other.bytes) == (one.records, one.files, one.bytes)
    assert other.left_out == {}
