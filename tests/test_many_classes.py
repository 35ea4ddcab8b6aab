"""A prediction whose answer is too large for one call is cut by the SDK, and comes back whole and in order."""

from pathlib import Path

import pytest

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from tests.support.world import csv_of


def test_it_is_cut(tmp_path: Path) -> None:
    labels = [f"c{x % 40:02d}" for x in range(400)]
    (tmp_path / "data.csv").write_bytes(
        csv_of({"a": [x % 40 for x in range(400)], "b": list(range(400)), "label": labels})
    )
    transport = EmbeddedTransport(tmp_path / "state")
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_csv(tmp_path / "data.csv", quiet=True))
    model.train(iterations=20)
    model.deploy()
    rows = [[x % 40, x] for x in range(4000)]
    together = model.predict(rows)
    assert len(together) == 4000
    for at in (0, 1999, 2000, 3999):
        alone = model.predict(rows[at])
        assert together[at].label == alone.label
        assert together[at].probabilities == pytest.approx(alone.probabilities)
    transport.close()
