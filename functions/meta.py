"""What anybody may ask: whether the platform answers, and what its API is."""

from functools import cache
from typing import Any

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.api import Health
from functions.edge.openapi import document
from functions.release import VERSION

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/health", scope=None, public=True, returns=Health)
def health(call: edge.Call[None]) -> Health:
    """Say that the platform answers."""
    return Health(status="ok", version=VERSION)


@edge.route(bp, "GET", "/openapi.json", scope=None, public=True, returns=dict[str, Any])
def openapi(call: edge.Call[None]) -> msgspec.Raw:
    """Describe this API as OpenAPI 3.1."""
    return _document()


@cache
def _document() -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(document(edge.ROUTES, version=VERSION)))
