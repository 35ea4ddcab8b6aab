"""Files to be scored: each row has an answer, one that cannot be read an empty one with its place; none is shifted."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lepton_ai import Data, InvalidData, InvalidInput, Model
from lepton_ai.demo import platform as served
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.file_rows import rows_from_file, rows_to_predict
from lepton_ai.predictions import Prediction, Predictions
from lepton_ai.row_error import RowError
from lepton_ai.rows import Rows
from lepton_core.table import ReadingOptions
from tests.support.sampling import examples
from tests.support.written_files import feather, ndjson, parquet, xlsx

N = 120
RANDOM = np.random.default_rng(3)
HEAD = ["size", "paid", "town", "day"]
FRAME = pd.DataFrame(
    {
        "size": RANDOM.normal(20, 4, N).round(2),
        "paid": RANDOM.random(N) < 0.5,
        "town": RANDOM.choice(["Bonn", "Kiel", "Ulm"], N),
        "day": pd.Timestamp("2024-05-01") + pd.to_timedelta(RANDOM.integers(0, 90, N), unit="D"),
    }
)
FRAME["y"] = np.where(FRAME["size"] + 4 * FRAME["paid"] > 22, "yes", "no")

Row = list[Any]
ROWS = st.tuples(
    st.floats(0, 40).map(lambda size: round(size, 2)) | st.none(),
    st.booleans(),
    st.sampled_from(["Bonn", "Kiel", "Rome"]) | st.none(),
    st.sampled_from(["2024-05-01", "2024-06-17"]) | st.none(),
).map(list)
CELLS = {"size": "oops", "paid": "perhaps", "day": "some day"}
SAID = {
    "size": "'oops' is no number",
    "paid": "'perhaps' is no boolean",
    "day": "'some day' is no date",
}


def trained(transport: Any) -> Model:
    model = Model("logistic_regression", name="m", quiet=True, transport=transport)
    model.upload_data(Data.from_pandas(FRAME, quiet=True))
    model.train(iterations=15)
    model.deploy()
    return model


@pytest.fixture(scope="module", params=["embedded", "HTTP"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    folder = tmp_path_factory.mktemp("platform")
    if request.param == "embedded":
        transport = EmbeddedTransport(folder)
        yield trained(transport)
        transport.close()
    else:
        with served(folder) as http:
            yield trained(http)


def csv_text(rows: list[Row], end: str = "") -> str:
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in [HEAD, *rows]]
    return "\n".join(lines) + "\n" + end


def damaged(row: Row, how: str) -> Row:
    if how == "short":
        return row[:-1]
    if how == "long":
        return [*row, 7]
    return [CELLS[how] if name == how else cell for name, cell in zip(HEAD, row, strict=True)]


def expected(how: str) -> tuple[str | None, str]:
    cells = {"short": 3, "long": 5}
    if how in cells:
        return None, f"{cells[how]} cells, where the header has 4"
    return how, SAID[how]


def demand_empty(found: Prediction, row: int, line: int | None, column: str | None, reason: str) -> None:
    assert found == Prediction(error=RowError(row, reason, column, line))


def without(predictions: Predictions) -> list[Prediction]:
    return [one for one in predictions if one.error is None]


@st.composite
def files(draw: st.DrawFn, ways: list[str]) -> tuple[list[Row], dict[int, str]]:
    """Rows, and how some of them are damaged; not all, for the others tell how the file is written."""
    rows = draw(st.lists(ROWS, min_size=6, max_size=30))
    places = draw(st.sets(st.integers(0, len(rows) - 1), max_size=len(rows) // 3))
    return rows, {place: draw(st.sampled_from(ways)) for place in sorted(places)}


@settings(
    deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files([*CELLS, "short", "long"]), st.booleans())
def test_rows_of_csv_are_answered_as_if_the_damaged_ones_were_not_there(
    model: Model, tmp_path: Path, file: tuple[list[Row], dict[int, str]], as_data: bool
) -> None:
    rows, how = file
    path = tmp_path / "april.csv"
    path.write_text(csv_text([damaged(row, how[at]) if at in how else row for at, row in enumerate(rows)]))
    given = Data.from_csv(path, quiet=True, bad_rows=1.0) if as_data else path
    found = model.predict(given)
    path.write_text(csv_text([row for at, row in enumerate(rows) if at not in how]))
    wanted = model.predict(path)
    assert without(found) == list(wanted) and found.notes == wanted.notes
    assert len(found) == len(rows) and len(found.errors) == len(how)
    for place, way in how.items():
        column, reason = expected(way)
        demand_empty(found[place], place + 1, place + 2, column, reason)


def as_ndjson(rows: list[Row], how: dict[int, str]) -> bytes:
    lines = []
    for at, row in enumerate(rows):
        record = dict(zip(HEAD, row, strict=True))
        way = how.get(at)
        if way in CELLS:
            record[str(way)] = CELLS[str(way)]
        elif way == "list":
            record["town"] = [1]
        elif way == "none of the columns":
            record = {"other": 1}
        lines.append(b"oops\n" if way == "text" else ndjson([record]))
    return b"".join(lines)


@settings(
    deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files([*CELLS, "list", "text", "none of the columns"]))
def test_rows_of_json_are_answered_as_if_the_damaged_ones_were_not_there(
    model: Model, tmp_path: Path, file: tuple[list[Row], dict[int, str]]
) -> None:
    rows, how = file
    if how.get(0) == "text":  # the first line tells that it is JSON
        how = {at: way for at, way in how.items() if at}
    path = tmp_path / "april.ndjson"
    path.write_bytes(as_ndjson(rows, how))
    found = model.predict(path)
    path.write_bytes(as_ndjson([row for at, row in enumerate(rows) if at not in how], {}))
    wanted = model.predict(path)
    assert without(found) == list(wanted)
    assert (found.notes.filled, found.notes.unknown) == (wanted.notes.filled, wanted.notes.unknown)
    said = {
        "list": "'town' holds a list, which is no cell; leave the column out with exclude=['town']",
        "text": "this is no JSON: Expecting value",
        "none of the columns": "none of the columns that the model reads is there; give some of "
        "'size', 'paid', 'town', 'day'",
    }
    for place, way in how.items():
        column, reason = expected(way) if way in CELLS else ("town" if way == "list" else None, said[way])
        demand_empty(found[place], place + 1, place + 1, column, reason)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files(list(CELLS)))
def test_rows_of_excel_are_answered_as_if_the_damaged_ones_were_not_there(
    model: Model, tmp_path: Path, file: tuple[list[Row], dict[int, str]]
) -> None:
    rows, how = file
    rows = [[1.5 if row[0] is None else row[0], *row[1:]] for row in rows]  # a row without cells is none
    path = tmp_path / "april.xlsx"
    kept = [damaged(row, how[at]) if at in how else row for at, row in enumerate(rows)]
    path.write_bytes(xlsx(["April"], [], HEAD, *kept))
    found = model.predict(Data.from_file(path, quiet=True))
    assert found == model.predict(path)
    path.write_bytes(xlsx(HEAD, *(row for at, row in enumerate(rows) if at not in how)))
    assert without(found) == list(model.predict(path))
    for place, way in how.items():
        demand_empty(found[place], place + 1, place + 4, *expected(way))


@pytest.mark.parametrize("write", [parquet, feather])
@pytest.mark.parametrize("many", [1, 30])
def test_rows_of_parquet_and_arrow(
    model: Model, tmp_path: Path, write: Callable[..., bytes], many: int
) -> None:
    size, paid = [1.5, 2.5, math.inf, 4.5] * many, [True, None, True, False] * many
    day = ["2024-05-01", "some day", None, "2024-06-17"] * many
    path = tmp_path / "april"
    path.write_bytes(write({"size": size, "paid": paid, "day": day}))
    found = model.predict(path)
    good = [at for at in range(4 * many) if at % 4 in (0, 3)]
    columns = {"size": size, "paid": paid, "day": day}
    path.write_bytes(write({name: [cells[at] for at in good] for name, cells in columns.items()}))
    assert without(found) == list(model.predict(path)) and len(found) == 4 * many
    demand_empty(found[1], 2, None, "day", "'some day' is no date")
    demand_empty(found[-2], 4 * many - 1, None, "size", "the cell is infinite")


def test_a_damaged_row_does_not_change_how_the_other_cells_are_read(tmp_path: Path) -> None:
    """One text makes texts of a column, and 1.5 among prices with a decimal comma would be another price."""
    transport = EmbeddedTransport(tmp_path / "state")
    model = Model("linear_regression", name="prices", quiet=True, transport=transport)
    (tmp_path / "a.csv").write_text(
        "price;paid;y\n" + "".join(f"{at},25;{'ja' if at % 2 else 'nein'};{at}\n" for at in range(60))
    )
    model.upload_data(Data.from_csv(tmp_path / "a.csv", quiet=True))
    model.train()
    model.deploy()
    rows = [{"price": 1.125, "paid": True}, {"price": 30, "paid": False}, {"price": "oops", "paid": "ja"}]
    wanted = model.predict(rows[:2])
    for name, content in (
        ("b.ndjson", ndjson([*rows, {"price": 1, "paid": "x"}])),
        ("b.xlsx", xlsx(["price", "paid"], *(list(row.values()) for row in rows), [1, "x"])),
    ):
        (tmp_path / name).write_bytes(content)
        found = model.predict(tmp_path / name)
        assert list(found)[:2] == list(wanted)
        assert [error.column for error in found.errors] == ["price", "paid"]
    transport.close()


def test_lines_are_those_of_the_file_and_no_row_is_shifted(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "Report of April\n\n"
        "size,paid,town,day\n"
        '1.5,yes,"Bonn\nam Rhein",2024-05-01\n'
        "\n"
        "oops,no,Kiel,2024-05-01\n"
        "2.5,no,Kiel\n"
        "size,paid,town,day\n"
        '2.5,no,"Kiel,2024-05-01\n'
        "3.5,no,Kiel,2024-05-01\n"
        "Total,,,\n"
        ",,,\n"
    )
    found = model.predict(path)
    assert [(error.row, error.line) for error in found.errors] == [
        (2, 6),
        (3, 7),
        (4, 8),
        (5, 9),
        (6, 10),
        (8, 12),
    ]
    assert [one.error is None for one in found] == [True, *[False] * 5, True, False]
    assert found.errors[0] == RowError(2, "the row is empty", None, 6)
    assert found.errors[3] == RowError(5, "it is the header line once more", None, 9)
    assert found.errors[4] == RowError(6, "a quote is opened and never closed", "town", 10)


def test_an_answer_stands_beside_its_row_where_both_files_are_joined_by_place(
    model: Model, tmp_path: Path
) -> None:
    rows = [[3.5, True, "Kiel", "2024-05-01"], [30.5, False, "Ulm", "2024-05-02"]]
    head, one, two = csv_text(rows).splitlines()
    path = tmp_path / "gaps.csv"
    path.write_text("\n".join([head, one, "", two, head, one, "", "", two, "", ""]))
    by_sheet = tmp_path / "gaps.xlsx"
    by_sheet.write_bytes(xlsx(HEAD, rows[0], [], rows[1], HEAD, rows[0], [], [], rows[1], []))
    for rows_of in (path, Data.from_csv(path, quiet=True), by_sheet, Data.from_file(by_sheet, quiet=True)):
        found = model.predict(rows_of)
        first, second = found[0], found[2]
        assert first != second
        assert [item for item in found if item.error is None] == [first, second, first, second]
        assert [error.line for error in found.errors] == [3, 5, 7, 8]
        assert [error.reason for error in found.errors[::2]] == ["the row is empty"] * 2
        written = found.to_csv().splitlines()
        assert len(written) == 1 + 8 and written[2].endswith("line 3: the row is empty")
        assert written[1] == written[5] and written[3] == written[8]


def test_a_file_of_several_calls_stays_in_line(model: Model, tmp_path: Path) -> None:
    rows = [[at % 40, bool(at % 2), "Kiel", "2024-05-01"] for at in range(12_000)]
    how = {0: "short", 4_999: "size", 5_000: "long", 7_777: "paid", 11_999: "day"}
    path = tmp_path / "long.csv"
    path.write_text(csv_text([damaged(row, how[at]) if at in how else row for at, row in enumerate(rows)]))
    found = model.predict(path)
    assert len(found) == 12_000 and [error.row - 1 for error in found.errors] == sorted(how)
    for place, way in how.items():
        demand_empty(found[place], place + 1, place + 2, *expected(way))
    some = model.predict([dict(zip(HEAD, row, strict=True)) for row in rows[:80]])
    for at, one in enumerate(found):
        if at not in how:
            wanted = some[40 + at % 40]
            assert one.label == wanted.label and one.probability == pytest.approx(wanted.probability)


def test_a_file_without_a_row_that_can_be_read_is_all_empty(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("size,paid\n" + "x,z\n" * 3)
    found = model.predict(path)
    assert len(found.errors) == len(found) == 3
    assert found.labels == [None] * 3 and math.isnan(found.values[0]) and found.classes == []
    assert found.to_numpy().shape == (3, 0)
    reason = "'x' is no number, and 1 more of its cells cannot be read"
    assert found.to_csv().splitlines()[:2] == ["error", f"\"line 2, column 'size': {reason}\""]
    assert found.table().splitlines()[0].split() == ["row", "error"]
    assert "3 of 3 rows have no prediction:" in str(found) and "3 of them empty" in repr(found)


def test_rows_of_a_call_are_refused_and_all_are_counted(model: Model, tmp_path: Path) -> None:
    rows = [{"size": "oops"}, {"size": 1}, {"size": "no", "paid": "perhaps"}]
    before = model.monitor()
    for refused in (
        rows,
        pd.DataFrame(rows),
        Data.from_pandas(pd.DataFrame(rows).assign(y=[1, 2, 3]), quiet=True),
    ):
        with pytest.raises(InvalidData) as caught:
            model.predict(refused)
        assert str(caught.value).count(" is no ") == 3
    (tmp_path / "rows.ndjson").write_bytes(ndjson(rows))
    assert len(model.predict(tmp_path / "rows.ndjson").errors) == 2
    (tmp_path / "rows.csv").write_text("size,paid\n1,yes\n2,no\n3,no\n1,yes,2\n2\n")
    assert len(model.predict(tmp_path / "rows.csv").errors) == 2
    after = model.monitor()
    assert (after.errors - before.errors, after.rows - before.rows) == (3 * 2 + 2 + 2, 1 + 3)


def test_explained_rows_and_empty_ones_go_together(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("size,paid\n1.5,yes\noops,no\n")
    found = model.predict(path, explain=True)
    assert found[0].contributions and not found[1].contributions
    assert len(found.contributions) == 2 and len(found.explained().splitlines()) == 1


def test_a_path_is_a_file_and_what_is_wrong_with_it_is_said(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("size,paid\n1.5,yes\n")
    assert model.predict(str(path)) == model.predict(path)
    assert rows_to_predict(path, ReadingOptions) == Rows([["1.5", "yes"]], ["size", "paid"])
    with pytest.raises(InvalidInput, match="no such file"):
        model.predict("none.csv")
    path.write_text("colour,weight\n1.5,yes\n")
    with pytest.raises(InvalidData, match="none of the columns that the model reads is there"):
        model.predict(path)
    path.write_bytes(b"SQLite format 3\x00")
    with pytest.raises(InvalidData, match=r"a\.csv: this is an SQLite database"):
        model.predict(path)


@pytest.mark.parametrize(
    "data",
    [
        ndjson([{"colour": at, **({"weight": 1} if at % 2 else {})} for at in range(400)]),
        ndjson([{"colour": at, "weight": 1} for at in range(400)]),
        parquet({"colour": [1, 2], "weight": ["x", "y"]}),
        feather({"colour": [1, 2], "weight": ["x", "y"]}),
        xlsx(["colour", "weight"], [1, "x"], [2, "y"]),
    ],
    ids=["JSON that lacks names", "JSON", "Parquet", "Feather", "Excel"],
)
def test_a_file_without_any_column_of_the_model_is_refused_as_a_whole_and_counted_once(
    model: Model, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "other"
    path.write_bytes(data)
    before = model.monitor().errors
    with pytest.raises(InvalidData, match="none of the columns that the model reads is there") as caught:
        model.predict(path)
    assert caught.value.row is None
    assert model.monitor().errors == before + 1


@pytest.mark.parametrize("first", [0, 5_000, 10_000])
def test_a_batch_without_any_column_of_the_model_has_empty_answers_beside_others(
    model: Model, tmp_path: Path, first: int
) -> None:
    others = range(first, first + 5_000)
    path = tmp_path / "rows.ndjson"
    path.write_bytes(ndjson([{"colour": at} if at in others else {"size": at % 9} for at in range(15_000)]))
    found = model.predict(path)
    assert len(found) == 15_000
    assert [one.row - 1 for one in found.errors] == list(others)
    assert {one.reason[:47] for one in found.errors} == {"none of the columns that the model reads is the"}
    assert found.errors[0].line == first + 1


def test_rows_that_lack_names_are_sent_with_those_that_they_have() -> None:
    rows = rows_from_file(b'{"a": 1, "b": "x"}\nx\n{"b": "y"}\n{}\n')
    assert rows == Rows([{"a": 1, "b": "x"}, None, {"b": "y"}, {}])
    assert rows_from_file(b'{"a": 1}\nx\n') == Rows([[1], None], ["a"])
    assert rows_from_file(b'{"a": [1]}\n') == Rows([[[]]], ["a"])  # the model may not read it
