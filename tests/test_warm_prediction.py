"""A warm prediction over the embedded transport does no storage call: they are counted."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from functions.context import Context
from functions.serving.cache import Cache
from infra.local import stack as local
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from tests.support.faults import CountingBlobs, CountingRecords
from tests.support.world import two_classes


def test_it_counts_none(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(two_classes())
    calls: Counter[str] = Counter()
    opened = local.open_embedded(tmp_path / "state", background=False)
    platform = opened.platform
    context = Context(
        records=CountingRecords(platform.records, calls), blobs=CountingBlobs(platform.blobs, calls)
    )
    counted = replace(
        platform,
        records=context.records,
        blobs=context.blobs,
        loaded=Cache(context, background=True),
    )
    transport = EmbeddedTransport(tmp_path / "state", opener=lambda _: replace(opened, platform=counted))
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(tmp_path / "data.csv", quiet=True))
    model.train(iterations=10)
    model.deploy()
    assert calls.total() > 0

    calls.clear()
    model.predict({"a": 0.0, "b": 1.0})
    assert calls["blobs.get"] == 1, "the first prediction loads the version"
    calls.clear()
    for _ in range(200):
        model.predict([{"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 0.0}])
    assert calls == {}

    counted.loaded.flush()
    transport.close()
    assert calls["records.write"] == 1, "the traffic of all predictions is one window"
