"""Ask a server as `tritonclient` does: a job on stdin, what was answered on stdout. It imports nothing of Lepton."""

import json
import sys
from typing import Any


def main() -> None:
    """Ask each model for its description and, raw and in JSON, for predictions."""
    import tritonclient.http as triton  # type: ignore[import-not-found]

    job = json.load(sys.stdin)
    headers = {"Authorization": f"Bearer {job['key']}"}
    client = triton.InferenceServerClient(job["address"])
    found: dict[str, Any] = {
        "live": client.is_server_live(headers=headers),
        "ready": client.is_server_ready(headers=headers),
        "server": client.get_server_metadata(headers=headers)["name"],
        "other version": client.is_model_ready(job["models"][0], "9", headers=headers),
        "models": {},
        "errors": [],
    }
    for model in job["models"]:
        described = client.get_model_metadata(model, headers=headers)
        assert client.is_model_ready(model, described["versions"][0], headers=headers)
        answers = []
        for raw in (True, False):
            inputs = [_tensor(triton, one, job["rows"], raw=raw) for one in described["inputs"]]
            outputs = None if raw else [
                triton.InferRequestedOutput(one["name"], binary_data=False) for one in described["outputs"]
            ]  # fmt: skip
            # The client writes the length of this body's JSON into the headers that it is given.
            answer = client.infer(model, inputs, outputs=outputs, headers={**headers}, request_id="7")
            assert answer.get_response()["id"] == "7"
            answers.append(
                {one["name"]: _plain(answer.as_numpy(one["name"])) for one in described["outputs"]}
            )
        found["models"][model] = {"described": described, "answers": answers}
    for name, version in (("nobody", ""), (job["models"][0], "9")):
        try:
            client.infer(name, inputs, model_version=version, headers=headers)
        except triton.InferenceServerException as error:
            found["errors"].append([error.status(), error.message()])
    json.dump(found, sys.stdout)


def _tensor(triton: Any, described: Any, rows: Any, *, raw: bool) -> Any:
    import numpy as np

    name, datatype = described["name"], described["datatype"]
    cells = [row[name] for row in rows]
    if None in cells and datatype == "INT64":
        datatype = "FP64"
    if None in cells and datatype == "BOOL":
        datatype, cells = "BYTES", [None if cell is None else str(cell).lower() for cell in cells]
    if datatype == "BYTES":
        values = np.array([(cell or "").encode() for cell in cells], dtype=np.object_)
    else:
        dtype = {"FP64": "f8", "INT64": "i8", "BOOL": "?"}[datatype]
        values = np.array([np.nan if cell is None else cell for cell in cells], dtype=dtype)
    tensor = triton.InferInput(name, [len(cells)], datatype)
    tensor.set_data_from_numpy(values, binary_data=raw)
    return tensor


def _plain(values: Any) -> Any:
    return [one.decode() if isinstance(one, bytes) else one for one in values.tolist()]


if __name__ == "__main__":
    main()
