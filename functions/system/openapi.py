"""OpenAPI: this API, described from what its routes declare."""

from functools import cache
from typing import Any

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.context import VERSION

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/openapi.json", scope=None, public=True, returns=dict[str, Any])
def openapi(call: edge.Call[None]) -> msgspec.Raw:
    """Describe this API as OpenAPI 3.1."""
    return _document()


@cache
def _document() -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(edge.document(edge.ROUTES, version=VERSION)))
