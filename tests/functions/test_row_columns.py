"""What a row for a version brings, as the version itself knows it: with its data, and of an imported one without."""

from typing import Any

import msgspec

from functions.edge.shapes import ServedColumn
from functions.evaluate import MOST_COLUMN_BYTES, fitting
from tests.support.stores import Store
from tests.support.world import World, csv_of, world

COLUMNS = {
    "size": [20.5 + at for at in range(60)],
    "quarter": [["north", "south", "south"][at % 3] for at in range(60)],
    "garden": [["true", "false"][at % 2] for at in range(60)],
    "label": [["yes", "no"][at > 30] for at in range(60)],
}
PATH = "/v1/models/m/versions/1/columns"


def trained(store: Store) -> World:
    here = world(store)
    here.trained(csv_of(COLUMNS), iterations=5)
    return here


def test_a_version_tells_its_columns_without_its_label_and_a_row_that_it_predicts(store: Store) -> None:
    here = trained(store)
    told = here.ok("GET", PATH)
    kinds = {one["name"]: one["kind"] for one in told["columns"]}
    assert kinds["size"] == "number" and kinds["garden"] == "boolean" and "label" not in kinds
    [quarter] = [one for one in told["columns"] if one["name"] == "quarter"]
    assert (quarter["levels"], quarter["level_count"]) == (["north", "south"], 2)
    assert list(told["usual"]) == list(kinds) and told["usual"]["quarter"] in quarter["levels"]
    here.ok("POST", "/v1/models/m/deploy", {})
    answer = here.ok("POST", "/v1/models/m/predict", {"rows": [told["usual"]]})
    assert "filled" not in answer and "unknown" not in answer


def test_an_imported_version_tells_the_same(store: Store) -> None:
    here = trained(store)
    file: Any = here.ok("GET", "/v1/models/m/versions/1/export/file")
    announced = here.ok("POST", "/v1/models/came/import", {"size": len(file)})["id"]
    here.ok("PUT", f"/v1/models/came/import/{announced}", file)
    assert here.ok("GET", "/v1/models/came/versions/1/columns") == {**here.ok("GET", PATH), "model": "came"}
    missing = here.refused("GET", "/v1/models/m/versions/9/columns")
    assert missing["status"] == 404


def test_those_that_follow_are_asked_for_by_the_first_of_them(store: Store) -> None:
    here = trained(store)
    whole = here.ok("GET", PATH)
    assert (len(whole["columns"]), whole["column_count"]) == (3, 3)
    for column in range(5):
        told = here.ok("GET", PATH, query={"column": str(column)})
        assert told["columns"] == whole["columns"][column:]
        assert list(told["usual"].items()) == list(whole["usual"].items())[column:]
        assert told["column_count"] == 3
    assert here.refused("GET", PATH, query={"column": "-1"})["field"] == "column"


def test_one_answer_is_no_longer_than_an_answer_may_be() -> None:
    """Columns of many long texts: by their number alone one would be of any length."""
    levels = tuple(f"{at} {'é' * 9000}" for at in range(30))
    columns = [ServedColumn(f"c{at}", "category", levels, 30) for at in range(12)]
    size = len(msgspec.json.encode(columns[0]))
    assert fitting(columns) == MOST_COLUMN_BYTES // size == 3
    assert fitting(columns[:2]) == 2
    assert fitting([ServedColumn("c", "category", levels * 9)] * 2) == 1, "one is always told"
    assert fitting([]) == 0
