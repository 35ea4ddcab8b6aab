"""A cell of a row is missing, or a number, by one rule, whichever way the row comes."""

import json
import math
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import app
from infra.local.server import listen
from infra.local.stack import Stack
from lepton_ai import Model
from lepton_ai.cli import main
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.http import HttpTransport
from tests.support.sampling import examples
from tests.support.stores import disk_store
from tests.support.world import World, world

NAN = float("nan")
PATH = "/v1/models/m/predict"
MEANT: dict[Any, Any] = {None: None, NAN: None, "NaN": None, "": None}
SIZES = {**MEANT, "0.5": 0.5, 0.5: 0.5, " -1 ": -1.0}
COLOURS = {**MEANT, "red": "red", " blue ": "blue"}
ROWS = [{"size": size, "colour": colour} for size, colour in product(SIZES, COLOURS)]

rows_of_cells = st.lists(st.sampled_from(ROWS), min_size=1, max_size=12)


class Doors(NamedTuple):
    world: World
    inside: Model
    outside: Model
    environment: dict[str, str]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One model, in this process, behind a socket, and as the command finds it."""
    with disk_store(tmp_path_factory.mktemp("state")) as store:
        here = world(store)
        rows = [(at % 9 - 4, ("red", "blue", "")[at % 3]) for at in range(180)]
        lines = [f"{size},{colour},{'yes' if size > 0 else 'no'}" for size, colour in rows]
        here.trained("\n".join(["size,colour,label", *lines]).encode(), iterations=10)
        here.ok("POST", "/v1/models/m/deploy", {})
        key = here.ok("POST", "/v1/keys", {"name": "asking", "scopes": ["read", "predict"]})["secret"]
        server, ready = listen(app, here.again(owner=None).platform), threading.Event()
        serving = threading.Thread(target=server.run, args=[ready.set])
        serving.start()
        ready.wait()
        inside = EmbeddedTransport(Path("nowhere"), lambda _: Stack(app, here.platform, lambda: None))
        outside = HttpTransport(server.url, key)
        yield Doors(
            here,
            Model(name="m", quiet=True, transport=inside),
            Model(name="m", quiet=True, transport=outside),
            {"LEPTON_URL": server.url, "LEPTON_API_KEY": key},
        )
        server.stop()
        serving.join()


def meant(row: dict[str, Any]) -> dict[str, Any]:
    return {"size": SIZES[row["size"]], "colour": COLOURS[row["colour"]]}


def raw(doors: Doors, body: Any) -> tuple[Any, Any]:
    """What is answered to ``body`` as `json.dumps` writes it: with a bare NaN."""
    found = doors.world.ok("POST", PATH, body)
    return found["predictions"], found.get("filled", [])


def by(model: Model, rows: Any) -> tuple[Any, Any]:
    found = model.predict(rows)
    return json.loads(msgspec.json.encode((list(found), found.notes.filled)))


@settings(max_examples=examples(60), deadline=None)
@given(rows_of_cells)
def test_python_http_and_raw_json_agree_on_what_is_missing(doors: Doors, rows: list[dict[str, Any]]) -> None:
    plain = [meant(row) for row in rows]
    wanted = raw(doors, {"rows": plain})
    missing = {name: sum(row[name] is None for row in plain) for name in ("size", "colour")}
    assert {one["column"]: one["rows"] for one in wanted[1]} == {at: n for at, n in missing.items() if n}
    lists = [list(row.values())[::-1] for row in rows]
    assert raw(doors, {"rows": rows}) == wanted
    assert raw(doors, {"rows": lists, "columns": ["colour", "size"]}) == wanted
    assert raw(doors, {"rows": [list(row.values()) for row in rows]}) == wanted
    assert raw(doors, {"rows": rows, "row_errors": True}) == wanted
    assert raw(doors, {"rows": [{**row, "nobody reads it": NAN} for row in rows]}) == wanted
    for model in (doors.inside, doors.outside):
        assert by(model, rows) == [*wanted]


def test_the_command_agrees_with_them(
    doors: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in doors.environment.items():
        monkeypatch.setenv(name, value)

    def asked(*more: str) -> tuple[Any, Any]:
        with pytest.raises(SystemExit) as ended:
            main(["predict", "m", *more, "--json"])
        assert not ended.value.code
        found = json.loads(capsys.readouterr().out)
        return found["predictions"], found["notes"].get("filled", [])

    path = tmp_path / "rows.ndjson"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    assert "NaN," in path.read_text()
    wanted = raw(doors, {"rows": [meant(row) for row in ROWS]})
    assert asked(str(path)) == wanted
    texts = [row for row in ROWS if str in map(type, row.values()) and all(map(_in_a_text, row.values()))]
    said = [f"size={row['size']},colour={row['colour']}" for row in texts]
    assert asked(*(part for one in said for part in ("--row", one))) == raw(
        doors, {"rows": [meant(row) for row in texts]}
    )


def _in_a_text(cell: Any) -> bool:
    return cell is not None and (type(cell) is str or not math.isnan(cell))


@pytest.mark.parametrize("beside", ["Infinity", "-Infinity", "1e999"])
def test_an_infinity_beside_it_is_refused_with_its_place(doors: Doors, beside: str) -> None:
    body = f'{{"rows": [{{"size": NaN}}, {{"colour": NaN, "size": {beside}}}]}}'.encode()
    error = doors.world.refused("POST", PATH, body, headers={"content-type": "application/json"})
    assert (error["row"], error["column"]) == (2, "size")


def test_the_letters_within_a_text_stay_as_they_are(doors: Doors) -> None:
    said = '"NaN, NaN: [NaN] \\" NaN"'
    body = f'{{"rows": [{{"size": NaN, "colour": {said}}}]}}'.encode()
    found = doors.world.ok("POST", PATH, body, headers={"content-type": "application/json"})
    assert (
        found["unknown"] == doors.world.ok("POST", PATH, {"rows": [{"colour": json.loads(said)}]})["unknown"]
    )


@pytest.mark.parametrize(
    "body", [{"rows": NAN}, {"rows": [NAN]}, {"rows": [[1, "red"]], "coverage": NAN}, NAN]
)
def test_nowhere_but_in_a_cell_is_it_taken(doors: Doors, body: Any) -> None:
    assert doors.world.refused("POST", PATH, body)["status"] == 400
