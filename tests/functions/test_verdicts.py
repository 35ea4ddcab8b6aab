"""The verdict of an update: what the held-out rows show of a challenger, and what follows from that."""

from typing import Any

import numpy as np
import pytest

from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world


def updated(here: World, **body: Any) -> Any:
    run = here.ok("POST", "/v1/models/m/update", body)
    return here.ok("GET", f"/v1/runs/{run['id']}")


def test_the_verdict_keeps_what_the_rows_show(store: Store) -> None:
    here = world(store)
    here.trained(two_classes(120), iterations=100)
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(two_classes(1200, seed=1))
    outcome = updated(here, iterations=100)["outcome"]
    found = outcome["comparison"]
    losses = outcome["champion"]["loss"] - outcome["challenger"]["loss"]
    assert found["difference"] == pytest.approx(losses)
    assert outcome["margin"] == pytest.approx(0.02 * outcome["champion"]["loss"])
    assert found["rows"] == found["blocks"] >= 200
    assert -outcome["margin"] <= found["low"] < found["difference"] < found["high"]
    assert found["detectable"] > found["error"] > 0
    assert 0.5 < found["auc"]["champion"] <= 1 and 0 <= found["hits"]["p"] <= 1


def test_few_rows_show_little_and_the_champion_stays(store: Store) -> None:
    here = world(store)
    noisy = np.random.default_rng(0)

    def rows(count: int) -> bytes:
        a, noise = noisy.normal(size=(2, count))
        return csv_of({"a": a.tolist(), "label": np.where(a + 2 * noise > 0, "yes", "no").tolist()})

    here.trained(rows(60))
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(rows(60))
    outcome = updated(here)["outcome"]
    assert outcome["promoted"] is False
    assert "not shown; these" in outcome["reason"]
    assert outcome["comparison"]["low"] < -outcome["margin"] < 0 < outcome["comparison"]["high"]
    model = here.ok("GET", "/v1/models/m")
    assert (model["latest"], model["champion"], model["challenger"]) == (2, 1, 2)
    here.upload(rows(60))
    here.ok("PUT", "/v1/models/m/policy", {"margin": 10.0})
    assert updated(here)["outcome"]["promoted"] is True


def test_the_rows_of_a_group_are_one_piece_of_evidence(store: Store) -> None:
    here = world(store)

    def rows(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        a, noise = rng.normal(size=(2, 400))
        who = [f"g{i % 40}" for i in range(400)]
        label = np.where(a + noise > 0, "yes", "no").tolist()
        return csv_of({"a": a.tolist(), "who": who, "label": label})

    here.trained(rows(0), split={"by": "group", "column": "who"})
    here.ok("POST", "/v1/models/m/deploy", {})
    here.upload(rows(1))
    outcome = updated(here)["outcome"]
    found = outcome["comparison"]
    assert found["blocks"] * 10 == found["rows"] > 50
    assert (found.get("auc"), found.get("hits")) == (None, None)
    assert f"rows in {found['blocks']} blocks" in outcome["reason"]
