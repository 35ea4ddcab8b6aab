"""A file that is refused while the store has no room: nothing is said of it before it is written."""

from collections.abc import Sequence

import pytest

from functions.datasets.ingest import landed
from functions.storage import Records, Write
from lepton_core.errors import StorageFull
from tests.support.stores import Store
from tests.support.world import two_classes, world


class Refusing:
    """Records that have no room for a write while ``is_full``."""

    def __init__(self, inner: Records) -> None:
        self._inner = inner
        self.get = inner.get
        self.query = inner.query
        self.is_full = False

    def write(self, writes: Sequence[Write]) -> None:
        if self.is_full:
            raise StorageFull("there is no room")
        self._inner.write(writes)


def test_a_rejection_is_logged_once_it_is_written(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    records = Refusing(store.records)
    here = world(store, records=records)
    csv = two_classes(30)
    upload = here.ok("POST", "/v1/datasets/m/upload", {"size": len(csv), "label": "colour"})
    key = f"default/incoming/m/{upload['id']}"
    here.platform.blobs.put(key, csv)
    records.is_full = True
    with pytest.raises(StorageFull):
        landed(here.platform, key)
    assert "rejected" not in caplog.text
    records.is_full = False
    landed(here.platform, key)
    assert caplog.text.count("rejected") == 1
