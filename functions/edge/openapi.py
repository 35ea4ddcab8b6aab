"""The API as OpenAPI 3.1, from the same declarations and types that the handlers decode with."""

import inspect
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from functions.edge import decode
from functions.edge.decode import LIMIT, Choice, Count, Flag, Query, Typed
from functions.edge.received import Received
from functions.edge.respond import Asset, Download, Exposition, Html
from functions.edge.route import Endpoint
from functions.edge.shapes import ErrorView, Name
from lepton_core.protocols import Message

_ABOUT = "A serverless platform for the whole life of a machine-learning model."
_WRITES = ("POST", "PUT", "DELETE")
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, `lpt_<id>_<secret>`."},
    "header": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same API key."},
}

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Your own name for this request: sent again under it, it starts nothing new.",
    "schema": {"type": "string", "pattern": decode.ONCE},
}

_JSON = "application/json"
_FILE = {"type": "string", "format": "binary"}
_TEXT = {"schema": {"type": "string"}}
_FILES: dict[Any, Any] = {
    Html: {"text/html": _TEXT},
    Exposition: {"text/plain": _TEXT, "application/openmetrics-text": _TEXT},
    Download: {"application/octet-stream": {"schema": _FILE}},
    Asset: {"text/*": _TEXT, "image/*": _TEXT, "application/json": {"schema": {}}},
    Message: {"application/json": {"schema": {"type": "object"}}},
}


class ErrorReply(msgspec.Struct, frozen=True):
    """The shape of every error."""

    error: ErrorView


def document(endpoints: Sequence[Endpoint], *, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of ``endpoints``, as JSON values."""
    types: list[Any] = [
        ErrorReply,
        *(kind for e in endpoints for kind in (e.body, e.returns) if _is_json(kind)),
        *(wanted.of for e in endpoints for wanted in e.query.values() if isinstance(wanted, Typed)),
    ]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    of_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, of_type)
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Lepton", "version": version, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                str(status): {
                    "description": _phrase(status),
                    "content": {"application/json": {"schema": of_type[ErrorReply]}},
                }
                for status in sorted({status for e in endpoints for status in _failures(e)})
            },
            "securitySchemes": _SECURITY,
        },
    }
    shown: dict[str, Any] = _portable(found)
    return shown


def _portable(value: Any) -> Any:
    """``value`` with patterns as other engines read them: a text's very end is ``\\Z`` in Python, ``$`` elsewhere."""
    if isinstance(value, dict):
        return {
            key: re.sub(r"\\Z$", "$", inner)
            if key == "pattern" and isinstance(inner, str)
            else _portable(inner)
            for key, inner in value.items()
        }
    return [_portable(inner) for inner in value] if isinstance(value, list) else value


def _is_json(kind: Any) -> bool:
    return kind is not None and kind not in (Received, bytes) and kind not in _FILES


def _operation(endpoint: Endpoint, of_type: dict[Any, Any]) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(endpoint.handler) or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.step],
        "summary": summary.rstrip("."),
        "security": [{scheme: [endpoint.scope]} for scheme in _SECURITY] if not endpoint.public else [],
        "parameters": _parameters(endpoint, of_type),
        "responses": _responses(endpoint, of_type),
    }
    if rest.strip():
        operation["description"] = rest.strip()
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(endpoint, of_type)
    return operation


def _parameters(endpoint: Endpoint, of_type: dict[Any, Any]) -> list[dict[str, Any]]:
    in_path = [
        {"name": key, "in": "path", "required": True, "schema": _path_schema(convert)}
        for key, convert in endpoint.parameters.items()
    ]
    in_query = [
        {"name": key, "in": "query", "description": _help(wanted), **_value(key, wanted, of_type)}
        for key, wanted in endpoint.query.items()
    ]
    return in_path + in_query + ([_IDEMPOTENCY_KEY] if endpoint.once else [])


def _value(key: str, wanted: Query, of_type: dict[Any, Any]) -> dict[str, Any]:
    if isinstance(wanted, Typed):
        return {"content": {_JSON: {"schema": of_type[wanted.of]}}}
    return {"schema": _query_schema(key, wanted)}


def _path_schema(convert: Any) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1} if convert is decode.version else msgspec.json.schema(Name)


def _help(wanted: Query) -> str:
    return wanted if isinstance(wanted, str) else wanted.help


def _query_schema(key: str, wanted: Query) -> dict[str, Any]:
    if isinstance(wanted, Flag):
        return {"type": "boolean", "default": False}
    if isinstance(wanted, Choice):
        return {"type": "string", "enum": list(wanted.values)}
    number = LIMIT if key == "limit" else wanted
    if isinstance(number, Count):
        return {"type": "integer", "minimum": number.low, "maximum": number.high, "default": number.default}
    return {"type": "string", "pattern": decode.CURSOR} if key == "after" else {"type": "string"}


def _request_body(endpoint: Endpoint, of_type: dict[Any, Any]) -> dict[str, Any]:
    if endpoint.body in (Received, bytes):
        # Generators of clients leave out an operation whose body has no schema.
        of_json = {"type": "object"} if endpoint.body is bytes else _FILE
        kinds = {kind: of_json if kind == _JSON else _FILE for kind in endpoint.content_types}
        return {"required": True, "content": {kind: {"schema": schema} for kind, schema in kinds.items()}}
    # An empty body stands for {}; a type that takes {} is thus not required.
    return {
        "required": _has_required_fields(endpoint.body),
        "content": {
            kind: {"schema": of_type[endpoint.body] if kind == _JSON else _FILE}
            for kind in endpoint.content_types
        },
    }


def _has_required_fields(kind: Any) -> bool:
    return any(field.required for field in msgspec.structs.fields(kind))


def _responses(endpoint: Endpoint, of_type: dict[Any, Any]) -> dict[str, Any]:
    shown = _FILES.get(endpoint.returns) or {_JSON: {"schema": of_type[endpoint.returns]}}
    good = {
        str(status): {"description": _phrase(status), "content": shown}
        for status in (endpoint.status, *endpoint.also)
    }
    if endpoint.refused is not None:
        described = {"content": _FILES[Message]}
        return good | {
            str(status): {"description": _phrase(status), **described} for status in _failures(endpoint)
        }
    return good | {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in _failures(endpoint)
    }


def _failures(endpoint: Endpoint) -> list[int]:
    """The statuses of the errors that this route may answer with."""
    asked: list[tuple[bool, tuple[int, ...]]] = [
        (True, (400,)),
        (not endpoint.public or endpoint.body is not None, (401, 403)),
        (bool(endpoint.parameters), (404,)),
        (endpoint.method in _WRITES or bool(endpoint.parameters), (409,)),
        (endpoint.body is not None, (413, 415)),
        (True, (500, 503)),
        (endpoint.method in _WRITES, (507,)),
    ]
    return [status for applies, statuses in asked if applies for status in statuses]


def _phrase(status: int) -> str:
    return re.sub("^Ok$", "OK", HTTPStatus(status).phrase.capitalize())
