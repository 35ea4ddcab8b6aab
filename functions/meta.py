"""What the platform is, whatever a workspace holds: whether it answers, its API, and the algorithms that it has."""

from dataclasses import asdict
from functools import cache
from typing import Any

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.api import AlgorithmView, Health, Page
from functions.edge.openapi import document
from functions.release import VERSION
from lepton_core.models.listing import listing

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/health", scope=None, public=True, returns=Health)
def health(call: edge.Call[None]) -> Health:
    """Say that the platform answers."""
    return Health(status="ok", version=VERSION)


@edge.route(bp, "GET", "/v1/algorithms", scope="read", returns=Page[AlgorithmView])
def algorithms(call: edge.Call[None]) -> Page[AlgorithmView]:
    """All algorithms that a model can have, by name, with their hyperparameters; there is one page."""
    return _algorithms()


@cache
def _algorithms() -> Page[AlgorithmView]:
    return Page([msgspec.convert(asdict(one), AlgorithmView) for one in listing()])


@edge.route(bp, "GET", "/openapi.json", scope=None, public=True, returns=dict[str, Any])
def openapi(call: edge.Call[None]) -> msgspec.Raw:
    """Describe this API as OpenAPI 3.1."""
    return _document()


@cache
def _document() -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(document(edge.ROUTES, version=VERSION)))
