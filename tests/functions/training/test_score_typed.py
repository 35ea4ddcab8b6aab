"""A file whose cells are typed is scored: it keeps its form, the types of its columns, and all that is in it."""

import io
from decimal import Decimal

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from functions.runs.scored import BYTES_A_BYTE
from functions.settings import Settings
from lepton_core.artifact import write_container
from lepton_core.table import Numbers, Table, pack_table
from tests.support.kept_stores import Prepared
from tests.support.scored import result, scored
from tests.support.stores import Store
from tests.support.world import World, two_classes, world
from tests.support.written_files import arrow_stream, feather, parquet, xlsx


def deployed(here: World) -> None:
    here.trained(two_classes(60), iterations=5)
    here.ok("POST", "/v1/models/m/deploy")


@pytest.fixture
def here(prepared: Prepared) -> World:
    return prepared.after(deployed)


def test_a_parquet_file_keeps_the_types_of_its_columns(here: World) -> None:
    out = io.BytesIO()
    given = pa.table({"id": pa.array([7, 8], pa.int32()), "a": [1.5, 2.5], "b": [1.0, None]})
    pq.write_table(given, out)
    view = scored(here, out.getvalue(), "r.parquet")
    assert (view["scored"], view["as_it_came"]) == ("r.scored.parquet", True)
    made = pq.read_table(io.BytesIO(result(here, view)))
    assert made.select(["id", "a", "b"]) == given
    assert made.column_names[3:] == ["label", "P(no)", "P(yes)"]
    assert made["label"].to_pylist() == ["yes", "yes"]


def test_a_column_of_parquet_has_its_type_also_where_all_of_it_is_missing(here: World) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": ["much"], "b": ["more"], "d": [Decimal("1.50")], "l": [[1]]}), out)
    made = pq.read_table(io.BytesIO(result(here, scored(here, out.getvalue(), "r.parquet"))))
    assert made.select(["a", "b", "d", "l"]) == pq.read_table(io.BytesIO(out.getvalue()))
    types = {name: str(made.schema.field(name).type) for name in made.column_names[4:]}
    assert types == {"label": "string", "P(no)": "double", "P(yes)": "double", "error": "string"}


def test_a_text_that_many_cells_share_takes_room_for_each(store: Store) -> None:
    here = world(store)
    deployed(here)
    room = here.again(settings=Settings(memory_bytes=BYTES_A_BYTE * 1_000_000))
    data = parquet({"a": [1.0] * 200, "b": [1.0] * 200, "t": ["long " * 2_000] * 200})
    assert len(data) < 10_000
    view = scored(room, data, "r.parquet")
    assert (view["state"], view["error"]["code"]) == ("failed", "too_large")
    assert "2000000 letters; the most is 1000000; send parts of it" in view["error"]["message"]


@pytest.mark.parametrize("name", ["r.arrow", "r.feather", "r.arrows"])
def test_an_arrow_file_stays_one(here: World, name: str) -> None:
    words = pa.chunked_array([pa.array(["x"]).dictionary_encode(), pa.array(["y"]).dictionary_encode()])
    given = pa.table(
        {"a": [1.0, 2.0], "b": [1, 2], "w": words, "label": [{"x": 1}, {"x": 2}], "l": [[1], [2]]}
    )
    data = arrow_stream(given) if name == "r.arrows" else feather(given)
    view = scored(here, data, name)
    assert (view["scored"], view["as_it_came"], view["refused"]) == (f"r.scored{name[1:]}", True, 0)
    made = io.BytesIO(result(here, view))
    kept = (pa.ipc.open_stream if name == "r.arrows" else pa.ipc.open_file)(made).read_all()
    assert kept.select(given.column_names).to_pydict() == given.to_pydict()
    assert kept.schema.field("w").type == given.schema.field("w").type
    assert kept.column_names[5:] == ["predicted label", "P(no)", "P(yes)"]
    rows = [{"a": 1.0, "b": 1}, {"a": 2.0, "b": 2}]
    wanted = here.ok("POST", "/v1/models/m/predict", {"rows": rows})["predictions"]
    assert kept["P(yes)"].to_pylist() == [one["probabilities"]["yes"] for one in wanted]


def test_an_excel_file_stays_one(here: World) -> None:
    data = xlsx(["a", "b"], [1, 1], ["much", 2], [], [2, 2.5])
    view = scored(here, data, "r.xlsx")
    assert (view["scored"], view["as_it_came"], view["refused"]) == ("r.scored.xlsx", True, 2)
    book = openpyxl.load_workbook(io.BytesIO(result(here, view)))
    head, *rows = book["Sheet"].iter_rows(values_only=True)
    assert head == ("a", "b", "label", "P(no)", "P(yes)", "error")
    given = [{"a": 1, "b": 1}, {"a": 2, "b": 2.5}]
    told = here.ok("POST", "/v1/models/m/predict", {"rows": given})["predictions"]
    answers = [(one["label"], *(one["probabilities"][name] for name in ("no", "yes"))) for one in told]
    assert rows == [
        (1, 1, *answers[0], None),
        ("much", 2, None, None, None, "line 3, column 'a': 'much' is no number"),
        (None, None, None, None, None, "line 4: the row is empty"),
        (2, 2.5, *answers[1], None),
    ]


def test_a_file_that_can_only_be_read_becomes_csv_and_it_is_said(here: World) -> None:
    columns = (Numbers("a", np.array([1.0, 2.0])), Numbers("b", np.array([1.0, 2.0])))
    view = scored(here, write_container(*pack_table(Table(columns))), "r.container")
    assert (view["scored"], view["as_it_came"]) == ("r.scored.csv", False)
    assert result(here, view).startswith(b"a,b,label,P(no),P(yes)\n1,1,yes,")
