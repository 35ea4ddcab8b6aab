"""A file of rows to be predicted is read by the platform for those who cannot, by the rule of the SDK."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from functions.system import file_rows
from lepton_ai.file_rows import rows_from_file
from lepton_ai.rows import Rows
from lepton_core.table import ReadingOptions
from lepton_core.table.files.every_row import EMPTY_ROW
from tests.support.world import World, two_classes, world

ROWS, PREDICT = "/v1/models/m/rows", "/v1/models/m/predict"

FILES = {
    "a header, quotes, a comma in a cell": b'a,b,note\n1,2,"x, y"\n3,4,"two\nlines"\n',
    "semicolons and decimal commas": b"a;b\n1,5;2\n2,5;3\n3,5;4\n",
    "too few cells, and an empty row": b"a,b\n1,2\n3\n\n4,5\n",
    "packed": gzip.compress(b"a,b\n1,2\n3,4\n"),
    "objects of JSON": b'[{"a": 1, "b": "x"}, {"a": null, "b": true}]',
    "lines of JSON, one of them broken": b'{"a": 1, "b": 2}\n{"a": \n{"a": 3, "b": 4}\n',
}


@pytest.fixture
def here(store: Any) -> World:
    made = world(store)
    made.trained(two_classes(60), iterations=5)
    made.ok("POST", "/v1/models/m/deploy")
    return made


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_the_rows_are_those_that_the_sdk_sends(here: World, data: bytes) -> None:
    found = here.ok("POST", ROWS, data)
    own = rows_from_file(data)
    assert isinstance(own, Rows)
    assert (found["columns"], found["rows"]) == (list(own.columns or ()), own.rows)
    unread = own.of_file.unread.values() if own.of_file else ()
    assert [(one["row"], one["reason"], one.get("line")) for one in found["unread"]] == [
        (one.row, one.reason, one.line) for one in unread
    ]


SAID: dict[str, tuple[bytes, dict[str, Any]]] = {
    "decimal commas and words": (
        b"a;b\n1,5;-\n2,25;3\n",
        {"decimal": ",", "missing": ["-"], "delimiter": ";"},
    ),
    "words of one column": (b"a,b\n-,-\n1,x\n", {"missing": {"b": ["-"]}}),
    "the month first": (b"a,b\n02/03/2024,1\n02/13/2024,2\n", {"day_first": False}),
    "names of its own": (b"a,b\n1,2\n", {"header": False, "names": ["b", "a"]}),
    "the line of the header": (b"a,b\nc,d\n1,2\n", {"header": 2}),
    "an encoding": (b"a,b\nM\xfcller,2\n", {"encoding": "cp1251"}),
    "objects of JSON": (b'[{"a": "1,5", "b": "-"}]', {"decimal": ",", "missing": ["-"]}),
}
"""Files, and what is said of each."""


@pytest.mark.parametrize(("data", "said"), SAID.values(), ids=SAID)
def test_what_is_said_of_a_file_holds_as_in_the_sdk(here: World, data: bytes, said: dict[str, Any]) -> None:
    found = here.ok("POST", ROWS, data, query={"reading": json.dumps(said)})
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    own = rows_from_file(data, ReadingOptions(**lists))
    assert isinstance(own, Rows)
    assert (found["columns"], found["rows"]) == (list(own.columns or ()), own.rows)
    unsaid = here.ok("POST", ROWS, data)
    assert (found["columns"], found["rows"]) != (unsaid["columns"], unsaid["rows"])


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ("{", "reading", "reading is not valid JSON in UTF-8"),
        ("[]", "reading", "reading must be an object"),
        ('"\ud800"', "reading", "reading"),
        ('{"decimal": ";"}', "decimal", "must be one of"),
        ('{"kinds": {"a": "text"}}', "kinds", "kinds"),
        ('{"delimiter": "ab"}', "delimiter", "must be one character"),
        ('{"missing": {"c": ["-"]}}', "missing", "the file has no column 'c'"),
    ],
)
def test_what_cannot_be_said_of_a_file_is_refused(here: World, said: str, field: str, message: str) -> None:
    refused = here.refused("POST", ROWS, b"a,b\n1,2\n", query={"reading": said})
    assert (refused["code"], refused["field"]) == ("invalid_input", field)
    assert message in refused["message"]


def test_what_is_read_is_predicted_row_by_row(here: World) -> None:
    read = here.ok("POST", ROWS, b"a,b,seen\n2,2,x\n-2,-2,y\n\n1,much,z\n1\n")
    assert [(one["row"], one["line"], one["reason"]) for one in read["unread"]] == [
        (3, 4, EMPTY_ROW),
        (5, 6, "1 cells, where the header has 3"),
    ]
    body = {"rows": read["rows"], "columns": read["columns"], "row_errors": True}
    answer = here.ok("POST", PREDICT, body)
    assert [one.get("label") for one in answer["predictions"]] == ["yes", "no", None, None, None]
    assert answer["predictions"][3]["error"]["column"] == "b"


def test_a_value_that_is_no_cell_refuses_its_row_alone(here: World) -> None:
    data = b'[{"a": 1, "b": [1, 2]}, {"a": 1, "b": 2}]'
    read = here.ok("POST", ROWS, data)
    assert read["rows"] == [[1, []], [1, 2]]
    body = {"rows": read["rows"], "columns": read["columns"], "row_errors": True}
    first, second = here.ok("POST", PREDICT, body)["predictions"]
    assert ("error" in first, second["label"]) == (True, "yes")


def test_what_is_no_table_is_refused_with_the_reason(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 bytes came" in here.refused("POST", ROWS, b"")["message"]
    assert here.refused("POST", ROWS, b"\x80\x04\x95 pickle")["code"] == "invalid_data"
    assert here.refused("POST", "/v1/models/other/rows", b"a\n1\n")["code"] == "not_found"
    monkeypatch.setattr(file_rows, "MOST_FILE_BYTES", 5)
    refused = here.refused("POST", ROWS, b"a,b\n1,2\n")
    assert (refused["code"], "lepton predict" in refused["message"]) == ("too_large", True)


def _zipped(text: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", text)
    return packed.getvalue()


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": _zipped,
    "plain": bytes,
    "lines of JSON": lambda text: text.replace(b"1,2", b'{"a": 1, "b": 2}').replace(b"a,b\n", b""),
}


@pytest.mark.parametrize("packed", BOMBS.values(), ids=BOMBS)
def test_what_would_take_far_more_memory_than_its_length_is_refused(
    here: World, monkeypatch: pytest.MonkeyPatch, packed: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(file_rows, "MOST_CELLS_TO_SCORE", 2000)
    small, large = packed(b"a,b\n" + b"1,2\n" * 1000), packed(b"a,b\n" + b"1,2\n" * 1001)
    assert len(here.ok("POST", ROWS, small)["rows"]) == 1000
    refused = here.refused("POST", ROWS, large)
    assert (refused["code"], "send parts of it" in refused["message"]) == ("too_large", True)
    for unread in (b"1\n", b"a,b\n"):
        rows = (b"1,2\n1,3\n" + unread) * 400
        assert here.refused("POST", ROWS, b"a,b\n" + rows)["code"] == "too_large"


@pytest.mark.parametrize("name", ["gzip", "zip"])
def test_a_packed_file_may_be_as_large_as_another(
    here: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(file_rows, "MOST_FILE_BYTES", 2000)
    packed = BOMBS[name](b"a,b\n" + b"1,2\n" * 1000)
    refused = here.refused("POST", ROWS, packed)
    assert (len(packed) < 2000, refused["code"]) == (True, "too_large")
    assert "unpacks to more than 2000 bytes" in refused["message"]


def test_nothing_of_a_file_is_kept(here: World) -> None:
    before = here.platform.blobs.keys("")
    here.ok("POST", ROWS, json.dumps([{"a": 1, "b": 2}]).encode())
    assert here.platform.blobs.keys("") == before
