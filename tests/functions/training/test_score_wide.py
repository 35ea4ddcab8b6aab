"""A file of very many columns is scored: what is wide lies in files, and no record grows with it."""

import csv
import io
import json

import pyarrow as pa
import pytest

from tests.support.kept_stores import Prepared
from tests.support.scored import scored
from tests.support.world import World, two_classes
from tests.support.written_files import feather, ndjson

pytestmark = [pytest.mark.slow, pytest.mark.lengthy]


def deployed(here: World) -> None:
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy")


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(deployed)


WIDE = 50_000


@pytest.mark.parametrize("name", ["r.csv", "r.jsonl", "r.arrow"])
def test_a_file_of_very_many_columns_is_scored(here: World, name: str) -> None:
    """Their names take more than a record holds; the run's outcome tells the beginning of some."""
    names = ["a", "b", *(f"n{at:05}{'x' * 194}" for at in range(WIDE - 2))]
    rows = [[1.5 + at, -at, *range(at, WIDE - 2 + at)] for at in range(2)]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    data = {
        "r.csv": lambda: "\n".join(",".join(map(str, line)) for line in [names, *rows]).encode(),
        "r.jsonl": lambda: ndjson([dict(zip(names, row, strict=True)) for row in rows]),
        "r.arrow": lambda: feather(columns),
    }[name]()
    view = scored(here, data, name)
    assert view["state"] == "succeeded", view
    (key,) = here.platform.blobs.keys(f"default/runs/{view['run']}/")
    made = here.platform.blobs.get(key)  # which is more than an answer of the API holds
    if name == "r.csv":
        (head, *found) = csv.reader(io.StringIO(made.decode(), newline=""))
        shares = [float(row[-1]) for row in found]
        assert [row[:WIDE] for row in found] == [list(map(str, row)) for row in rows]
    elif name == "r.jsonl":
        read = list(map(json.loads, made.splitlines()))
        head, shares = list(read[0]), [row["P(yes)"] for row in read]
        assert [list(row.values())[:WIDE] for row in read] == rows
    else:
        whole = pa.ipc.open_file(made).read_all()
        head, shares = whole.column_names, whole["P(yes)"].to_pylist()
        assert whole.select(names).to_pydict() == columns
    assert head == [*names, "label", "P(no)", "P(yes)"]
    wanted = here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": a, "b": b} for a, b, *_ in rows]})
    assert shares == [one["probabilities"]["yes"] for one in wanted["predictions"]]
    assert (len(view["ignored"]), view["ignored"][0]) == (20, f"n00000{'x' * 94}…")
    assert view["columns"] == ["a", "b", *(f"n{at:05}{'x' * 94}…" for at in range(6))]
