"""Two files in one upload: what the second one holds no training sees, and every figure is measured on just that."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.datasets.parts import read_rows
from functions.records.kinds import DATASET_VERSIONS, DatasetVersion, number
from functions.runs.job import Spec, TrainJob
from functions.training.bench import gather
from lepton_core.table import BY_FILE, ReadingOptions, Table, kind_of, read_file
from tests.support.stores import Store
from tests.support.world import World, csv_of, two_classes, world

FIRST = two_classes(80)
SECOND = two_classes(30, seed=1)


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def send(here: World, first: bytes, second: bytes = b"", dataset: str = "m", **said: Any) -> Any:
    body = {"size": len(first + second), **({"held_out": len(second)} if second else {}), **said}
    announced = here.ok("POST", f"/v1/datasets/{dataset}/upload", body)
    path = f"/v1/datasets/{dataset}/upload/{announced['id']}"
    here.ok("PUT", path, first + second)
    return here.ok("GET", path)


def version(here: World, which: int, dataset: str = "m") -> DatasetVersion:
    found = here.platform.workspace("default").get(DATASET_VERSIONS, dataset, number(which))
    assert found is not None
    return found.value


def sides(here: World, which: int, dataset: str = "m") -> tuple[Table, Table]:
    """What a run on a version trains on, and what it holds out."""
    spec = Spec("logistic_regression", {}, dataset, which, split=BY_FILE)
    bench = gather(here.platform.workspace("default"), "m", TrainJob(spec))
    return bench.table.take(bench.training), bench.held_out_table


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    return list(zip(*(kind_of(column).cells(column) for column in table.columns), strict=True))


def model(here: World, name: str, dataset: str, **train: Any) -> Any:
    here.ok("POST", "/v1/models", {"name": name, "algorithm": "logistic_regression", "dataset": dataset})
    run = here.ok("POST", f"/v1/models/{name}/train", train)
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    return here.ok("GET", f"/v1/models/{name}/versions/1")


def test_the_answer_the_version_the_description_and_the_lineage_say_what_is_held_out(here: World) -> None:
    done = send(here, FIRST, SECOND)
    assert (done["state"], done["rows"], done["held_out"]) == ("accepted", 110, 30)
    assert here.ok("GET", "/v1/datasets/m/versions/1")["held_out"] == 30
    assert here.ok("GET", "/v1/datasets/m/versions/1/describe")["held_out"] == 30
    findings = here.ok("GET", "/v1/datasets/m/versions/1/report")["findings"]
    assert "held_out" in {one["code"] for one in findings}
    assert model(here, "m", "m")["split"]["rule"] == "file-1"
    evaluation = here.ok("GET", "/v1/models/m/versions/1/evaluation")
    assert sum(one["support"] for one in evaluation["per_class"].values()) == 30


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40), st.lists(st.integers(0, 9), min_size=1, max_size=40)
)
def test_the_rows_of_a_run_are_those_of_each_file(here: World, one: list[int], two: list[int]) -> None:
    def file(values: list[int]) -> bytes:
        return csv_of({"a": values, "label": [value % 2 for value in values]})

    dataset = f"d{here.platform.new_id('d')}"
    first, second = file([0, 1, *one]), file(two)
    kinds = {"a": "integer", "label": "integer"}
    assert send(here, first, second, dataset, kinds=kinds)["state"] == "accepted"
    trained, held_out = sides(here, 1, dataset)
    reading = ReadingOptions(kinds=kinds)
    assert rows_of(trained) == rows_of(read_file(first, reading, label="label").table)
    assert rows_of(held_out) == rows_of(read_file(second, reading, label="label").table)


def test_the_model_is_that_of_a_column_that_says_the_sides_bit_for_bit(here: World) -> None:
    send(here, FIRST, SECOND)
    head, *rows = FIRST.splitlines()
    lines = [head + b",part", *(row + b",train" for row in rows)]
    lines += [row + b",test" for row in SECOND.splitlines()[1:]]
    send(here, b"\n".join(lines), dataset="joined", label="label")
    one = model(here, "m", "m")
    other = model(here, "by_column", "joined", split={"by": "column", "column": "part"})
    assert (one["metrics"], one["loss"]) == (other["metrics"], other["loss"])
    for name in ("m", "by_column"):
        here.ok("POST", f"/v1/models/{name}/deploy", {})
        run = here.ok("POST", f"/v1/models/{name}/evaluate", {"folds": 4})
        assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    asked = {"rows": [{"a": x / 7, "b": 1 - x} for x in range(20)]}
    answers = [
        here.ok("POST", f"/v1/models/{name}/predict", asked)["predictions"] for name in ("m", "by_column")
    ]
    assert answers[0] == answers[1]
    found = [
        here.ok("GET", f"/v1/models/{name}/versions/1")["cross_validation"] for name in ("m", "by_column")
    ]
    assert found[0] == found[1]


def test_appended_rows_are_to_train_on_and_held_out_ones_stay_so(here: World) -> None:
    send(here, FIRST, SECOND)
    before = sides(here, 1)
    done = send(here, two_classes(20, seed=2), mode="append")
    assert (done["rows"], done["held_out"], done["added"]) == (130, 30, 20)
    trained, held_out = sides(here, 2)
    assert rows_of(held_out) == rows_of(before[1])
    assert rows_of(trained)[:80] == rows_of(before[0])
    assert version(here, 2).parts[-1] == version(here, 1).parts[-1]
    done = send(here, two_classes(9, seed=3), two_classes(5, seed=4), mode="append")
    assert (done["rows"], done["held_out"], done["added"]) == (144, 35, 14)
    trained, held_out = sides(here, 3)
    assert (trained.rows, rows_of(held_out)[:30]) == (109, rows_of(before[1]))
    assert rows_of(held_out)[30:] == rows_of(read_file(two_classes(5, seed=4), label="label").table)
    rows = read_rows(here.platform.workspace("default"), version(here, 3))
    assert len(set(rows.keys.tolist())) == 144


def test_the_same_files_again_add_nothing_and_a_held_out_row_never_comes_to_be_trained_on(
    here: World,
) -> None:
    send(here, FIRST, SECOND)
    done = send(here, FIRST, SECOND, mode="append")
    assert (done["version"], done["added"], done["repeated"]) == (1, 0, 110)
    done = send(here, SECOND, mode="append")
    assert (done["version"], done["added"], done["repeated"]) == (1, 0, 30)


def test_a_second_file_may_come_with_rows_that_are_appended(here: World) -> None:
    send(here, FIRST)
    done = send(here, two_classes(9, seed=3), SECOND, mode="append")
    assert (done["rows"], done["held_out"]) == (119, 30)
    trained, held_out = sides(here, 2)
    assert (trained.rows, held_out.rows) == (89, 30)


def test_of_appended_rows_to_hold_out_only_new_ones_are_said_to_be_held_out(here: World) -> None:
    send(here, FIRST)
    lines = FIRST.splitlines(keepends=True)
    some = lines[0] + b"".join(lines[1:21]) + b"".join(two_classes(5, seed=4).splitlines(keepends=True)[1:])
    done = send(here, two_classes(9, seed=3), some, mode="append")
    assert done["held_out"] == 5
    report = here.ok("GET", "/v1/datasets/m/versions/2/report")
    assert [one["message"] for one in report["findings"] if one["code"] == "held_out"] == [
        "5 of 25 rows of the second file are new: these are held out, and no training sees them; the others are there "
        "already, and stay on the side on which they are"
    ]


def test_the_same_rows_with_another_border_are_another_version(here: World) -> None:
    head, *rows = FIRST.splitlines(keepends=True)

    def cut(at: int) -> tuple[bytes, bytes]:
        return head + b"".join(rows[:at]), head + b"".join(rows[at:])

    assert send(here, *cut(50))["version"] == 1
    assert send(here, *cut(50))["version"] == 1
    assert send(here, *cut(60))["version"] == 2


def test_an_update_goes_on_under_the_second_file(here: World) -> None:
    send(here, FIRST, SECOND)
    model(here, "m", "m")
    here.ok("POST", "/v1/models/m/deploy", {})
    send(here, two_classes(40, seed=5), mode="append")
    run = here.ok("POST", "/v1/models/m/update", {})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    assert here.ok("GET", "/v1/models/m/versions/2")["split"]["rule"] == "file-1"


def test_no_other_split_goes_with_a_second_file_nor_this_one_without(here: World) -> None:
    send(here, FIRST, SECOND)
    model(here, "m", "m")
    here.ok("POST", "/v1/models/m/deploy", {})
    refused = here.refused("POST", "/v1/models/m/train", {"split": {"fraction": 0.3}})
    assert (refused["status"], refused["field"]) == (400, "split")
    assert "holds out the rows of its second file" in refused["message"]
    send(here, two_classes(90, seed=6))
    for step, body in (("train", {"warm_start": True}), ("update", {})):
        refused = here.refused("POST", f"/v1/models/m/{step}", body)
        assert (refused["status"], refused["field"]) == (400, "split")
        assert "has no second file" in refused["message"]
        assert refused["request"] == {"route": "train", "body": {}}
    here.ok("POST", "/v1/models/m/train", {})
    assert here.ok("GET", "/v1/models/m/versions/2")["split"]["rule"] == "copies-2"


@pytest.mark.parametrize(
    ("second", "says", "row", "column"),
    [
        (b"a,b\n1,2\n", "rows without one are for predict", None, "label"),
        (b"b,label\n2,no\n", "Data.from_csv(path, exclude=['a'])", None, "a"),
        (b"a,b,label\n1,2,no\nx,2,yes\n", "the first is 'x'", 2, "a"),
        (b"a,b,label\n1,2,No.\n", "spell them alike", 1, "label"),
    ],
)
def test_a_second_file_that_does_not_fit_is_rejected_and_changes_nothing(
    here: World, second: bytes, says: str, row: int | None, column: str
) -> None:
    done = send(here, FIRST, second)
    error = done["error"]
    assert (done["state"], error["code"], error.get("row"), error["column"]) == (
        "rejected",
        "invalid_data",
        row,
        column,
    )
    assert error["message"].startswith("the second file: ")
    assert says in error["message"]
    assert here.ask("GET", "/v1/datasets/m")[0] == 404


def test_rows_to_train_on_need_two_classes_of_their_own(here: World) -> None:
    done = send(here, b"a,label\n1,no\n2,no\n", b"a,label\n3,yes\n4,no\n")
    assert done["state"] == "rejected"
    assert "one class only" in done["error"]["message"]


@pytest.mark.parametrize("held_out", [0, len(FIRST), len(FIRST) + 1])
def test_a_second_file_that_cannot_be_there_is_refused_when_it_is_announced(
    here: World, held_out: int
) -> None:
    refused = here.refused("POST", "/v1/datasets/m/upload", {"size": len(FIRST), "held_out": held_out})
    assert (refused["status"], refused["field"]) == (400, "held_out")


def test_a_remedy_of_the_report_reads_both_files(here: World) -> None:
    first = b"a,b,c,label\n" + b"".join(
        b"%d,%d,,%s\n" % (x, x % 7, b"yn"[x % 3 == 0 :][:1]) for x in range(60)
    )
    send(here, first, b"a,b,c,label\n1,2,,y\n3,4,,n\n", label="label")
    findings = here.ok("GET", "/v1/datasets/m/versions/1/report")["findings"]
    [found] = [one for one in findings if one["code"] == "empty"]
    assert found["remedy"] == "Data.from_csv(path, held_out=held_out, label='label', exclude=['c'])"
