"""Files of exported versions, made once a process, and what their platform said of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tests.support.stores import memory_store
from tests.support.world import World, csv_of, two_classes, world

ROWS = {"rows": [{"a": 1.5, "b": -0.4}, {"a": None, "b": 3.0}], "explain": True}
"""To be predicted by `Exported.file`, which answers `Exported.predicted`."""

_FILE = "/v1/models/{}/versions/{}/export/file"


@dataclass(frozen=True)
class Exported:
    """``file`` is version 1 of the model "m", with a rule for labels and two fits; ``other`` is its version 2.

    ``record``, ``told`` and ``predicted`` are what its platform says of version 1. ``said`` learnt from data
    whose column "junk" is left out.
    """

    file: bytes
    other: bytes
    record: dict[str, Any]
    told: dict[str, Any]
    predicted: dict[str, Any]
    said: bytes


@cache
def exported() -> Exported:
    """The files, of small versions."""
    here = world(memory_store())
    here.trained(two_classes(120), iterations=5, refit=True)
    here.ok("POST", "/v1/models/m/train", {"iterations": 7, "refit": False})
    here.ok("PUT", "/v1/models/m/versions/1/threshold", {"recall": 0.9})
    here.ok("POST", "/v1/models/m/deploy", {"version": 1})
    path = "/v1/models/m/versions/1"
    return Exported(
        here.ok("GET", _FILE.format("m", 1)),
        here.ok("GET", _FILE.format("m", 2)),
        here.ok("GET", path),
        {one: here.ok("GET", f"{path}/{one}") for one in ("card", "evaluation", "threshold")},
        here.ok("POST", "/v1/models/m/predict", ROWS),
        _said(here),
    )


def _said(here: World) -> bytes:
    here.ok("POST", "/v1/models", {"name": "said", "algorithm": "logistic_regression"})
    csv = (
        two_classes(60)
        .replace(b"label", b"label,junk", 1)
        .replace(b"yes\n", b"yes,1\n")
        .replace(b"no\n", b"no,2\n")
    )
    sent = here.ok(
        "POST", "/v1/datasets/said/upload", {"size": len(csv), "exclude": ["junk"], "label": "label"}
    )
    here.ok("PUT", sent["url"], csv)
    here.ok("POST", "/v1/models/said/train", {"iterations": 5})
    file: bytes = here.ok("GET", _FILE.format("said", 1))
    return file


@cache
def of_kind(kind: str) -> tuple[bytes, Any, Any]:
    """The file of a "blend", of a "value" with intervals or of a "sure" class; what it predicts, asked what."""
    here, asked = world(memory_store()), {"rows": [{"a": 0.5, "b": -1.0}], "coverage": 0.9}
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-1, 1, size=(240, 2)).T
    score = 2 * a + b + 2 * ((a > 0) & (b > 0)) + rng.logistic(size=240) / 2
    columns = {"a": a.tolist(), "b": b.tolist()}
    if kind == "value":
        csv = csv_of({**columns, "y": score.tolist()})
        here.trained(csv, kind, "linear_regression", uncertainty=True)
    else:
        csv = csv_of({**columns, "label": np.where(score > 0.5, "yes", "no")})
        more = (
            {"auto": True, "trials": 5, "members": 3, "seed": 1, "refit": True}
            if kind == "blend"
            else {"calibrate": True}
        )
        here.trained(csv, kind, uncertainty=True, **more)
    here.ok("POST", f"/v1/models/{kind}/deploy", {})
    return here.ok("GET", _FILE.format(kind, 1)), here.ok("POST", f"/v1/models/{kind}/predict", asked), asked


def imported(here: World, file: bytes, model: str = "m", **said: Any) -> Any:
    """Announce, send and follow a file."""
    announced = here.ok("POST", f"/v1/models/{model}/import", {"size": len(file), **said})
    path = f"/v1/models/{model}/import/{announced['id']}"
    here.ok("PUT", path, file)
    return here.ok("GET", path)
