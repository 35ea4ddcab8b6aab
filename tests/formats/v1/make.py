"""Make the data of this folder: ``python -m tests.formats.v1.make`` from the top, on commit 0f2cce1.

The script is kept to say what the data holds. It need not run on later code, and nothing collects or imports it.

- ``lepton-folder.tar.gz``: a ``.lepton`` folder. ``table.json.gz`` and ``bucket.json.gz``: a DynamoDB table and an S3
  bucket, made by the same story.
- ``expected.json``: what the code of that commit said of it (`tests.formats.facts`), what the models answered, and how
  the runs under way ended when that code went on with them.
"""

import base64
import gzip
import io
import json
import tarfile
import tempfile
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from functions.keys import issue_key
from functions.landing import incoming_key
from functions.platform import Platform, Settings
from functions.runner import TaskResult, drive
from functions.runner.drive import work
from functions.values import Run

from functions.storage import Workspace
from lepton_core.preprocess import Preprocessor
from tests.formats import facts
from tests.support import stores
from tests.support.faults import Killed
from tests.support.moto_aws import BUCKET, TABLE, MotoAws, moto_aws
from tests.support.runners import IdleRunner
from tests.support.world import Ids, World, csv_of, world

HERE = Path(__file__).parent
COMMIT = "0f2cce1"
BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)
COLOURS, SHARES = ("red", "green", "blue", None), (0.4, 0.3, 0.2, 0.1)
SLICED = Settings(slice_seconds=0.0)


class DyingRunner:
    """Does ``tasks`` tasks, whose results are written; then the process is gone, with the lease in its hand."""

    def __init__(self, tasks: int) -> None:
        self.left = tasks

    def start(self, platform: Platform, workspace: str, run: str) -> None:
        drive(platform, workspace, run, partial(self._submit, platform), self._stopping)

    def take_up(self, platform: Platform, workspace: str, run: str, stopping: Any = None) -> None:
        self.start(platform, workspace, run)

    def close(self) -> None: ...

    def _submit(self, platform: Platform, store: Workspace, run: Run, task: str) -> "Future[TaskResult]":
        future: Future[TaskResult] = Future()
        if self.left > 0:
            self.left -= 1
            future.set_result(work(platform, store, run, task))
        return future

    def _stopping(self) -> bool:
        if self.left == 0:
            raise Killed
        return False


def table(rows: int, seed: int) -> bytes:
    """Two numbers, one with gaps, a category with gaps, and a class that depends on them."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=rows), rng.normal(size=rows)
    colour = np.array([one or "" for one in COLOURS])[rng.choice(4, rows, p=SHARES)]
    label = np.where(a + b + (colour == "red") + rng.normal(scale=0.5, size=rows) > 0.4, "yes", "no")
    gaps = rng.random(rows) < 0.1
    return csv_of(
        {"a": a.round(4).tolist(), "b": ["" if gap else f"{x:.4f}" for x, gap in zip(b, gaps, strict=True)],
         "colour": colour, "label": label}
    )  # fmt: skip


def line(rows: int = 120) -> bytes:
    rng = np.random.default_rng(7)
    u, v = rng.normal(size=rows), 10 * rng.normal(size=rows)
    y = 3 * u - 0.2 * v + 1 + 0.1 * rng.normal(size=rows)
    return csv_of({"u": u.round(4).tolist(), "v": v.round(4).tolist(), "y": y.round(4).tolist()})


def traffic(here: World, seed: int, *, a: float = 0.0, b: float = 0.0) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        {"a": float(x) + a, "b": None if rng.random() < 0.1 else float(y) + b, "colour": COLOURS[at]}
        for (x, y), at in zip(rng.normal(size=(300, 2)).round(4), rng.choice(4, 300, p=SHARES), strict=True)
    ]
    here.ok("POST", "/v1/models/m/predict", {"rows": rows})
    here.ok("POST", "/v1/models/m/monitor", query={"hours": "1"})
    here.clock.forward(3600)


def life(here: World) -> None:
    """Of the model 'm': trained, evaluated, deployed, watched, updated, watched again."""
    here.trained(table(240, 1), "m", iterations=60, learning_rate=0.5)
    here.ok("POST", "/v1/models/m/evaluate", {"folds": 3})
    here.ok("POST", "/v1/models/m/deploy", {})
    traffic(here, 11)
    traffic(here, 12, a=3.0)
    traffic(here, 13)
    assert here.upload(table(400, 2))["version"] == 2
    run = here.ok("POST", "/v1/models/m/update", {"iterations": 200})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["outcome"]["promoted"]
    traffic(here, 14)
    traffic(here, 15, b=-3.0)
    status, _ = here.ask("POST", "/v1/models/m/predict", {"rows": [{"a": "text"}]})
    assert status in (400, 422), status
    here.ok("GET", "/v1/models/m/monitor")


def others(here: World) -> None:
    """Further models, all of the dataset 'm' but one; each deployed, and one of them retired."""
    for name, algorithm, given in (
        ("forest", "random_forest", {"hyperparameters": {"trees": 5, "max_depth": 4}}),
        ("boosted", "gradient_boosting", {"iterations": 8, "hyperparameters": {"max_depth": 3}}),
        ("found", "logistic_regression", {"auto": True, "trials": 5, "seed": 3}),
        ("old", "logistic_regression", {"iterations": 5}),
    ):
        here.ok("POST", "/v1/models", {"name": name, "algorithm": algorithm, "dataset": "m"})
        run = here.ok("POST", f"/v1/models/{name}/train", given)
        assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded", run
        here.ok("POST", f"/v1/models/{name}/deploy", {})
    here.ok("POST", "/v1/models/old/retire", {})
    here.ok("POST", "/v1/models", {"name": "line", "algorithm": "linear_regression"})
    here.upload(line(), "line")
    chain = Preprocessor().add("Normalize", input=["u", "v"], output="scaled")
    here.ok("PUT", "/v1/models/line/preprocessor", {"preprocessor": chain.as_dict()})
    here.ok("POST", "/v1/models/line/train", {})
    here.ok("POST", "/v1/models/line/deploy", {})


def uploads(here: World) -> None:
    """One that is refused, one whose file landed and whose event was lost, one whose file never came."""
    assert here.upload(b"a,label\n1,yes\nnan,no\n", "bad")["state"] == "rejected"
    late = here.ok("POST", "/v1/datasets/late/upload", {"size": len(table(50, 5))})
    here.platform.blobs.put(
        incoming_key(here.platform.workspace("default"), "late", late["id"]), table(50, 5)
    )
    here.ok("POST", "/v1/datasets/never/upload", {"size": 10})


def under_way(here: World) -> dict[str, str]:
    """Runs that nobody took up, or whose worker died: in a fit, a search, an evaluation and an update."""
    for name in ("waiting", "fitting", "searching"):
        here.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression", "dataset": "m"})
    here.ok("POST", "/v1/models", {"name": "updating", "algorithm": "logistic_regression", "dataset": "m"})
    here.ok("POST", "/v1/models/updating/train", {"dataset_version": 1, "iterations": 5})
    here.ok("POST", "/v1/models/updating/deploy", {})
    idle = here.again(runner=IdleRunner())
    found = {
        "waiting": idle.ok(
            "POST", "/v1/models/waiting/train", {"iterations": 20}, headers={"idempotency-key": "once"}
        )["id"]
    }
    for name, step, given, tasks in (
        ("fitting", "fitting/train", {"iterations": 40, "learning_rate": 0.5}, 3),
        ("searching", "searching/train", {"auto": True, "trials": 5, "seed": 4}, 4),
        ("evaluating", "m/evaluate", {"folds": 4, "seed": 1}, 3),
        ("updating", "updating/update", {"iterations": 30}, 2),
    ):
        dying = here.again(runner=DyingRunner(tasks), settings=SLICED)
        with suppress(Killed):
            dying.ok("POST", f"/v1/models/{step}", given)
        found[name] = here.ok("GET", "/v1/runs")["items"][0]["id"]
        assert here.ok("GET", f"/v1/runs/{found[name]}")["tasks_done"] > 0
    return found


def keys(here: World) -> dict[str, str]:
    """The text of a good key and of a revoked one."""
    made = {}
    for name in ("good", "revoked"):
        key, made[name] = issue_key(
            here.platform.system,
            workspace="default",
            scopes=["read", "write", "predict", "admin"],
            name=name,
            now=here.clock(),
        )
        if name == "revoked":
            here.ok("DELETE", f"/v1/keys/{key.id}")
    return made


def tell(here: World) -> dict[str, Any]:
    """The whole story, and what the platform then says; nothing is in memory only."""
    here.clock.now = BEGAN
    life(here)
    others(here)
    uploads(here)
    runs = under_way(here)
    secrets = keys(here)
    here.platform.served.flush(here.platform)
    fresh = here.again()
    return {
        "now": here.clock().isoformat(),
        "runs": runs,
        "keys": secrets,
        "seen": facts.seen(fresh, [("m", 1), ("m", 2)]),
    }


def went_on(here: World, told: dict[str, Any]) -> dict[str, Any]:
    """What the models answer, and how everything under way ends, when this code goes on."""
    after = here.again(new_id=Ids(100_000))
    told["answers"] = facts.answers(after)
    after.clock.forward(600)
    after.event("sweep_minutely")
    told["ends"] = facts.ends(after, told["runs"])
    told["late"] = facts.seen(after, [])["datasets"]["late"]
    return told


def on_disk() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / ".lepton"
        with stores.disk_store(folder) as store:
            here = world(store)
            told = tell(here)
        with tarfile.open(HERE / "lepton-folder.tar.gz", "w:gz", compresslevel=9) as tar:
            tar.add(folder, ".lepton")
        with stores.disk_store(folder) as store:
            again = World(here.again(records=store.records, blobs=store.blobs).platform, here.clock)
            return went_on(again, told)


def on_aws(aws: MotoAws) -> dict[str, Any]:
    here = world(stores.aws_store(aws))
    told = tell(here)
    _write("table.json.gz", aws.clients.dynamodb.scan(TableName=TABLE)["Items"])
    _write(
        "bucket.json.gz", [_object(aws.clients.s3, key) for key in here.platform.blobs.keys("", limit=1000)]
    )
    return went_on(here, told)


def _object(s3: Any, key: str) -> dict[str, Any]:
    found = s3.get_object(Bucket=BUCKET, Key=key)
    return {"key": key, "metadata": found["Metadata"], "body": found["Body"].read()}


def _write(name: str, value: Any) -> None:
    def encode(other: Any) -> str:
        return base64.b64encode(bytes(other)).decode()

    raw = io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write(json.dumps(value, default=encode, sort_keys=True).encode())
    (HERE / name).write_bytes(raw.getvalue())


def main() -> None:
    """Make everything; what differs between the stores is said apart."""
    disk = facts.plain(on_disk())
    with moto_aws() as aws:
        table_and_bucket = facts.plain(on_aws(aws))
    secrets = {"disk": disk.pop("keys"), "aws": table_and_bucket.pop("keys")}
    assert disk == table_and_bucket
    expected = {"commit": COMMIT, "arithmetic": facts.arithmetic(), "keys": secrets, **disk}
    lines = (
        f"{json.dumps(name)}: {json.dumps(said, sort_keys=True)}" for name, said in sorted(expected.items())
    )
    (HERE / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
