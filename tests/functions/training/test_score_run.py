"""A file of rows is scored: bit for bit as a prediction of its rows, in parts, in the form in which it came."""

import csv
import gzip
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.runs.score_task import CutRows, CutTask, JoinedRows, JoinTask, PartTask, ScoredPart
from functions.runs.scored import BYTES_A_BYTE
from functions.settings import Settings
from functions.training import score_work
from functions.training.score_run import SCORE
from functions.training.score_work import BYTES_A_CELL, PART_ROWS
from lepton_core.models import ALGORITHMS
from tests.support.algorithms import quick
from tests.support.kept_stores import Prepared
from tests.support.scored import announced, result, scored
from tests.support.stores import Store
from tests.support.world import World, two_classes, world

CASES = [(name, task) for name, one in sorted(ALGORITHMS.items()) for task in sorted(one.tasks)]


def mixed(rows: int, task: str, seed: int = 0) -> bytes:
    """Numbers, words, sentences, dates, booleans and gaps, of which the label is made."""
    rng = np.random.default_rng(seed)
    number, flag = rng.normal(size=rows).round(3), rng.integers(0, 2, rows)
    words = rng.choice(["red", "green", "blue, dark"], rows)
    days = [f"2024-{1 + int(day) % 12:02}-{1 + int(day) % 28:02}" for day in rng.integers(0, 300, rows)]
    notes = [" ".join(rng.choice(["good", "bad", "late", "early", "cheap"], 4)) for _ in range(rows)]
    value = number + flag
    label = np.where(value > 0.5, "yes", "no") if task == "classification" else value.round(3).astype(str)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "word", "day", "flag", "note", "label"])
    for at in range(rows):
        cells: list[Any] = [number[at], words[at], days[at], ["false", "true"][flag[at]], notes[at]]
        cells[at % 5] = "" if at % 7 == 0 else cells[at % 5]
        writer.writerow([*cells, label[at]])
    return out.getvalue().encode()


def table(data: bytes, **options: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), **options))


def deployed(here: World) -> None:
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy")


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(deployed)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("name", "task"), CASES)
def test_each_algorithm_scores_the_bits_that_it_predicts(store: Store, name: str, task: str) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": name, "task": task})
    here.upload(mixed(80, task), label="label")
    run = here.ok("POST", "/v1/models/m/train", {"refit": False, "hyperparameters": {}, **_asked(name)})
    assert here.ok("GET", f"/v1/runs/{run['id']}")["state"] == "succeeded"
    here.ok("POST", "/v1/models/m/deploy")
    rows = mixed(40, task, seed=1)
    read = here.ok("POST", "/v1/models/m/rows", rows)
    wanted = here.ok(
        "POST",
        "/v1/models/m/predict",
        {"rows": read["rows"], "columns": read["columns"], "row_errors": True},
    )["predictions"]
    found = table(result(here, scored(here, rows)))
    assert len(found) == len(wanted) == 40
    given = table(rows)
    for row, one, own in zip(found, wanted, given, strict=True):
        assert {name: row[name] for name in own} == own
        if task == "regression":
            assert float(row["value"]) == one["value"]
        else:
            assert row["predicted label"] == one["label"]
            shares = {name[2:-1]: float(row[name]) for name in row if name.startswith("P(")}
            assert shares == one["probabilities"]


def _asked(name: str) -> dict[str, Any]:
    given = quick(ALGORITHMS[name])
    top = {key: given.pop(key) for key in ("iterations", "learning_rate") if key in given}
    return {**top, "hyperparameters": given}


@pytest.mark.parametrize("rows", [1, PART_ROWS, PART_ROWS + 1])
def test_parts_are_joined_in_the_order_of_the_rows(here: World, rows: int) -> None:
    data = b"id,a,b\n" + b"".join(b"%d,%.3f,%.3f\n" % (at, at % 17 - 8, at % 11 - 5) for at in range(rows))
    view = scored(here, data)
    assert (view["done"], view["rows"], view["refused"]) == (rows, rows, 0)
    found = table(result(here, view))
    assert [int(row["id"]) for row in found] == list(range(rows))
    one = here.ok(
        "POST", "/v1/models/m/predict", {"rows": [{"a": (rows - 1) % 17 - 8, "b": (rows - 1) % 11 - 5}]}
    )
    assert float(found[-1]["P(yes)"]) == one["predictions"][0]["probabilities"]["yes"]
    kept = here.platform.blobs.keys(f"default/runs/{view['run']}/")
    assert len(kept) == 1


def test_a_plan_cuts_then_predicts_each_part_then_joins() -> None:
    from functions.records.files import File
    from functions.runs.job import ScoreJob
    from lepton_core.table.row_form import RowForm

    job, files = ScoreJob("k", "rows.csv", 1, File("a", "")), [File("p0", ""), File("p1", "")]
    assert SCORE.plan(job, {}) == [CutTask()]
    cut = CutRows(files, 7, RowForm("csv"))
    assert SCORE.plan(job, {"cut": cut}) == [PartTask(0, files[0]), PartTask(1, files[1])]
    first, second = ScoredPart(File("s0", ""), 5, 0), ScoredPart(File("s1", ""), 2, 1)
    assert SCORE.plan(job, {"cut": cut, "part-1": second}) == [PartTask(0, files[0])]
    done = {"cut": cut, "part-1": second, "part-0": first}
    assert SCORE.plan(job, done) == [JoinTask([first.file, second.file], RowForm("csv"), True)]
    assert SCORE.plan(job, {**done, "join": JoinedRows(File("j", ""), {})}) == []
    assert SCORE.progress(job, {"cut": cut, "part-0": first}).iteration == 5


FAULTY = b"a,b\n1,2\nmuch,3\n4\n\n5,6\n"


def test_a_row_that_cannot_be_scored_loses_no_other(here: World) -> None:
    view = scored(here, FAULTY)
    assert (view["rows"], view["refused"]) == (5, 3)
    found = table(result(here, view))
    assert [row["error"] for row in found] == [
        "",
        "line 3, column 'a': 'much' is no number",
        "line 4: 1 cells, where the header has 2",
        "line 5: the row is empty",
        "",
    ]
    assert [bool(row["label"]) for row in found] == [True, False, False, False, True]
    assert (found[1]["a"], found[1]["b"], found[1]["P(yes)"]) == ("much", "3", "")


def test_the_first_rows_and_why_some_are_refused_are_told_as_long_as_the_result_is_kept(here: World) -> None:
    names = ["a", "b", *(f"seen {at}" for at in range(9))]
    lines = [f"{'much' if at % 2 else at},1,{'x' * 200}{',' * 8}" for at in range(PART_ROWS + 3)]
    view = scored(here, "\n".join([",".join(names), *lines]).encode())
    assert view["columns"] == names[:8]
    found = table(result(here, view))
    assert [one["cells"][:2] for one in view["first"]] == [[row["a"], row["b"]] for row in found[:10]]
    assert {one["cells"][2] for one in view["first"]} == {"x" * 100 + "…"}
    for one, row in zip(view["first"][::2], found[::2], strict=False):
        assert (one["label"], one["probability"]) == (row["label"], float(row[f"P({row['label']})"]))
    assert [one["error"] for one in view["first"][1::2]] == [row["error"] for row in found[1:10:2]]
    assert view["errors"] == [row["error"] for row in found if row["error"]][:5]
    gone = here.ok("DELETE", f"/v1/models/m/score/{view['id']}")
    assert (gone["columns"], gone["first"], gone["errors"], gone["rows"]) == ([], [], [], PART_ROWS + 3)


def test_the_first_rows_of_numbers_and_of_lists_are_told(store: Store) -> None:
    here = world(store)
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "linear_regression"})
    here.upload(b"a,y\n" + b"".join(b"%d,%d\n" % (at, 2 * at) for at in range(30)), label="y")
    here.ok("POST", "/v1/models/m/train", {"refit": False})
    here.ok("POST", "/v1/models/m/deploy")
    view = scored(here, json.dumps([{"a": 2, "tags": ["u", "v"]}, {"a": 3.5}]).encode(), "rows.json")
    found = json.loads(result(here, view))
    assert [one["value"] for one in view["first"]] == [row["value"] for row in found]
    assert [one["cells"] for one in view["first"]] == [[2, None], [3.5, None]]


FORMS: dict[str, tuple[str, bytes, str]] = {
    "semicolons": ("r.csv", b"a;b\n1;2\n3;4\n", "r.scored.csv"),
    "tabs": ("r.tsv", b"a\tb\n1\t2\n3\t4\n", "r.scored.tsv"),
    "packed": ("r.csv.gz", gzip.compress(b"a,b\n1,2\n3,4\n"), "r.scored.csv.gz"),
    "an array": ("r.json", b'[{"a": 1, "b": 2}, {"a": 3, "b": 4.5}]', "r.scored.json"),
    "lines": ("r.jsonl", b'{"a": 1, "b": 2}\n{"a": 3, "b": 4.5}\n', "r.scored.jsonl"),
}


@pytest.mark.parametrize(("name", "data", "result_name"), FORMS.values(), ids=FORMS)
def test_the_result_has_the_form_of_the_file(here: World, name: str, data: bytes, result_name: str) -> None:
    view = scored(here, data, name)
    assert (view["scored"], view["as_it_came"]) == (result_name, True)
    made = result(here, view)
    plain = gzip.decompress(made).decode() if name.endswith(".gz") else made.decode()
    if "json" in name:
        rows = (
            json.loads(plain) if name.endswith("json") else [json.loads(line) for line in plain.splitlines()]
        )
        assert [list(row) for row in rows] == [["a", "b", "label", "P(no)", "P(yes)"]] * 2
        assert [row["a"] for row in rows] == [1, 3]
        assert '"a": 1,' in plain
    else:
        sign = {"r.csv": ";", "r.tsv": "\t", "r.csv.gz": ","}[name]
        assert plain.splitlines()[0] == sign.join(["a", "b", "label", "P(no)", "P(yes)"])
        assert plain.splitlines()[1].startswith(sign.join("12") + sign)


def test_what_is_said_of_a_file_holds_and_its_cells_stay_as_they_are(here: World) -> None:
    data = b"a;b\n1,5;2\n2,5;-\n"
    view = scored(here, data, reading={"decimal": ",", "missing": ["-"]})
    found = table(result(here, view), delimiter=";")
    rows = [{"a": 1.5, "b": 2}, {"a": 2.5, "b": None}]
    wanted = here.ok("POST", "/v1/models/m/predict", {"rows": rows})["predictions"]
    assert [(row["a"], row["b"]) for row in found] == [("1,5", "2"), ("2,5", "-")]
    told = [(row["label"], {name: float(row[f"P({name})"]) for name in ("no", "yes")}) for row in found]
    assert told == [(one["label"], one["probabilities"]) for one in wanted]


REFUSED = {
    "names alone": (b"a,b\n", "invalid_data", "no rows"),
    "other columns": (b"zip,town\n1,2\n", "invalid_data", "give some of 'a', 'b'"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "invalid_data", "PNG"),
}


@pytest.mark.parametrize(("data", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_scored_says_why_and_leaves_nothing(
    prepared: Prepared, here: World, data: bytes, code: str, said: str
) -> None:
    """But the record of its run, and that of the file, which say what became of it."""
    before = prepared.look()
    view = scored(here, data)
    assert (view["state"], view["error"]["code"], view["url"]) == ("failed", code, None)
    assert said in view["error"]["message"]
    left = prepared.look()
    assert left["blobs"] == before["blobs"]
    new = [one for one in left["records"] if one not in before["records"]]
    assert [one.partition(" ")[0] for one in new] == ["default/runs", "default/scorings/m"]
    assert len(left["records"]) == len(before["records"]) + 2
    [run, *_] = here.ok("GET", "/v1/runs")["items"]
    assert (run["kind"], run["state"], run["error"]["code"]) == ("score", "failed", code)
    assert here.ok("GET", "/v1/runs", query={"state": "failed"})["items"] == [run]
    assert (
        here.ok("GET", "/v1/runs", query={"state": "last_failed"})["items"] == []
    )  # nothing of the model failed


def test_a_packed_file_that_unpacks_to_more_than_there_is_room_for_is_refused(store: Store) -> None:
    here = world(store)
    deployed(here)
    room = here.again(settings=Settings(memory_bytes=BYTES_A_BYTE * 1_000_000))
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)
    view = scored(room, bomb, "rows.csv.gz")
    assert (view["state"], view["error"]["code"]) == ("failed", "too_large")
    assert "1000000 bytes" in view["error"]["message"]


def test_a_file_of_more_cells_than_there_is_room_for_is_refused(store: Store) -> None:
    here = world(store)
    deployed(here)
    room = here.again(settings=Settings(memory_bytes=BYTES_A_CELL * 1000))
    assert scored(room, b"a,b\n" + b"1,2\n" * 500)["state"] == "succeeded"
    view = scored(room, b"a,b\n" + b"1,2\n" * 501)
    assert (view["state"], view["error"]["code"]) == ("failed", "too_large")
    assert "more than 1000 cells; send parts of it" in view["error"]["message"]


NESTED = (
    b'{"id": 12345678901234567890, "a": 1.0, "b": 2, "label": {"x": [1]}, "t": [1, 2]}\n{"b": 3, "a": 1}\n'
)


def test_an_object_keeps_what_no_model_reads(here: World) -> None:
    view = scored(here, NESTED, "r.jsonl")
    assert view["refused"] == 0
    first, second = result(here, view).decode().splitlines()
    assert first.startswith(NESTED.decode().splitlines()[0][:-1] + ', "predicted label": "yes", "P(no)": ')
    assert list(json.loads(second)) == ["b", "a", "predicted label", "P(no)", "P(yes)"]


def test_a_column_that_was_left_out_of_the_data_set_stays_in_the_file(store: Store) -> None:
    here = world(store)
    data = two_classes(60).splitlines()
    text = b"id," + data[0] + b"\n" + b"".join(b"%d,%s\n" % (at, row) for at, row in enumerate(data[1:]))
    here.ok("POST", "/v1/models", {"name": "m", "algorithm": "logistic_regression"})
    sent = here.ok("POST", "/v1/datasets/m/upload", {"size": len(text), "exclude": ["id"]})
    here.ok("PUT", f"/v1/datasets/m/upload/{sent['id']}", text)
    here.ok("POST", "/v1/models/m/train", {"refit": False, "iterations": 5})
    here.ok("POST", "/v1/models/m/deploy")
    out = io.BytesIO()
    with pa.ipc.new_file(out, pa.schema({"id": pa.int64(), "a": pa.float64(), "b": pa.float64()})) as file:
        file.write_table(pa.table({"id": [7, 8], "a": [1.0, 2.0], "b": [1.0, 2.0]}))
    found = pa.ipc.open_file(result(here, scored(here, out.getvalue(), "r.arrow"))).read_all()
    assert found["id"].to_pylist() == [7, 8]


@pytest.mark.parametrize("bad", [0, PART_ROWS])
def test_a_part_without_a_row_that_can_be_read_loses_no_other(here: World, bad: int) -> None:
    lines = [b"1,2\n"] * (PART_ROWS + 1)
    lines[bad:] = [b"much,2\n"] * (1 if bad else len(lines))
    view = scored(here, b"a,b\n" + b"".join(lines))
    assert (view["state"], view["refused"], view["rows"]) == ("succeeded", len(lines) - bad, len(lines))
    assert result(here, view).count(b"is no number") == len(lines) - bad


def test_the_rows_count_once_as_rows_that_the_served_version_saw(here: World) -> None:
    scored(here, FAULTY)
    found = here.ok("POST", "/v1/models/m/monitor")
    assert (found["rows"], found["requests"]) == (2, 0)


def test_rows_without_a_prediction_are_no_calls_that_were_refused(here: World) -> None:
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 1, "b": 2}] * 20})
    scored(here, FAULTY)
    here.platform.loaded.flush()
    found = here.ok("POST", "/v1/models/m/monitor")
    assert (found["rows"], found["errors"], found["requests"]) == (22, 3, 1)
    assert [(one["requests"], one["refused"], one["reasons"]) for one in found["versions"]] == [(1, 0, {})]


def test_a_version_that_scored_a_file_alone_was_not_called(here: World) -> None:
    scored(here, FAULTY)
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    here.ok("POST", "/v1/models/m/deploy", {"version": 2})
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 1, "b": 2}]})
    here.platform.loaded.flush()
    found = here.ok("POST", "/v1/models/m/monitor")
    assert [one["version"] for one in found["versions"]] == [2]


def test_a_model_that_scores_files_alone_has_traffic(here: World) -> None:
    shifted = b"a,b\n" + b"".join(b"%.3f,9\n" % (50 + at / 100) for at in range(200))
    scored(here, shifted)
    found = here.ok("POST", "/v1/models/m/monitor")
    assert (found["status"], found["rows"], found["requests"]) == ("drift", 200, 0)
    assert any("feature 'a' drifted" in one["message"] for one in found["alerts"])


def test_rows_that_another_version_scores_count_in_no_traffic(here: World) -> None:
    here.ok("POST", "/v1/models/m/train", {"iterations": 2, "refit": False})
    view = scored(here, FAULTY, version=2)
    assert (view["version"], view["state"]) == (2, "succeeded")
    assert here.ok("POST", "/v1/models/m/monitor")["rows"] == 0


def test_a_model_that_is_retired_meanwhile_ends_the_run(here: World) -> None:
    path = announced(here, FAULTY)
    here.ok("POST", "/v1/models/m/retire", {})
    here.ok("PUT", path, FAULTY)
    assert here.ok("GET", path)["state"] == "rejected"
    assert score_work.KEPT_FOR.days == 7
