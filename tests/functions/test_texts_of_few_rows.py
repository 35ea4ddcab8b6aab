"""A text that fewer than five rows have, as a name or a mail address, stands in nothing that is kept of a model."""

import base64
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pytest

from lepton_core.models import ALGORITHMS
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.transformers import TRANSFORMERS
from tests.support.memory_store import MemoryBlobs, MemoryRecords
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

ROWS = 120
OF_DATA = ("default/incoming/", "default/tables/", "default/dataset_versions/", "default/uploads/")
"""Where files and tables lie, with their reports: they hold the rows by design."""

MARK, HOST = "zq-sécret", "@zq-mail.de"
PLANTED = {
    "a rare level": [f"{MARK}{i // 4}a{HOST}" if i < 16 else "Bonn" if i % 2 else "Ulm" for i in range(ROWS)],
    "all rare": [f"{MARK}{i // 3}b{HOST}" for i in range(ROWS)],
    "gaps": [f"{MARK}{i}c{HOST}" if i < 12 else "" for i in range(ROWS)],
    "id": [f"{MARK}{i}d{HOST}" for i in range(ROWS)],
    "note": [f"please call {MARK}{i}e{HOST} at once, it is {'late' if i % 3 else 'broken'}" for i in range(ROWS)],
    "stray": [f"{MARK}f{HOST}" if i == 7 else str(i % 50 / 4) for i in range(ROWS)],
    "once": [f"{MARK}g{HOST}" if i == 9 else "" for i in range(ROWS)],
}  # fmt: skip
KINDS = {
    "a rare level": "category",
    "all rare": "category",
    "gaps": "category",
    "id": "identifier",
    "note": "text",
}


def spellings(text: str) -> Iterator[bytes]:
    """How ``text`` may be written among others, in whatever place of a base64 text too."""
    utf8 = text.encode()
    yield from (utf8, text.encode("utf-16-le"), json.dumps(text)[1:-1].encode(), utf8.hex().encode())
    for before in range(3):
        coded = base64.b64encode(b"x" * before + utf8).rstrip(b"=")
        yield coded[(0, 2, 3)[before] : -1]


FORBIDDEN = [*spellings(MARK), *spellings(HOST)]


class Keeping(dict[Any, Any]):
    """A dict that remembers all that ever was in it."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: list[tuple[Any, Any]] = []

    def __setitem__(self, key: Any, value: Any) -> None:
        self.ever.append((key, value))
        super().__setitem__(key, value)


def kept_store() -> Store:
    """A store in memory that forgets nothing."""
    return Store("memory", MemoryRecords(held=Keeping()), MemoryBlobs(held=Keeping()))


def of_models(store: Store) -> Iterator[tuple[str, bytes]]:
    """Every blob and record that ever was stored and is not of the data, by its key."""
    records, blobs = store.records, store.blobs
    assert isinstance(records, MemoryRecords) and isinstance(blobs, MemoryBlobs)
    assert isinstance(records.held, Keeping) and isinstance(blobs.held, Keeping)
    of_records = (("/".join(place), record.body) for place, record in records.held.ever)
    for key, body in chain(blobs.held.ever, of_records):
        if not key.startswith(OF_DATA):
            yield key, body


def found_in(body: bytes) -> list[bytes]:
    return [one for one in FORBIDDEN if one in body]


def table(task: str, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=ROWS)
    y = x + rng.normal(size=ROWS) if task == "regression" else np.where(x > 0, "yes", "no")
    return csv_of(
        {**{name: [f'"{cell}"' for cell in cells] for name, cells in PLANTED.items()}, "x": x, "y": y}
    )


def uploaded(here: World, task: str, seed: int = 0) -> None:
    csv = table(task, seed)
    asked = {"size": len(csv), "label": "y", "kinds": KINDS, "bad_rows": 0.1}
    announced = here.ok("POST", "/v1/datasets/m/upload", asked)
    path = f"/v1/datasets/m/upload/{announced['id']}"
    here.ok("PUT", path, csv)
    assert here.ok("GET", path)["state"] == "accepted", here.ok("GET", path)


def lived(here: World, algorithm: str, preprocessor: Preprocessor | None = None) -> None:
    """A model through its life: trained and evaluated, served and watched, its prediction explained, updated."""
    task = "regression" if algorithm == "linear_regression" else "classification"
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": algorithm})
    uploaded(here, task)
    if preprocessor is not None:
        here.ok("PUT", "/v1/models/m/preprocessor", {"preprocessor": preprocessor.as_dict()})
    for step in ("train", "evaluate", "update"):
        run = here.ok("POST", f"/v1/models/m/{step}", {"folds": 2} if step == "evaluate" else {})
        run = here.ok("GET", f"/v1/runs/{run['id']}")
        assert run["state"] == "succeeded", run
        if step == "train":
            here.ok("POST", "/v1/models/m/deploy", {})
            uploaded(here, task, seed=1)
    rows = [{name: cells[i] for name, cells in PLANTED.items() if name != "stray"} for i in range(40)]
    here.ok("POST", "/v1/models/m/predict", {"rows": [{**row, "x": 0.5, "stray": 1.5} for row in rows]})
    here.refused("POST", "/v1/models/m/predict", {"rows": [{**rows[0], "x": f"{MARK}{HOST}"}]})
    here.platform.loaded.flush()
    here.ok("POST", "/v1/models/m/monitor")


def test_the_texts_would_be_found() -> None:
    text = f"call {MARK}17{HOST}!"
    for written in (
        text.encode(),
        text.encode("utf-16-le"),
        json.dumps(text).encode(),
        text.encode().hex().encode(),
    ):
        assert len(found_in(written)) >= 2, written
    for before in ("", "a", "ab"):
        assert len(found_in(base64.b64encode((before + text).encode()))) >= 2
    store = kept_store()
    uploaded(world(store), "classification")
    assert isinstance(store.blobs, MemoryBlobs)
    assert all(found_in(body) for key, body in store.blobs.held.items() if key.startswith(OF_DATA))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_whatever_is_trained(algorithm: str) -> None:
    store = kept_store()
    lived(world(store), algorithm)
    assert [(key, found_in(body)) for key, body in of_models(store) if found_in(body)] == []


CATEGORIES = ["a rare level", "all rare", "gaps"]
CHAINS = {
    "OneHot": Preprocessor.empty().add("OneHot", input=[*CATEGORIES, "id", "note"]),
    "Ordinal": Preprocessor.empty().add("Ordinal", input=CATEGORIES[:2]),
    "TargetEncode": Preprocessor.empty().add("TargetEncode", input=CATEGORIES),
    "Hash": Preprocessor.empty().add("Hash", input=[*CATEGORIES, "id", "note"]),
    "TextHash": Preprocessor.empty().add("TextHash", input=[*CATEGORIES, "note"], size=8, pairs=True),
    "Impute": Preprocessor.empty()
    .add("Impute", input=CATEGORIES, strategy="most_frequent")
    .add("OneHot", input=CATEGORIES),
    "Drop": Preprocessor.empty().add("Drop", input=CATEGORIES),
    "Select": Preprocessor.empty().add("Select", input=[*CATEGORIES, "x"]),
}


def test_each_transformer_that_reads_texts_is_looked_at() -> None:
    reading = {
        name
        for name, one in TRANSFORMERS.items()
        if {"category", "text"} & one.reads({"strategy": "most_frequent"})
    }
    assert set(CHAINS) >= reading


@pytest.mark.sampled(4)
@pytest.mark.parametrize("transformer", sorted(CHAINS))
def test_whatever_reads_them(transformer: str) -> None:
    store = kept_store()
    lived(world(store), "logistic_regression", CHAINS[transformer])
    assert [(key, found_in(body)) for key, body in of_models(store) if found_in(body)] == []
