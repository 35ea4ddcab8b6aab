"""What a row for a version brings, as the version itself knows it: with its data, and of an imported one without."""

from typing import Any

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
