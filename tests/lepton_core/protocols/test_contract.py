"""What holds for every protocol: the answers are the platform's own to the bit, and nothing bad gets further."""

import json
import subprocess
import sys
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput, NotFound, Unavailable
from lepton_core.models import ALGORITHMS
from lepton_core.protocols import VERSION_HEADER, Wire, mlflow, open_inference, sagemaker
from lepton_core.table import read_rows
from tests.support.foreign import FORMS, ROWS, Form, asked, own, predictor, tensors, version_of
from tests.support.sampling import examples

WIRES: tuple[Wire, ...] = (open_inference, sagemaker, mlflow)

CASES = [
    (name, classes)
    for name, of in ALGORITHMS.items()
    for classes in (
        *((2, 3) if "classification" in of.tasks else ()),
        *((0,) if "regression" in of.tasks else ()),
    )
]

every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
every_wire = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.__name__)


@pytest.mark.parametrize(("algorithm", "classes"), CASES)
@every_form
def test_every_form_answers_the_bits_of_the_platforms_own_protocol(
    form: Form, algorithm: str, classes: int
) -> None:
    of = predictor(algorithm, classes)
    answer = asked(form.wire, of, form.request(ROWS))
    assert list(map(astuple, form.told(answer))) == list(map(astuple, own(of, ROWS)))
    assert (answer.status, answer.headers[VERSION_HEADER]) == (200, "3 sha256:abc")


@every_form
def test_the_rows_are_read_as_those_of_the_platforms_own_protocol(form: Form) -> None:
    of = predictor("linear_regression", 0)
    rows = [{**row, "town": None} for row in ROWS] + ROWS * 5
    read = form.wire.decode(*form.request(rows), version_of(of)).read()
    wanted = read_rows(rows, of.schema, reads=of.reads)
    assert read.table == wanted.table
    assert (read.filled, read.unknown, read.ignored) == (wanted.filled, wanted.unknown, wanted.ignored)


@every_form
def test_the_rows_are_counted_before_they_are_read(form: Form) -> None:
    of = predictor("linear_regression", 0)
    assert form.wire.decode(*form.request(ROWS), version_of(of)).rows == len(ROWS)


@every_wire
def test_an_error_has_the_status_of_its_class_and_one_line_of_json(wire: Wire) -> None:
    for error in (InvalidInput("is wrong", field="rows"), NotFound("no model"), Unavailable("later")):
        answer = wire.refused(error)
        assert answer.status == error.status
        told = json.loads(answer.body)
        assert error.message in next(text for text in told.values() if error.message in text)
    assert json.loads(wire.refused(InvalidInput("bad \ud800 text " + "x" * 9000)).body)
    assert len(wire.refused(InvalidInput("x" * 9000)).body) < 2200


@every_wire
@pytest.mark.parametrize("classes", [0, 2])
def test_what_is_described_has_every_column_in_order(wire: Wire, classes: int) -> None:
    of = predictor("decision_tree", classes)
    told = json.loads(wire.described(version_of(of)).body)
    columns = told.get("inputs") or told["columns"]
    assert [one["name"] for one in columns] == list(of.schema.names)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**70), 2**70) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "town", "amount", "x"]), inner)
    ),
    max_leaves=6,
)
FIELDS = (
    "inputs", "outputs", "parameters", "id", "instances", "rows", "columns", "dataframe_split", "dataframe_records",
    "params",
)  # fmt: skip
TENSOR = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["amount", "town", "x", ""]) | JSON,
        "shape": st.lists(st.integers(-1, 3), max_size=3) | JSON,
        "datatype": st.sampled_from(["BYTES", "FP64", "FP32", "INT8", "BOOL", "FP16", "UINT64"]) | JSON,
        "data": st.lists(JSON, max_size=3) | JSON,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 20)}) | JSON,
    },
)
BODY = st.dictionaries(st.sampled_from(FIELDS), JSON | st.lists(TENSOR, max_size=3), max_size=3)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "text/csv", "application/octet-stream", "text/html", ""]
        ),
        "accept": st.sampled_from(["text/csv", "*/*", ""]),
        "inference-header-content-length": st.sampled_from(["0", "2", "9999", "-1", "x", "١"]),
        "x-amzn-sagemaker-target-variant": st.sampled_from(["3", "4"]),
    },
)


@every_wire
@settings(max_examples=examples(2000), deadline=None)
@given(
    headers=HEADERS,
    body=BODY.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.text(max_size=40).map(str.encode),
)
def test_any_body_is_answered_or_refused_with_a_typed_error(
    wire: Wire, headers: dict[str, str], body: bytes
) -> None:
    of = predictor("linear_regression", 0)
    try:
        answer = asked(wire, of, (headers, body))
    except InvalidInput as error:
        answer = wire.refused(error)
        assert 400 <= answer.status < 500
    assert answer.body.decode("utf-8", "replace")


@every_wire
def test_a_deep_body_and_a_name_that_comes_twice_are_refused(wire: Wire) -> None:
    version = version_of(predictor("linear_regression", 0))
    for body, said in (
        (b'{"instances": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
        (b'{"instances": [{"town": "Ulm", "town": "Bonn"}], "inputs": [{"name": "a", "name": "b"}]}', "there twice"),
        (b"", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[]", "must be an object"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=said):
            wire.decode({}, body, version)


def test_the_tensors_of_the_tests_are_those_of_the_description() -> None:
    of = predictor("linear_regression", 0)
    described = json.loads(open_inference.described(version_of(of)).body)["inputs"]
    sent = json.loads(tensors(ROWS)[1])["inputs"]
    kinds = {one["name"]: one["datatype"] for one in described}
    assert kinds == {**{one["name"]: one["datatype"] for one in sent}, "visits": "INT64"}


def test_a_server_of_one_model_can_speak_them_without_the_platform_and_without_learners() -> None:
    names = ", ".join(one.__name__.rpartition(".")[2] for one in WIRES)  # type: ignore[attr-defined]
    code = f"from lepton_core.protocols import {names}; import sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    top = {name.partition(".")[0] for name in told.split()}
    assert not top & {"boto3", "chalice", "functions", "msgspec", "scipy", "sklearn"}
