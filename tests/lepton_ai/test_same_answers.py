"""Whichever way rows come, a blend, a calibrated version and one with a rule give each row the same answer."""

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from app import app
from infra.local.server import listen
from infra.local.stack import Stack
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.http import HttpTransport
from lepton_core.artifact import write_container
from lepton_core.table import Table, given_column, pack_table
from tests.formats import versions
from tests.formats.opened import expected, opened, still, unpack
from tests.support.stores import disk_store
from tests.support.world import World

MADE = Path(__file__).parents[1] / "formats" / "v2"
ROUNDING = 1e-12
"""One row is multiplied by another routine than many are; relative."""

COVERAGE = 0.9


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with disk_store(unpack(MADE, tmp_path_factory.mktemp("v2"))) as store:
        yield opened(store, expected(MADE))


@pytest.fixture(scope="module")
def served(here: World) -> Iterator[HttpTransport]:
    """The same platform behind a socket, where a key is needed."""
    key = here.ok("POST", "/v1/keys", {"name": "asking", "scopes": ["read", "predict"]})["secret"]
    server = listen(app, here.again(owner=None).platform)
    ready = threading.Event()
    serving = threading.Thread(target=server.run, args=[ready.set])
    serving.start()
    ready.wait()
    yield HttpTransport(server.url, key)
    server.stop()
    serving.join()


def rows_of(name: str) -> list[dict[str, Any]]:
    return versions.ROWS.get(name, versions.MIXED)


def asked(name: str) -> dict[str, Any]:
    return {"coverage": COVERAGE} if name in versions.SURE else {}


def predicted(here: World, name: str, body: Any, **options: Any) -> Any:
    return here.ok("POST", f"/v1/models/{name}/predict", body, **options)["predictions"]


def batch(here: World, name: str) -> Any:
    return predicted(here, name, {"rows": rows_of(name), **asked(name)})


every = pytest.mark.parametrize("name", versions.SERVED)


@every
def test_a_row_alone_or_among_others_in_any_order_is_answered_alike(here: World, name: str) -> None:
    rows, wanted = rows_of(name), batch(here, name)
    alone = [predicted(here, name, {"rows": [row], **asked(name)})[0] for row in rows]
    still(wanted, alone, close=ROUNDING)
    backwards = predicted(here, name, {"rows": rows[::-1] * 3, **asked(name)})
    still(wanted[::-1] * 3, backwards, close=ROUNDING)


@every
def test_named_cells_lists_and_typed_columns_are_answered_alike(here: World, name: str) -> None:
    rows, wanted = rows_of(name), batch(here, name)
    names = sorted(rows[0], reverse=True)
    turned = [{"nothing the model reads": 7, **{one: row[one] for one in names}} for row in rows]
    assert predicted(here, name, {"rows": turned, **asked(name)}) == wanted
    lists = [[row[one] for one in names] for row in rows]
    assert predicted(here, name, {"columns": names, "rows": lists, **asked(name)}) == wanted
    columns = Table(tuple(given_column(one, [row[one] for row in rows]) for one in names))
    body, headers = write_container(*pack_table(columns)), {"content-type": "application/octet-stream"}
    query = {one: str(value) for one, value in asked(name).items()}
    assert predicted(here, name, body, headers=headers, query=query) == wanted


@every
def test_python_and_http_are_answered_alike(
    here: World, served: HttpTransport, name: str, tmp_path: Path
) -> None:
    rows, wanted = rows_of(name), batch(here, name)
    inside = EmbeddedTransport(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))
    path = tmp_path / "rows.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    for transport in (inside, served):
        model = Model(name=name, quiet=True, transport=transport)
        frame = pd.DataFrame(rows)
        # Data have a label and a feature at least.
        data = [Data.from_csv(path, quiet=True)] if len(frame.columns) > 1 else []
        for given in (rows, frame, path, *data):
            found = json.loads(msgspec.json.encode(list(model.predict(given, **asked(name)))))
            assert found == wanted, type(given)
        one = model.predict(rows[0], **asked(name))
        said: Mapping[str, Any] = json.loads(msgspec.json.encode(one))
        still(wanted[0], said, close=ROUNDING)


@every
def test_what_each_column_adds_stands_beside_the_same_answer(
    here: World, served: HttpTransport, name: str
) -> None:
    rows, wanted = rows_of(name), batch(here, name)
    explained = predicted(here, name, {"rows": rows, "explain": True, **asked(name)})
    still(wanted, explained)
    model = Model(name=name, quiet=True, transport=served)
    found = model.predict(rows, explain=True, **asked(name))
    assert json.loads(msgspec.json.encode(list(found))) == explained
