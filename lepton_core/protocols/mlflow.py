"""MLflow scoring: ``POST /invocations`` with one of four objects, or with CSV.

A regression answers ``{"predictions": [1.5, ...]}``, a classification with objects of a label and its probabilities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_core.errors import InvalidInput, LeptonError
from lepton_core.protocols import VERSION_HEADER, ForeignRequest, Message, ServedVersion, ToldOfRow
from lepton_core.protocols.decoding import (
    CSV,
    JSON,
    InRows,
    a_list,
    as_object,
    from_csv,
    from_json,
    media_type,
    names,
    said_of,
    to_json,
)
from lepton_core.table import ReadRows

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")

_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    503: "TEMPORARILY_UNAVAILABLE",
}
_TYPES = {"number": "double", "integer": "long", "boolean": "boolean", "duration": "double"}


@dataclass(frozen=True)
class _Asked(InRows):
    def answer(self, told: Sequence[ToldOfRow], read: ReadRows) -> Message:
        """See `lepton_core.protocols.ForeignRequest`."""
        predictions = [one.value if one.label is None else as_object(one) for one in told]
        headers = {"content-type": JSON, VERSION_HEADER: self.version.header}
        return Message(to_json({"predictions": predictions}), headers)


def decode(headers: Mapping[str, str], body: bytes, version: ServedVersion) -> ForeignRequest:
    """See `lepton_core.protocols.Wire`; raises `InvalidInput`."""
    if media_type(headers, (JSON, CSV)) == CSV:
        lines = from_csv(body)
        return _Asked(version, lines[1:], lines[0] if lines else [])
    given = from_json(body)
    forms = [name for name in FORMS if name in given]
    others = [name for name in given if name not in (*FORMS, "params")]
    if len(forms) != 1 or others:
        raise InvalidInput(
            f"the body must have exactly one of {', '.join(FORMS)}, and nothing else but params"
        )
    if given.get("params"):
        raise InvalidInput("this model takes no parameters; leave params out", field="params")
    [form] = forms
    return _FORMS[form](version, given[form], form)


def refused(error: LeptonError) -> Message:
    """See `lepton_core.protocols.Wire`."""
    code = _CODES.get(error.status, "INTERNAL_ERROR" if error.status >= 500 else "BAD_REQUEST")
    return Message(to_json({"error_code": code, "message": said_of(error)}), status=error.status)


def described(version: ServedVersion) -> Message:
    """See `lepton_core.protocols.Wire`: the columns as an MLflow signature has them, and the version."""
    inputs = [
        {"name": one.name, "type": _TYPES.get(one.kind, "string"), "required": False}
        for one in version.schema.columns
    ]
    return Message(to_json({"model": version.model, "version": version.number, "inputs": inputs}))


def _split(version: ServedVersion, given: Any, form: str) -> _Asked:
    if not isinstance(given, dict) or "data" not in given or set(given) - {"columns", "index", "data"}:
        raise InvalidInput("must be an object of columns, index and data", field=form)
    columns = given.get("columns")
    if columns is not None:
        columns = names(columns, f"{form}.columns")
    return _Asked(version, a_list(given["data"], f"{form}.data"), columns)


def _records(version: ServedVersion, given: Any, form: str) -> _Asked:
    return _Asked(version, a_list(given, form))


def _instances(version: ServedVersion, given: Any, form: str) -> _Asked:
    # An instance of a model of one column may be its cell alone.
    rows = [one if isinstance(one, dict | list) else [one] for one in a_list(given, form)]
    return _Asked(version, rows)


def _inputs(version: ServedVersion, given: Any, form: str) -> _Asked:
    if not isinstance(given, dict):
        return _instances(version, given, form)
    cells = [_flat(a_list(column, f"{form}.{name[:64]}")) for name, column in given.items()]
    if len(set(map(len, cells))) > 1:
        raise InvalidInput("the columns must have one length", field=form)
    return _Asked(version, [list(row) for row in zip(*cells, strict=True)], list(given))


def _flat(column: list[Any]) -> list[Any]:
    """The cells of a column whose shape is (m,) or (m, 1)."""
    nested = all(isinstance(one, list) and len(one) == 1 for one in column)
    return [one[0] for one in column] if nested else column


_FORMS = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}
