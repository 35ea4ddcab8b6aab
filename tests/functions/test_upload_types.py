"""A file is taken under each media type of a form that is read; its content says what it is."""

import gzip
import json

import pytest

from app import app
from functions.edge.media_types import FILES
from tests.support.stores import Store
from tests.support.world import World, world
from tests.support.written_files import ndjson, parquet, xlsx

ROWS = [[at, at % 3, "no" if at < 20 else "yes"] for at in range(40)]
OBJECTS = [dict(zip("aby", row, strict=True)) for row in ROWS]
TEXT = "".join(f"{a},{b},{y}\n" for a, b, y in [["a", "b", "y"], *ROWS]).encode()
SENT = {
    "text/csv": TEXT,
    "text/tab-separated-values": TEXT.replace(b",", b"\t"),
    "application/json": json.dumps(OBJECTS).encode(),
    "application/x-ndjson": ndjson(OBJECTS),
    "application/vnd.apache.parquet": parquet({name: [row[name] for row in OBJECTS] for name in "aby"}),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": xlsx(["a", "b", "y"], *ROWS),
    "application/gzip": gzip.compress(TEXT),
}


def sent(here: World, data: bytes, content_type: str) -> str:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    upload = here.ok("POST", "/v1/datasets/m/upload", {"size": len(data)})
    path = f"/v1/datasets/m/upload/{upload['id']}"
    here.ok("PUT", path, data, headers={"content-type": content_type})
    state: str = here.ok("GET", path)["state"]
    return state


@pytest.mark.parametrize("content_type", SENT)
def test_a_file_is_taken_under_its_own_type(store: Store, content_type: str) -> None:
    assert sent(world(store), SENT[content_type], content_type) == "accepted"


@pytest.mark.parametrize("content_type", FILES)
def test_the_content_says_what_a_file_is(store: Store, content_type: str) -> None:
    assert sent(world(store), TEXT, content_type) == "accepted"


def test_every_type_but_that_of_json_arrives_as_bytes() -> None:
    assert set(FILES) - set(app.api.binary_types) == {"application/json"}
