"""What is said of how a file is read is kept with its version, and holds for later files unless they say otherwise."""

from typing import Any

import pytest

from functions.datasets.parts import read_table
from functions.records.kinds import DATASET_VERSIONS, DatasetVersion, number
from lepton_core.table import ReadingOptions, Table
from tests.support.stores import Store
from tests.support.world import World, world

ROWS = [f"{i};0{i % 3}1;{i % 7},5;{'-' if i % 5 else 'NA'};{'no' if i % 2 else 'yes'}" for i in range(60)]
FILE = "\n".join(["id;zip;amount;grade;paid", *ROWS]).encode()
SAID = {
    "kinds": {"zip": "text"},
    "exclude": ["id"],
    "missing": {"grade": ["-"]},
    "decimal": ",",
    "day_first": True,
    "delimiter": ";",
    "bad_rows": 0.05,
}


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def upload(here: World, data: bytes, **said: Any) -> Any:
    view = here.ok("POST", "/v1/datasets/m/upload", {"size": len(data), **said})
    here.ok("PUT", f"/v1/datasets/m/upload/{view['id']}", data)
    return here.ok("GET", f"/v1/datasets/m/upload/{view['id']}")


def version(here: World, which: int) -> tuple[DatasetVersion, Table]:
    store = here.platform.workspace("default")
    found = store.get(DATASET_VERSIONS, "m", number(which))
    assert found is not None
    return found.value, read_table(store, found.value)


def test_what_is_said_holds_for_later_files_and_for_files_that_are_dropped(here: World) -> None:
    assert upload(here, FILE, **SAID)["version"] == 1
    record, table = version(here, 1)
    assert record.reading == ReadingOptions(
        kinds={"zip": "text"},
        exclude=("id",),
        missing={"grade": ("-",)},
        decimal=",",
        day_first=True,
        delimiter=";",
        bad_rows=0.05,
    )
    assert table.names == ("zip", "amount", "grade", "paid")
    assert (table["zip"].kind, table["grade"].levels) == ("text", ("NA",))
    more = FILE + b"\n61;011;1,5;x;no"
    assert upload(here, more)["version"] == 2
    later, rows = version(here, 2)
    assert (later.reading, rows.schema.kinds) == (record.reading, table.schema.kinds)
    assert rows["grade"].levels == ("NA", "x")
    assert rows["amount"].values[-1] == 1.5


def test_a_later_upload_says_it_otherwise(here: World) -> None:
    upload(here, FILE, **SAID)
    assert upload(here, FILE, kinds={"zip": "category"}, exclude=["grade"])["version"] == 2
    record, table = version(here, 2)
    assert table.names == ("id", "zip", "amount", "paid")
    assert table["zip"].kind == "category"
    assert (record.reading.decimal, record.reading.exclude) == (",", ("grade",))


def test_a_column_that_a_later_file_lacks_needs_a_word(here: World) -> None:
    upload(here, b"a,b,y\n1,2,p\n2,3,q\n3,3,p\n")
    less = b"a,y,new\n1,p,x\n2,q,y\n5,q,y\n"
    refused = upload(here, less, label="y")
    assert refused["state"] == "rejected"
    assert "Data.from_csv(path, exclude=['b'])" in refused["error"]["message"]
    assert refused["error"]["column"] == "b"
    assert refused["error"]["request"] == {"route": "upload", "body": {"exclude": ["b"]}}
    assert upload(here, less, label="y", **refused["error"]["request"]["body"])["version"] == 2


def test_a_column_goes_by_a_word_and_comes_by_itself(here: World) -> None:
    upload(here, b"a,b,y\n1,2,p\n2,3,q\n3,3,p\n", label="y")
    assert upload(here, b"a,y,new\n1,p,x\n2,q,y\n5,q,y\n", exclude=["b"])["version"] == 2
    assert version(here, 2)[1].names == ("a", "y", "new")
    assert upload(here, b"a,y,new,b\n1,p,x,1\n2,q,y,2\n5,p,y,3\n")["version"] == 3
    assert version(here, 3)[1].names == ("a", "y", "new")


def test_what_an_earlier_upload_leaves_out_of_a_file_that_has_it_is_a_warning_each_time(here: World) -> None:
    upload(here, b"a,b,y\n1,2,p\n2,3,q\n3,3,p\n", label="y", exclude=["b"])
    for which in (2, 3):
        assert upload(here, f"a,b,y\n1,2,p\n2,3,q\n{which},7,p\n".encode())["version"] == which
        report = here.ok("GET", f"/v1/datasets/m/versions/{which}/report")
        found = next(one for one in report["findings"] if one["code"] == "left_out")
        assert found["level"] == "warning"
        assert found["message"] == "left out, as said before: 'b'; to read it again"
        assert found["request"] == {"route": "upload", "body": {"label": "y", "exclude": []}}
    assert upload(here, b"a,b,y\n1,2,p\n2,3,q\n3,7,p\n", **found["request"]["body"])["version"] == 4
    assert version(here, 4)[1].names == ("a", "b", "y")
    assert "left_out" not in str(here.ok("GET", "/v1/datasets/m/versions/4/report")["findings"])
    assert upload(here, b"a,b,y\n1,2,p\n2,3,q\n4,7,p\n")["version"] == 5
    assert "left_out" not in str(here.ok("GET", "/v1/datasets/m/versions/5/report")["findings"])


def test_a_header_line_that_is_kept_is_named_where_the_label_is_missing_and_can_be_taken_back(
    here: World,
) -> None:
    rows = [f"{i},{i % 7},{'pq'[i % 2]}\n" for i in range(60)]
    file = "".join(["A survey,,\n", "x,z,y\n", *rows]).encode()
    assert upload(here, file, header=1)["version"] == 1
    refused = upload(here, file, label="y")["error"]["message"]
    assert "an earlier upload said of the names that line 1 was to have them, and that is kept" in refused
    assert refused.endswith("to take it back: Data.from_csv(path, label='y', header=True)")
    assert upload(here, file, label="y", header=True)["version"] == 2
    assert version(here, 2)[1].names == ("x", "z", "y")
    assert upload(here, file + b"70,1,q\n")["version"] == 3
    assert version(here, 3)[0].label == "y"


def test_another_header_excuses_no_missing_column_if_others_are_there(here: World) -> None:
    upload(here, b"x,z,y\n1,2,p\n2,3,q\n3,3,p\n", label="y")
    refused = upload(here, b"x,y\n1,p\n2,q\n3,p\n", header=1)
    assert "the version before has it" in refused["error"]["message"]


def test_a_renamed_column_is_named_beside_the_one_that_is_missing(here: World) -> None:
    rows = [f"{i % 9}.5,{i % 4},{'pq'[i % 2]}\n" for i in range(90)]
    upload(here, "".join(["price,b,y\n", *rows]).encode(), label="y")
    refused = upload(here, "".join(["cost,b,y\n", *rows]).encode())["error"]["message"]
    assert "'cost' is new and looks like it: rename it in the file if it is the same" in refused
    assert refused.endswith("to go on without it: Data.from_csv(path, exclude=['price'])")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kinds": {"a": "postcode"}}, "kinds"),
        ({"decimal": "x"}, "decimal"),
        ({"bad_rows": 2}, "bad_rows"),
        ({"delimiter": "ab"}, "delimiter"),
        ({"missing": "-"}, "missing"),
    ],
)
def test_what_is_right_for_no_file_is_refused_at_once(here: World, said: dict[str, Any], field: str) -> None:
    refused = here.refused("POST", "/v1/datasets/m/upload", {"size": 10, **said})
    assert (refused["code"], refused["field"]) == ("invalid_input", field)


@pytest.mark.parametrize("field", ["kinds", "exclude", "missing"])
def test_a_column_that_is_not_there_is_refused_naming_the_option(here: World, field: str) -> None:
    said = {"kinds": {"nowhere": "text"}, "exclude": ["nowhere"], "missing": {"nowhere": ["-"]}}[field]
    refused = upload(here, FILE, **{field: said})
    assert (refused["state"], refused["error"]["field"]) == ("rejected", field)
    assert "'nowhere'" in refused["error"]["message"]


def test_a_model_of_the_old_columns_keeps_serving(here: World) -> None:
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    rows = [f"{i % 10},{(i * 7) % 10},{'p' if i % 10 > 4 else 'q'}" for i in range(80)]
    upload(here, "\n".join(["a,b,y", *rows]).encode(), label="y")
    here.ok("POST", "/v1/models/m/train", {})
    here.ok("POST", "/v1/models/m/deploy", {})
    asked = {"rows": [{"a": 1, "b": 2}, {"a": 9, "b": 3}]}
    before = here.ok("POST", "/v1/models/m/predict", asked)
    here.ok("PUT", "/v1/models/m/policy", {"update": "manual"})
    assert upload(here, "\n".join(["a,b,y", *rows]).encode(), exclude=["b"])["version"] == 2
    assert here.again().ok("POST", "/v1/models/m/predict", asked)["predictions"] == before["predictions"]
