"""Ask servers as `tritonclient` does: a job on stdin, what they said on stdout. It imports nothing of Lepton."""

import json
import sys
from typing import Any


def main() -> None:
    """Ask each door for its description and, raw and in JSON, for predictions; or for all that it must refuse."""
    import tritonclient.http as triton  # type: ignore[import-not-found]

    job = json.load(sys.stdin)
    ask = _refused if job["bad"] else _answered
    json.dump({name: ask(triton, door, job["rows"]) for name, door in job["doors"].items()}, sys.stdout)


def _answered(triton: Any, door: Any, rows: Any) -> Any:
    model, headers = door["model"], _headers(door)
    client = triton.InferenceServerClient(door["address"])
    described = client.get_model_metadata(model, headers=headers)
    [version] = described["versions"]
    answers = {}
    for raw in (True, False):
        inputs = [_tensor(triton, one, rows, raw=raw) for one in described["inputs"]]
        outputs = None if raw else [
            triton.InferRequestedOutput(one["name"], binary_data=False) for one in described["outputs"]
        ]  # fmt: skip
        for named in ("", version):
            # The client writes the length of this body's JSON into the headers that it is given.
            answer = client.infer(model, inputs, named, outputs=outputs, headers={**headers}, request_id="7")
            head = answer.get_response()
            assert (head["id"], head["model_name"], head["model_version"]) == ("7", model, version), head
            told = {one["name"]: _plain(answer.as_numpy(one["name"])) for one in described["outputs"]}
            answers[f"{'raw' if raw else 'JSON'}{named and ' of the version'}"] = told
    return {
        "live": client.is_server_live(headers=headers),
        "ready": client.is_server_ready(headers=headers),
        "model ready": client.is_model_ready(model, headers=headers),
        "version ready": client.is_model_ready(model, version, headers=headers),
        "other ready": client.is_model_ready(model, "9", headers=headers),
        "server": client.get_server_metadata(headers=headers),
        "described": described,
        "described by version": client.get_model_metadata(model, version, headers=headers),
        "answers": answers,
    }


def _refused(triton: Any, door: Any, rows: Any) -> Any:
    """Status and text of each refusal; any error of the client but its own is one of this program."""
    model, headers = door["model"], _headers(door)
    client = triton.InferenceServerClient(door["address"])
    described = client.get_model_metadata(model, headers=headers)["inputs"]
    good = [_tensor(triton, one, rows, raw=True) for one in described]
    one, two = (_of(triton, "amount", [0.5] * rows, "FP64") for rows in (1, 2))

    def infer(inputs: Any, name: str = model, **more: Any) -> Any:
        return client.infer(name, inputs, headers={**headers, **more.pop("headers", {})}, **more)

    calls = {
        "a cell": lambda: infer([_of(triton, "visits", [b"3", b"x"], "BYTES")]),
        "a cell in JSON": lambda: infer([_of(triton, "visits", [b"3", b"x"], "BYTES", raw=False)]),
        "no row": lambda: infer([_of(triton, "amount", [], "FP64")]),
        "no input": lambda: infer([]),
        "no column of the model": lambda: infer([_of(triton, "zip", [b"1"], "BYTES")]),
        "columns of two lengths": lambda: infer([two, _of(triton, "visits", [1], "INT64")]),
        "a column twice": lambda: infer([one, one]),
        "a shape that is too large": lambda: infer([_of(triton, "amount", [0.5], "FP64", shape=[2])]),
        "a matrix of another width": lambda: infer([_of(triton, "x", [0.5, 1.5], "FP64", shape=[1, 2])]),
        "too many rows": lambda: infer([_of(triton, "amount", [0.5] * 20_001, "FP64")]),
        "another output": lambda: infer(good, outputs=[triton.InferRequestedOutput("logits")]),
        "classification": lambda: infer(good, outputs=[triton.InferRequestedOutput("label", class_count=2)]),
        "a compressed body": lambda: infer(good, request_compression_algorithm="gzip"),
        "another parameter": lambda: infer(good, query_params={"explain": "true"}),
        "another version": lambda: infer(good, model_version="9"),
        "a word for a version": lambda: infer(good, model_version="newest"),
        "another model": lambda: infer(good, "nobody"),
        "the description of another model": lambda: client.get_model_metadata("nobody", headers=headers),
        "statistics": lambda: client.get_inference_statistics(model, headers=headers),
        "the repository": lambda: client.get_model_repository_index(headers=headers),
    }
    if door["key"]:
        calls["no key"] = lambda: client.infer(model, good)
        calls["another key"] = lambda: infer(good, headers={"Authorization": "Bearer lpt_key-0_0"})
    found = {}
    for kind, call in calls.items():
        try:
            found[kind] = ["answered", str(call())]
        except triton.InferenceServerException as error:
            found[kind] = [error.status(), error.message()]
    return found


def _headers(door: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {door['key']}"} if door["key"] else {}


def _tensor(triton: Any, described: Any, rows: Any, *, raw: bool) -> Any:
    name, datatype = described["name"], described["datatype"]
    cells = [row[name] for row in rows]
    if None in cells and datatype == "INT64":
        datatype = "FP64"
    if None in cells and datatype == "BOOL":
        datatype, cells = "BYTES", [None if cell is None else str(cell).lower() for cell in cells]
    if datatype == "BYTES":
        cells = [(cell or "").encode() for cell in cells]
    return _of(triton, name, cells, datatype, raw=raw)


def _of(triton: Any, name: str, cells: Any, datatype: str, *, raw: bool = True, shape: Any = None) -> Any:
    import numpy as np

    dtype = {"FP64": "f8", "INT64": "i8", "BOOL": "?", "BYTES": "O"}[datatype]
    values = np.array([float("nan") if cell is None else cell for cell in cells], dtype=dtype)
    tensor = triton.InferInput(name, [len(cells)], datatype)
    tensor.set_data_from_numpy(values, binary_data=raw)
    if shape is not None:  # the client checks the numbers against the shape that it was made with
        tensor.set_shape(shape)
    return tensor


def _plain(values: Any) -> Any:
    found = values.tolist()
    return [one.decode() if isinstance(one, bytes) else one for one in found]


if __name__ == "__main__":
    main()
