"""Open Inference Protocol, version 2, as NVIDIA Triton and KServe speak it: tensors in JSON, or raw behind the JSON.

A request has a tensor for each column, by its name, of shape (m,) or (m, 1); or one matrix (m, d) in the trained order.
In a tensor of floats NaN is a missing cell, in one of texts the empty text, in JSON null everywhere. The outputs are
``label`` and ``probabilities`` (m, K), or ``value``. See
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md and, for raw
tensors, https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import InvalidInput, LeptonError
from lepton_core.protocols import VERSION_HEADER, ForeignRequest, Message, ServedVersion, ToldOfRow
from lepton_core.protocols.decoding import (
    JSON,
    a_list,
    a_text,
    from_json,
    media_type,
    said_of,
    sendable,
    to_json,
)
from lepton_core.protocols.tensors import DATATYPES, Tensor, checked_shape, from_bytes, from_values, to_bytes
from lepton_core.table import ReadRows
from lepton_core.table.row_cells import read_cells

RAW = "application/octet-stream"
HEADER_LENGTH = "inference-header-content-length"
"""The header that says how many bytes of a body are JSON; raw tensors are behind them."""

_OF_KIND = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "duration": "FP64"}
_NOTES = ("ignored", "filled", "unknown")


@dataclass(frozen=True)
class _Asked:
    """A request: its ``columns`` as they are called, their ``cells``, and the outputs that are ``wanted``, or raw."""

    version: ServedVersion
    columns: Sequence[str]
    cells: Sequence[Any]
    wanted: Mapping[str, bool]
    id: str | None

    @property
    def rows(self) -> int:
        """See `lepton_core.protocols.ForeignRequest`."""
        return len(self.cells[0]) if self.cells else 0

    def read(self) -> ReadRows:
        """See `lepton_core.protocols.ForeignRequest`."""
        of = self.version
        return read_cells(self.cells, of.schema, self.columns, ignore=of.ignored, reads=of.reads)

    def answer(self, told: Sequence[ToldOfRow], read: ReadRows) -> Message:
        """See `lepton_core.protocols.ForeignRequest`."""
        of = self.version
        made, raw = [], list[bytes]()
        for name, is_raw in self.wanted.items():
            output, values = _output(of, name, told)
            if is_raw:
                raw.append(to_bytes(output["datatype"], values))
                made.append({**output, "parameters": {"binary_data_size": len(raw[-1])}})
            else:
                made.append({**output, "data": values})
        body: dict[str, Any] = {"model_name": of.model, "model_version": str(of.number)}
        if self.id is not None:
            body["id"] = self.id
        notes = {name: ", ".join(one.column for one in getattr(read, name)) for name in _NOTES}
        if any(notes.values()):
            body["parameters"] = {name: text for name, text in notes.items() if text}
        head = to_json({**body, "outputs": made})
        if not raw:
            return Message(head, {"content-type": JSON, VERSION_HEADER: of.header})
        headers = {"content-type": RAW, HEADER_LENGTH: str(len(head)), VERSION_HEADER: of.header}
        return Message(b"".join([head, *raw]), headers)


def decode(headers: Mapping[str, str], body: bytes, version: ServedVersion) -> ForeignRequest:
    """See `lepton_core.protocols.Wire`; raises `InvalidInput`.

    Raw outputs are for those alone whose Accept allows them, or is missing.
    """
    media_type(headers, (JSON, RAW))
    head, raw = _parts(headers, body)
    given = from_json(head)
    request_id = a_text(given.get("id"), "id")
    tensors = _tensors(a_list(given.get("inputs"), "inputs"), raw)
    accept = headers.get("accept", "*/*")
    wanted = _wanted(given, version, may_be_raw=RAW in accept or "*/*" in accept)
    columns, cells = _columns(tensors, version)
    return _Asked(version, columns, cells, wanted, request_id)


def refused(error: LeptonError) -> Message:
    """See `lepton_core.protocols.Wire`."""
    return Message(to_json({"error": said_of(error)}), status=error.status)


def described(version: ServedVersion) -> Message:
    """See `lepton_core.protocols.Wire`."""
    inputs = [
        {"name": one.name, "datatype": _OF_KIND.get(one.kind, "BYTES"), "shape": [-1]}
        for one in version.schema.columns
    ]
    body = {
        "name": version.model,
        "versions": [str(version.number)],
        "platform": "lepton",
        "inputs": inputs,
        "outputs": [_described(version, name) for name in _outputs(version)],
    }
    return Message(to_json(body))


def _described(version: ServedVersion, name: str) -> dict[str, Any]:
    if name != "probabilities":
        return {"name": name, "datatype": "BYTES" if name == "label" else "FP64", "shape": [-1]}
    # A parameter is a text, a number or a truth value.
    classes = {"classes": json.dumps(version.classes, ensure_ascii=False)}
    return {"name": name, "datatype": "FP64", "shape": [-1, len(version.classes)], "parameters": classes}


def _outputs(version: ServedVersion) -> tuple[str, ...]:
    return ("value",) if version.task == "regression" else ("label", "probabilities")


def _output(version: ServedVersion, name: str, told: Sequence[ToldOfRow]) -> tuple[dict[str, Any], list[Any]]:
    described = _described(version, name)
    shape = [len(told), *described["shape"][1:]]
    output = {"name": name, "shape": shape, "datatype": described["datatype"]}
    if name == "probabilities":
        return output, [one for row in told for one in (row.probabilities or {}).values()]
    return output, [getattr(row, name) for row in told]


def _parts(headers: Mapping[str, str], body: bytes) -> tuple[bytes, bytes]:
    """The JSON of a body, and the raw tensors behind it."""
    said = headers.get(HEADER_LENGTH)
    if said is None:
        return body, b""
    if not (said.isascii() and said.isdigit() and len(said) < 12 and int(said) <= len(body)):
        raise InvalidInput("must be the length of the JSON in bytes", field="Inference-Header-Content-Length")
    return body[: int(said)], body[int(said) :]


def _tensors(inputs: list[Any], raw: bytes) -> list[Tensor]:
    if not inputs:
        raise InvalidInput("there is no input; send a tensor for each column", field="inputs")
    found, at = list[Tensor](), 0
    for number, one in enumerate(inputs):
        name, shape, datatype = _head(one, number)
        size = _parameters(one, name).get("binary_data_size")
        if size is None:
            found.append(from_values(name, shape, datatype, one.get("data")))
            continue
        if type(size) is not int or not 0 <= size <= len(raw) - at or "data" in one:
            raise InvalidInput("its binary_data_size must be that of bytes behind the JSON", field=name)
        found.append(from_bytes(name, shape, datatype, raw[at : at + size]))
        at += size
    if at != len(raw):
        raise InvalidInput(f"{len(raw) - at} bytes behind the JSON belong to no input", field="inputs")
    return found


def _head(given: Any, number: int) -> tuple[str, tuple[int, ...], str]:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise InvalidInput("must be an object with a name", field=f"inputs[{number}]")
    name = sendable(given["name"], 200) if len(given["name"]) > 200 else given["name"]
    datatype = given.get("datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        raise InvalidInput(f"its datatype must be one of {', '.join(DATATYPES)}", field=name)
    return given["name"], checked_shape(name, given.get("shape")), datatype


def _parameters(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    found = given.get("parameters", {})
    if not isinstance(found, dict):
        raise InvalidInput("its parameters must be an object", field=field)
    return found


def _columns(tensors: Sequence[Tensor], version: ServedVersion) -> tuple[Sequence[str], Sequence[Any]]:
    """The names and the cells of the columns that came."""
    schema, first = version.schema, tensors[0]
    if len(tensors) == 1 and len(first.shape) == 2 and schema.name_of(first.name, 1) is None:
        width = first.shape[1]
        if width != len(schema.names):
            raise InvalidInput(
                f"a matrix must have the {len(schema.names)} columns of the model, not {width}",
                field=first.name,
            )
        return schema.names, [first.cells[at::width] for at in range(width)]
    for one in tensors:
        if len(one.shape) > 2 or one.shape[1:] not in ((), (1,)):
            raise InvalidInput("must be of shape [rows] or [rows, 1]", field=one.name)
        if len(one.cells) != len(first.cells):
            raise InvalidInput(
                f"has {len(one.cells)} rows, and {first.name[:64]!r} has {len(first.cells)}", field=one.name
            )
    return [one.name for one in tensors], [one.cells for one in tensors]


def _wanted(given: Mapping[str, Any], version: ServedVersion, *, may_be_raw: bool) -> dict[str, bool]:
    """The outputs that are wanted, and whether raw."""
    usual = _parameters(given, "parameters").get("binary_data_output") is True
    known, outputs = _outputs(version), given.get("outputs")
    if not outputs:
        return dict.fromkeys(known, usual and may_be_raw)
    found: dict[str, bool] = {}
    for one in a_list(outputs, "outputs"):
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or name not in known or name in found:
            raise InvalidInput(f"must be some of {', '.join(known)}, each once", field="outputs")
        said = _parameters(one, name)
        if said.get("classification"):
            raise InvalidInput("has no classification; take label and probabilities", field=name)
        found[name] = said.get("binary_data", usual) is True and may_be_raw
    return found
