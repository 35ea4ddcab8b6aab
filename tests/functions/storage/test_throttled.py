"""Services that are asked too much: what they refuse is asked again, and nothing is lost or done twice."""

from functools import partial

import pytest

from functions.settings import Settings
from functions.storage import Check, Delete, Lost, Put
from functions.storage.aws import SENDS
from lepton_core.errors import Unavailable
from tests.support.aws.throttling import Throttling
from tests.support.kept_stores import OnAws
from tests.support.moto_aws import MotoAws
from tests.support.stores import Store, aws_store
from tests.support.threads import together
from tests.support.world import World, two_classes, world

SHARE = 0.2
EVERY_KIND = {"ProvisionedThroughputExceededException", "ThrottlingException", "ThrottlingError", "SlowDown"}
THREADS, EACH = 3, 10


def life(here: World) -> None:
    """Every step of a model's life, two versions long."""
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    here.upload(two_classes(60))
    here.ok("POST", "/v1/models/m/train", {"iterations": 3})
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 2})
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 1.0, "b": 1.0}]})
    here.ok("GET", "/v1/models/m/monitor")
    here.upload(two_classes(80, seed=1))
    here.ok("POST", "/v1/models/m/update", {"iterations": 2})
    here.ok("POST", "/v1/models/m/retire", {})


def lived(aws: MotoAws, share: float) -> tuple[dict[str, list[str]], Throttling]:
    """All that the store holds after a life of whose requests a share was refused."""
    place = OnAws(aws)
    here = world(place.begin(), settings=Settings(slice_seconds=0.0))
    throttling = aws.throttle(share, seed=1)
    life(here)
    aws.rules.throttling = None
    held = place.look()
    held["records"] = [one for one in held["records"] if "/windows/" not in one]  # how long an answer took
    return held, throttling


@pytest.mark.slow
def test_a_life_of_which_a_fifth_of_all_requests_is_refused_ends_like_any_other(aws: MotoAws) -> None:
    expected, _ = lived(aws, 0.0)
    found, throttling = lived(aws, SHARE)
    assert throttling.refused.keys() == EVERY_KIND
    assert sum(throttling.refused.values()) > 20
    assert found == expected


def test_a_counter_of_several_threads_ends_exact(aws: MotoAws) -> None:
    store = aws_store(aws)
    throttling = aws.throttle(SHARE, seed=2)

    def count() -> int:
        unsure = done = 0
        while done + unsure < EACH:
            record = store.records.get("p", "counter")
            value, revision = (int(record.body), record.revision) if record else (0, 0)
            try:
                store.records.write(
                    [Put("p", "counter", b"%d" % (value + 1), revision), Check("p", "none", 0)]
                )
                done += 1
            except Lost:
                pass
            except Unavailable:
                unsure += 1  # it was refused as often as it was sent
        return done

    counted = sum(together([count] * THREADS))
    record = store.records.get("p", "counter")
    assert record is not None
    assert (int(record.body), record.revision) == (counted, counted)
    assert throttling.refused


@pytest.fixture
def store(aws: MotoAws) -> Store:
    store = aws_store(aws)
    store.records.write([Put("p", "old", b"old", 0)])
    store.blobs.put("w/old", b"old")
    return store


def test_where_all_is_refused_nothing_is_done_and_everybody_hears_so(aws: MotoAws, store: Store) -> None:
    throttling = aws.throttle(1.0)
    for call in (
        partial(store.records.get, "p", "old"),
        partial(store.records.query, "p"),
        partial(store.records.write, [Put("p", "new", b"", 0)]),
        partial(store.records.write, [Delete("p", "old", 1)]),
        partial(store.records.write, [Put("p", "new", b"", 0), Delete("p", "old", 1)]),
        partial(store.blobs.put, "w/new", b""),
        partial(store.blobs.get, "w/old"),
        partial(store.blobs.size, "w/old"),
        partial(store.blobs.keys, "w/"),
        partial(store.blobs.delete, "w/old"),
    ):
        before = sum(throttling.refused.values())
        with pytest.raises(Unavailable):
            call()
        assert sum(throttling.refused.values()) >= before + SENDS
    aws.rules.throttling = None
    assert [record.key for record in store.records.query("p")] == ["old"]
    assert store.blobs.keys("") == ["w/old"]
