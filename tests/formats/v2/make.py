"""Make the data of this folder: ``python -m tests.formats.v2.make`` from the top, on commit c6031b0.

The script is kept to say what the data holds. It need not run on later code, and nothing collects or imports it.

- ``lepton-folder.tar.gz``: a ``.lepton`` folder. Records and files are the same on AWS, of whose table and bucket `v1`
  has an example.
- ``expected.json``: what the code of that commit said of it (`tests.formats.versions`), what the models answered, and
  how the runs under way ended when that code went on with them.
"""

import json
import tarfile
import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from functions.settings import Settings
from tests.formats import facts, versions
from tests.support import stores
from tests.support.faults import FaultyBlobs, FaultyRecords, Killed, KillSwitch
from tests.support.watched import Call, WatchedRecords
from tests.support.world import Ids, World, csv_of, world

HERE = Path(__file__).parent
COMMIT = "c6031b0"
BEGAN = datetime(2026, 11, 29, 12, tzinfo=UTC)
COLOURS, SHARES = ("red", "green", "blue", ""), (0.4, 0.3, 0.2, 0.1)
SLICED = Settings(slice_seconds=0.0)
MANUAL = {"update": "manual"}
BLEND = {"auto": True, "trials": 2, "members": 2, "seed": 1}


def mixed(kind: str, rows: int, seed: int) -> bytes:
    """Two numbers, one with gaps, a category with gaps, and a label: a plane that lines find, a corner for trees."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-2, 2, size=(2, rows))
    colour = np.array(COLOURS)[rng.choice(4, rows, p=SHARES)]
    gaps = rng.random(rows) < 0.1
    score = 2 * a + b + 3 * ((a > 0) & (b > 0)) + (colour == "red") + rng.logistic(size=rows) / 2
    label = np.where(score > 1, "yes", "no") if kind == "classes" else (3 * score).round(3)
    return csv_of(
        {"a": a.round(4).tolist(), "b": ["" if gap else f"{x:.4f}" for x, gap in zip(b, gaps, strict=True)],
         "colour": colour, "label": label}
    )  # fmt: skip


def copies(classes: int, rows: int = 140) -> bytes:
    """Columns that say the same, of which naive Bayes is too sure."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=rows)
    score = x + rng.normal(scale=0.8, size=rows)
    cuts = [0.0] if classes == 2 else [-0.5, 0.5]
    label = np.array(["x", "y", "z"])[np.digitize(score, cuts)]
    columns = {f"x{j}": (x + rng.normal(scale=0.05, size=rows)).round(3).tolist() for j in range(4)}
    return csv_of({**columns, "label": label})


def stairs(rows: int = 500) -> bytes:
    """A class whose chance goes up in two steps, which no sigmoid is."""
    rng = np.random.default_rng(6)
    a = rng.uniform(-2, 2, size=rows).round(2)
    chance = np.where(a < -1.5, 0.01, np.where(a < 1.5, 0.5, 0.99))
    return csv_of({"a": a.tolist(), "label": np.where(rng.random(rows) < chance, "yes", "no")})


def sales(days: int = 90) -> bytes:
    """A series with what was known a day and a week before."""
    rng, value = np.random.default_rng(8), 10.0
    series = []
    for day in range(days + 7):
        value = 0.7 * value + 3 + 2 * np.sin(day * 2 * np.pi / 7) + rng.normal(scale=0.5)
        series.append(round(float(value), 3))
    return csv_of(
        {"day": [date(2026, 1, 1) + timedelta(at) for at in range(days)], "sales 1 before": series[6:-1],
         "sales 7 before": series[:-7], "sales": series[7:]}
    )  # fmt: skip


def trained(here: World, name: str, algorithm: str, csv: bytes, **given: Any) -> None:
    """A model whose first version is deployed."""
    here.ok("POST", "/v1/models", {"name": name, "algorithm": algorithm, "policy": MANUAL})
    assert here.upload(csv, name, label="sales" if name == "sales" else "label")["state"] == "accepted"
    run = here.ok("POST", f"/v1/models/{name}/train", given)
    ended = here.ok("GET", f"/v1/runs/{run['id']}")
    assert ended["state"] == "succeeded", ended
    here.ok("POST", f"/v1/models/{name}/deploy", {})


def served(here: World) -> None:
    """One model of each kind that there is."""
    both = {"calibrate": True, "uncertainty": True}
    trained(here, "blend", "logistic_regression", mixed("classes", 60, 4), **BLEND, megabytes=0.2)
    here.ok("POST", "/v1/models/blend/evaluate", {"folds": 2})
    here.ok("PUT", "/v1/models/blend/versions/1/threshold", {"recall": 0.9, "label": "yes"})
    trained(here, "values", "linear_regression", mixed("values", 60, 2), **BLEND)
    trained(here, "platt", "naive_bayes", copies(2), **both, refit=False)
    here.ok("PUT", "/v1/models/platt/versions/1/threshold", {"costs": {"y": 5.0, "x": 1.0}})
    trained(here, "scaled", "naive_bayes", copies(3), **both, refit=False)
    here.ok("PUT", "/v1/models/scaled/versions/1/threshold", {"costs": {"z": 4.0}})
    trained(here, "steps", "logistic_regression", stairs(), **both, refit=False)
    bounds = {"monotone": {"a": 1}, "interactions": [["a"], ["b", "colour"]], "iterations": 12}
    trained(here, "bound", "gradient_boosting", mixed("classes", 80, 3), hyperparameters=bounds)
    split = {"by": "time", "column": "day"}
    trained(here, "sales", "linear_regression", sales(), split=split, uncertainty=True)
    for name, wanted in (("platt", "platt"), ("scaled", "platt"), ("steps", "isotonic")):
        assert here.ok("GET", f"/v1/models/{name}/versions/1/evaluation")["calibrated"]["chosen"] == wanted
    for name in ("blend", "values"):
        assert len(here.ok("GET", f"/v1/models/{name}/versions/1")["members"]) == 2


def killed_after(here: World, task: str, step: str, body: dict[str, Any]) -> str:
    """A run whose process was killed as soon as the result of that task was written."""
    kill = KillSwitch()

    def watch(call: Call) -> None:
        found = {write.key for write in call.writes if write.partition.startswith("default/results/")}
        kill.dead = kill.dead or task in found

    records = FaultyRecords(WatchedRecords(here.platform.records, after=watch), kill)
    dying = here.again(records=records, blobs=FaultyBlobs(here.platform.blobs, kill), settings=SLICED)
    with suppress(Killed):
        dying.ok("POST", f"/v1/models/{step}", body)
    assert kill.dead
    run: str = here.ok("GET", "/v1/runs")["items"][0]["id"]
    assert here.ok("GET", f"/v1/runs/{run}")["state"] == "running"
    return run


def under_way(here: World) -> dict[str, str]:
    """The update of a blend that has learnt out of fold, a search among its trials, and fits without a fold each."""
    trained(here, "updating", "logistic_regression", mixed("classes", 60, 11), **BLEND)
    assert here.upload(mixed("classes", 100, 12), "updating")["version"] == 2
    found = {"updating": killed_after(here, "learn", "updating/update", {})}
    for name, algorithm in (("searching", "naive_bayes"), ("asking", "decision_tree")):
        here.ok(
            "POST", "/v1/models", {"name": name, "algorithm": algorithm, "dataset": "blend", "policy": MANUAL}
        )
    search = {"auto": "hyperparameters", "trials": 2, "calibrate": True, "seed": 2}
    found["searching"] = killed_after(here, "trial-0-1", "searching/train", search)
    found["asking"] = killed_after(here, "out-2", "asking/train", {"calibrate": True, "uncertainty": True})
    return found


def tell(here: World) -> dict[str, Any]:
    """The whole story, and what the platform then says; nothing is in memory only."""
    here.clock.now = BEGAN
    served(here)
    runs = under_way(here)
    return {"now": here.clock().isoformat(), "runs": runs, "seen": versions.seen(here.again())}


def went_on(here: World, told: dict[str, Any]) -> dict[str, Any]:
    """What the models answer, and how everything under way ends, when this code goes on."""
    after = here.again(new_id=Ids(100_000))
    told["answers"] = versions.answers(after)
    after.clock.forward(600)
    after.event("sweep_minutely")
    told["ends"] = versions.ends(after, told["runs"])
    return told


def main() -> None:
    """Make everything."""
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / ".lepton"
        with stores.disk_store(folder) as store:
            here = world(store)
            told = tell(here)
        with tarfile.open(HERE / "lepton-folder.tar.gz", "w:gz", compresslevel=9) as tar:
            tar.add(folder, ".lepton")
        with stores.disk_store(folder) as store:
            again = World(here.again(records=store.records, blobs=store.blobs).platform, here.clock)
            told = facts.plain(went_on(again, told))
    said = {"commit": COMMIT, "arithmetic": facts.arithmetic(), **told}
    lines = (f"{json.dumps(name)}: {json.dumps(one, sort_keys=True)}" for name, one in sorted(said.items()))
    (HERE / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
