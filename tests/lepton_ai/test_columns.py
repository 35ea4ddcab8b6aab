"""Many rows travel as typed columns; the answers are those of the same rows as JSON, bit by bit."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai import Data, InvalidData, InvalidInput, Model, TooLarge
from lepton_ai.columns import Columns
from lepton_ai.demo import platform as served
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.frames import table_from_frame
from lepton_ai.rows import Rows, rows_from
from lepton_core.table import kind_of
from lepton_core.table.given_container import given_from_container
from tests.lepton_ai.conftest import FakePlatform
from tests.support.sampling import examples

MANY = 150
N = 200
NAMES = ["size", "rooms", "paid", "town", "note", "when", "age"]


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "size": np.where(rng.random(N) < 0.9, rng.normal(size=N), np.nan),
            "rooms": rng.integers(0, 40, N),
            "paid": rng.random(N) < 0.5,
            "town": rng.choice(["Bonn", "Kiel", "Ulm", "1"], N),
            "note": [f"note {i} of many, {'good' * (i % 3)}" for i in range(N)],
            "when": pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.integers(0, 9e5, N), unit="s"),
            "age": pd.to_timedelta(rng.integers(0, 9e5, N), unit="s"),
            "y": rng.choice(["no", "yes"], N),
        }
    )


FRAME = frame()
X = np.random.default_rng(1).normal(size=(N, 3))
ARRAYS = Data.from_arrays(X, np.where(X[:, 0] > 0, "b", "a"))


def trained(transport: Any, name: str, data: Data) -> Model:
    model = Model("logistic_regression", name=name, quiet=True, transport=transport)
    model.upload_data(data)
    model.train(iterations=20)
    model.deploy()
    return model


@pytest.fixture(scope="module", params=["embedded", "HTTP"])
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Model]]:
    folder = Path(tmp_path_factory.mktemp("columns"))
    data = Data.from_pandas(FRAME, label="y", quiet=True, kinds={"note": "text"})
    if request.param == "HTTP":
        with served(folder) as transport:
            yield [trained(transport, "frame", data), trained(transport, "arrays", ARRAYS)]
        return
    transport = EmbeddedTransport(folder)
    yield [trained(transport, "frame", data), trained(transport, "arrays", ARRAYS)]
    transport.close()


def outcome(model: Model, rows: Any, *, explain: bool = False) -> Any:
    try:
        found = model.predict(rows, explain=explain)
    except InvalidData as error:
        return error.row, error.column, error.failure.code
    # Lengths of time leave nothing open; of their numbers in JSON an answer tells that they were taken for seconds.
    notes = replace(found.notes, assumed=())
    return list(found), notes, found.version


def as_json(columns: Any) -> Rows:
    cells = [kind_of(column).given_cells(column) for column in columns.columns]
    return Rows([list(row) for row in zip(*cells, strict=True)], list(columns.names))


CELLS: dict[str, st.SearchStrategy[Any]] = {
    "float": st.floats(-1e9, 1e9) | st.sampled_from([0.0, -0.0, 1.0, float("nan"), 1e300]),
    "int": st.integers(-3, 3) | st.sampled_from([2**53 - 1, 2**53, 2**53 + 1, -(2**60)]),
    "number": st.floats(-9, 9) | st.integers(-9, 9) | st.none(),
    "bool": st.booleans() | st.none(),
    "mixed": st.sampled_from([True, 1, 1.0, 0, None]),
    "text": st.sampled_from(["Bonn", "1", "", " Ulm ", "NA", "much", "2024-05-01", "yes", None]),
    "none": st.none(),
}


@st.composite
def records(draw: st.DrawFn, names: list[str], kinds: list[str]) -> list[dict[str, Any]]:
    """Rows under some of ``names``, of a few different cells a column."""
    some = draw(
        st.lists(st.sampled_from([*names, "other"]), min_size=2, max_size=len(names) + 1, unique=True)
    )
    pools = [draw(st.lists(CELLS[draw(st.sampled_from(kinds))], min_size=1, max_size=4)) for _ in some]
    chance = random.Random(draw(st.integers(0, 999)))
    rows = draw(st.sampled_from([MANY, MANY + 5]))
    return [dict(zip(some, map(chance.choice, pools), strict=True)) for _ in range(rows)]


@settings(max_examples=examples(60), deadline=None)
@given(given=st.data(), explain=st.booleans())
def test_dicts_are_answered_as_in_json(models: list[Model], given: st.DataObject, explain: bool) -> None:
    model = models[0]
    plain = given.draw(st.booleans())
    names = ["size", "rooms", "age"] if plain else NAMES
    rows = given.draw(records(names, ["float", "int", "number"] if plain else sorted(CELLS)))
    assert outcome(model, rows, explain=explain) == outcome(model, Rows(rows), explain=explain)


@settings(max_examples=examples(40), deadline=None)
@given(given=st.data())
def test_lists_and_arrays_are_answered_as_in_json(models: list[Model], given: st.DataObject) -> None:
    model = models[1]
    kinds = given.draw(st.lists(st.sampled_from(["float", "int", "number"]), min_size=2, max_size=4))
    pools = [given.draw(st.lists(CELLS[kind], min_size=1, max_size=4)) for kind in kinds]
    chance = random.Random(given.draw(st.integers(0, 999)))
    rows = [[chance.choice(pool) for pool in pools] for _ in range(MANY)]
    wanted = outcome(model, Rows(rows))
    assert outcome(model, rows) == outcome(model, [tuple(row) for row in rows]) == wanted
    if all(type(cell) is float for row in rows for cell in row):
        assert outcome(model, np.array(rows, dtype=np.float64)) == wanted


@settings(max_examples=examples(40), deadline=None)
@given(given=st.data())
def test_frames_are_answered_as_in_json(models: list[Model], given: st.DataObject) -> None:
    model = models[0]
    f = FRAME.iloc[given.draw(st.lists(st.integers(0, N - 1), min_size=MANY, max_size=MANY))]
    f = f[given.draw(st.permutations(list(FRAME.columns)))].reset_index(drop=True)
    for name in given.draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        pool = given.draw(st.lists(CELLS[given.draw(st.sampled_from(sorted(CELLS)))], min_size=1, max_size=3))
        f[name] = pd.Series((pool * MANY)[:MANY])
    table = table_from_frame(f)
    assert outcome(model, f) == outcome(model, as_json(table))


def test_a_data_is_answered_as_in_json(models: list[Model]) -> None:
    data = Data.from_pandas(FRAME, label="y", quiet=True)
    assert isinstance(rows_from(data), Columns)
    assert outcome(models[0], data) == outcome(models[0], as_json(table_from_frame(FRAME)))
    assert models[0].predict(data).notes.assumed == ()


def test_many_rows_are_columns_and_few_are_json() -> None:
    row = {"a": 1.5, "b": 2}
    for many in ([row] * MANY, [[1.5, True]] * MANY, [(1, None)] * MANY, X, X > 0, FRAME):
        assert isinstance(rows_from(many), Columns)
        assert not isinstance(rows_from(many[: MANY - 1]), Columns)
    assert isinstance(rows_from([[0.5] * 2000] * 100), Rows), "no call takes many rows of so many cells"


class Float(float):
    pass


OTHERS = ["x", 2**53, 2**70, Decimal("0.1"), np.float32(0.1), Float(0.5), datetime(2024, 5, 1), timedelta(1)]


@pytest.mark.parametrize("cell", OTHERS, ids=repr)
def test_cells_that_need_a_second_look_travel_as_json(cell: Any) -> None:
    rows = [{"a": 1.5, "b": 2.5}] * MANY
    found = rows_from([*rows, {"a": 1.5, "b": cell}])
    assert not isinstance(found, Columns)
    assert len(found.rows) == MANY + 1


def test_infinity_is_refused_at_its_place() -> None:
    rows = [{"a": 1.5, "b": 2.5}] * MANY
    for bad in (float("inf"), -float("inf")):
        with pytest.raises(InvalidData, match=f"row {MANY + 1}, column 'b'"):
            rows_from([*rows, {"a": 1.5, "b": bad}])


def test_rows_that_lack_a_name_or_have_another_one_travel_as_json() -> None:
    rows: list[dict[Any, Any]] = [{"a": 1.5, "b": 2.5}] * MANY
    for other in ({"a": 1.5}, {"a": 1.5, "c": 2.5}, {"a": 1.5, 3: 2.5}):
        assert isinstance(rows_from([*rows, other]), Rows)
    for name in ("", "\ud800", 3):
        assert isinstance(rows_from([{"a": 1.5, name: 2.5}] * MANY), Rows)


def test_the_batches_of_columns_hold_every_row_once() -> None:
    table = table_from_frame(pd.DataFrame(np.arange(26_000.0).reshape(13_000, 2)))
    for flags, query in (({}, {}), ({"explain": True}, {"explain": "true"})):
        batches = list(Columns(table).batches(**flags))
        assert [batch.before for batch in batches] == [0, 5000, 10_000]
        assert [batch.table.rows for batch in batches] == [5000, 5000, 3000]
        assert (
            np.concatenate([batch.table["0"].values for batch in batches]).tolist()
            == table["0"].values.tolist()
        )
        assert all(batch.query == query for batch in batches)
    first, second = batches[2].halves()
    assert (first.before, second.before) == (10_000, 11_500)
    assert first.table["1"].values[0], second.table["1"].values[0] == (20_001.0, 23_001.0)


def test_an_answer_that_is_too_large_is_asked_for_in_halves(platform: FakePlatform) -> None:
    def answer(body: bytes) -> Any:
        values = given_from_container(body)["a"].values.tolist()
        if len(values) > 70:
            return TooLarge("too many", field="rows")
        return {"version": 1, "predictions": [{"value": value} for value in values]}

    platform.on("POST", "/v1/models/m/predict", answer)
    model = Model("linear_regression", name="m", quiet=True, transport=platform)
    rows = [{"a": float(at), "b": 1.0} for at in range(200)]
    assert model.predict(rows).values == [float(at) for at in range(200)]
    platform.on("POST", "/v1/models/m/predict", TooLarge("too many", field="rows"))
    with pytest.raises(TooLarge):
        model.predict(rows)


def test_errors_name_the_row_of_the_call(models: list[Model]) -> None:
    rows = [{"size": 1.5, "paid": 1.0}] * 12_000
    with pytest.raises(InvalidData) as caught:
        models[0].predict([*rows, {"size": 1.5, "paid": 0.5}])
    assert (caught.value.row, caught.value.column) == (12_001, "paid")


def test_in_a_body_of_json_the_query_says_nothing(models: list[Model]) -> None:
    with pytest.raises(InvalidInput, match="is said of a container only"):
        models[1]._transport.call(
            "POST", "/v1/models/arrays/predict", query={"explain": "true"}, body={"rows": [[1, 2, 3]]}
        )
