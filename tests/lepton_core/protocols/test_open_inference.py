"""Tensors in, tensors out: what a client of Open Inference may say, and what it is told when it is wrong."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from lepton_core.errors import InvalidInput, LeptonError
from lepton_core.protocols import open_inference
from lepton_core.protocols.tensors import to_bytes
from lepton_core.table import ColumnSchema, Schema
from tests.support.foreign import (
    NAMES,
    ROWS,
    asked,
    own,
    predictor,
    raw_tensor,
    tensors,
    told_by_tensors,
    version_of,
)

NUMBERS = Schema(tuple(ColumnSchema(name, "number") for name in ("a", "b")))


def numbers(*inputs: Any, raw: bytes = b"", headers: dict[str, str] | None = None, **more: Any) -> Any:
    """What is read for a model of two numbers: the cells of each."""
    head = json.dumps({"inputs": inputs, **more}).encode()
    length = {open_inference.HEADER_LENGTH: str(len(head))} if raw else {}
    version = version_of(predictor("linear_regression", 0))
    version = type(version)(version.model, 3, "", "regression", (), NUMBERS)
    table = open_inference.decode({**length, **(headers or {})}, head + raw, version).read().table
    return [table[name].values.tolist() for name in ("a", "b")]


def tensor(name: str, data: Any, datatype: str = "FP64", shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "data": data, "shape": shape or [len(data)]}


def refusal(*inputs: Any, **more: Any) -> str:
    with pytest.raises(LeptonError) as raised:
        numbers(*inputs, **more)
    told: str = json.loads(open_inference.refused(raised.value).body)["error"]
    return told


def test_an_id_that_cannot_be_told_again_is_refused() -> None:
    for odd in ("\ud800", "a\udfffb", 7, []):
        assert refusal(tensor("a", [1.0]), id=odd) == "id: must be a text of whole characters"
    of = predictor("linear_regression", 0)
    for good in ("", "a", "字\U0001f600"):
        assert json.loads(asked(open_inference, of, tensors(ROWS, id=good)).body)["id"] == good


def test_the_outputs_that_are_asked_for_come_in_their_order_raw_or_not() -> None:
    of = predictor("logistic_regression", 3)
    wanted = own(of, ROWS)
    outputs = [{"name": "probabilities", "parameters": {"binary_data": True}}, {"name": "label"}]
    answer = asked(open_inference, of, tensors(ROWS, outputs=outputs, id="a-7"))
    assert answer.headers["content-type"] == "application/octet-stream"
    head = json.loads(answer.body[: int(answer.headers[open_inference.HEADER_LENGTH])])
    assert [one["name"] for one in head["outputs"]] == ["probabilities", "label"]
    assert [one["shape"] for one in head["outputs"]] == [[len(ROWS), 3], [len(ROWS)]]
    assert (head["id"], head["model_name"], head["model_version"]) == ("a-7", "m", "3")
    assert told_by_tensors(answer) == wanted
    one = asked(open_inference, of, tensors(ROWS, outputs=[{"name": "label"}]))
    [label] = json.loads(one.body)["outputs"]
    assert label["data"] == [row.label for row in wanted]


def test_who_accepts_no_bytes_gets_json() -> None:
    of, wish = predictor("logistic_regression", 2), {"parameters": {"binary_data_output": True}}
    headers, body = tensors(ROWS, **wish)
    for accept, media in (
        ("application/json", "application/json"),
        ("*/*", "application/octet-stream"),
        ("application/octet-stream, application/json", "application/octet-stream"),
    ):
        answer = asked(open_inference, of, ({**headers, "accept": accept}, body))
        assert answer.headers["content-type"] == media
        assert told_by_tensors(answer) == own(of, ROWS)


def test_what_was_not_as_in_training_is_said_in_the_parameters() -> None:
    of = predictor("logistic_regression", 2)
    answer = asked(open_inference, of, tensors(ROWS))
    said = json.loads(answer.body)["parameters"]
    assert "town" in said["unknown"] and set(said["filled"].split(", ")) == set(NAMES)


@pytest.mark.parametrize("cells", [[0.1, -0.0, 1e300], [1.0, np.nan, 2.0], [1.0, np.inf, 2.0]])
def test_raw_numbers_are_read_as_those_of_json(cells: list[float]) -> None:
    made = {"shape": [3], "datatype": "FP64", "parameters": {"binary_data_size": 24}}
    names, raw = ("b", "a"), struct.pack("<6d", *cells, *reversed(cells))
    behind = [{**made, "name": name} for name in names]
    lists = [[None if np.isnan(cell) else cell for cell in own] for own in (cells, cells[::-1])]
    said = [tensor(name, own) for name, own in zip(names, lists, strict=True)]
    if np.inf in cells:
        assert "row 2, column 'a'" in refusal(*behind, raw=raw)
        return
    np.testing.assert_array_equal(numbers(*behind, raw=raw), numbers(*said))


def test_a_matrix_is_read_in_the_trained_order() -> None:
    assert numbers(tensor("x", [[1, 2], [3, None]], shape=[2, 2])) == [
        [1, 3],
        [2, pytest.approx(np.nan, nan_ok=True)],
    ]
    raw = struct.pack("<4d", 1, 2, 3, 4)
    behind = {"name": "x", "datatype": "FP64", "shape": [2, 2], "parameters": {"binary_data_size": 32}}
    assert numbers(behind, raw=raw) == [[1, 3], [2, 4]]
    assert "must have the 2 columns of the model, not 3" in refusal(tensor("x", [1, 2, 3], shape=[1, 3]))


CODES = {
    "INT8": "i1", "INT16": "i2", "INT32": "i4", "INT64": "i8", "UINT8": "u1", "UINT16": "u2", "UINT32": "u4",
    "UINT64": "u8", "FP16": "f2", "FP32": "f4", "FP64": "f8",
}  # fmt: skip


@pytest.mark.parametrize("datatype", CODES)
def test_every_datatype_of_numbers_is_read_alike_in_json_and_raw(datatype: str) -> None:
    code = CODES[datatype]
    values = np.array([0.1, 100.0] if code[0] == "f" else [7, 100], dtype=f"<{code}")
    raw = values.tobytes()
    behind = {
        "name": "a",
        "datatype": datatype,
        "shape": [2, 1],
        "parameters": {"binary_data_size": len(raw)},
    }
    found = numbers(behind, raw=raw)[0]
    assert found == numbers(tensor("a", values.tolist(), datatype))[0]
    assert found == [float(str(one)) for one in values]


def test_a_wrong_tensor_is_named() -> None:
    good = tensor("b", [1, 2])
    for one, said in (
        (tensor("a", [1, 2, 3], shape=[2]), "a: has the shape [2] and 3 cells"),
        (tensor("a", [1, 2, 3]), "b: has 2 rows, and 'a' has 3"),
        (tensor("a", [1, 2], shape=[1, 2]), "a: must be of shape [rows] or [rows, 1]"),
        (tensor("a", ["1", "2"]), "a: holds a cell that is no FP64"),
        (tensor("a", [True, 2], "INT64"), "a: holds a cell that is no INT64"),
        (tensor("a", [1, 300], "INT8"), "a: holds a cell that is no INT8"),
        (tensor("a", [1, 2], "BYTES"), "a: holds a cell that is no BYTES"),
        (tensor("a", [1, 2], "BOOL"), "a: holds a cell that is no BOOL"),
        (tensor("a", [1, [2]]), "a: its data must be a list of cells, or lists of one depth"),
        (tensor("a", [1, 2], "FP128"), "a: its datatype must be one of BOOL, INT8"),
        ({**tensor("a", [1, 2]), "shape": [2.0]}, "a: its shape must be a list of whole numbers"),
        ({**tensor("a", [1, 2]), "shape": []}, "a: its shape must be a list of whole numbers"),
        ({**tensor("a", [1, 2]), "data": "xy"}, "a: its data must be a list"),
        ({**tensor("a", [1, 2]), "parameters": 3}, "a: its parameters must be an object"),
        ({**tensor("a", [1, 2]), "parameters": {"binary_data_size": 16}}, "a: its binary_data_size must be"),
        (tensor("a", ["x", "1"], "BYTES"), "row 1, column 'a': 'x' is no number"),
        (tensor("a", [1e400, 1]), "row 1, column 'a'"),
        (tensor("b", [1, 2]), "the columns have this name twice"),
        ({"shape": [1]}, "inputs[0]: must be an object with a name"),
    ):  # fmt: skip
        assert said in refusal(one, good), one
    assert refusal() == "inputs: there is no input; send a tensor for each column"
    assert "there are no rows" in refusal(tensor("a", []))
    assert "none of the columns that the model reads is there" in refusal(tensor("c", [1]))


def test_bytes_that_do_not_fit_are_refused() -> None:
    def behind(size: Any, datatype: str = "FP64") -> dict[str, Any]:
        return {"name": "a", "datatype": datatype, "shape": [1], "parameters": {"binary_data_size": size}}

    assert "1 bytes behind the JSON belong to no input" in refusal(behind(8), raw=bytes(9))
    assert "a: 7 bytes are no whole number of FP64" in refusal(behind(7), raw=bytes(7))
    assert "its binary_data_size must be" in refusal(behind(9), raw=bytes(8))
    assert "its binary_data_size must be" in refusal(behind(True), raw=bytes(8))
    assert "end in the middle of a text" in refusal(behind(6, "BYTES"), raw=b"\x09\0\0\0ab")
    assert "end in the middle of a text" in refusal(behind(2, "BYTES"), raw=b"\x00\0")
    assert "text 1 is not in UTF-8" in refusal(behind(5, "BYTES"), raw=b"\x01\0\0\0\xff")
    for length in ("99999", "-1", "1_0", "", "٣"):
        said = refusal(tensor("a", [1]), headers={open_inference.HEADER_LENGTH: length})
        assert "must be the length of the JSON in bytes" in said, length


def test_what_is_asked_for_and_cannot_be_had_is_refused() -> None:
    one = tensor("a", [1])
    for more, said in (
        ({"outputs": [{"name": "label"}]}, "outputs: must be some of value, each once"),
        ({"outputs": [{"name": "value"}, {"name": "value"}]}, "each once"),
        (
            {"outputs": [{"name": "value", "parameters": {"classification": 2}}]},
            "value: has no classification",
        ),
        ({"outputs": "value"}, "outputs: must be a list"),
        ({"parameters": []}, "parameters: its parameters must be an object"),
        ({"id": 7}, "id: must be a text"),
    ):
        assert said in refusal(one, **more), more
    with pytest.raises(InvalidInput, match="unsupported media type: text/html"):
        numbers(one, headers={"content-type": "text/html"})


def test_raw_texts_and_numbers_are_written_as_they_are_read() -> None:
    assert to_bytes("BYTES", ["Größe", ""]) == raw_tensor("BYTES", ["Größe", ""])
    assert to_bytes("FP64", [0.1, -1e300]) == raw_tensor("FP64", [0.1, -1e300])


def test_a_classification_tells_its_classes() -> None:
    outputs = json.loads(open_inference.described(version_of(predictor("decision_tree", 3))).body)["outputs"]
    assert outputs[0] == {"name": "label", "datatype": "BYTES", "shape": [-1]}
    assert (outputs[1]["shape"], json.loads(outputs[1]["parameters"]["classes"])) == (
        [-1, 3],
        ["c0", "c1", "c2"],
    )
    [value] = json.loads(open_inference.described(version_of(predictor("decision_tree", 0))).body)["outputs"]
    assert value == {"name": "value", "datatype": "FP64", "shape": [-1]}
