"""A file that is refused while the store has no room: nothing is said of it before it is written."""

import pytest

from functions.datasets.ingest import landed
from lepton_core.errors import StorageFull
from tests.support.stores import Store
from tests.support.watched import Call, WatchedRecords, nothing
from tests.support.world import two_classes, world


def full(call: Call) -> None:
    """There is no room for a write."""
    if call.writes:
        raise StorageFull("there is no room")


def test_a_rejection_is_logged_once_it_is_written(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    records = WatchedRecords(store.records)
    here = world(store, records=records)
    csv = two_classes(30)
    upload = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "label": "colour"})
    key = f"default/incoming/m/{upload['id']}"
    here.platform.blobs.put(key, csv)
    records.before = full
    with pytest.raises(StorageFull):
        landed(here.platform, key)
    assert "rejected" not in caplog.text
    records.before = nothing
    landed(here.platform, key)
    assert caplog.text.count("rejected") == 1
