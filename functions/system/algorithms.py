"""Algorithms: which ones a model can have, each with its hyperparameters."""

from functools import cache

from chalice.app import Blueprint

from functions import edge
from functions.edge.shapes import Page
from lepton_core.models.listing import Listed, listing

bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/algorithms", scope="read", returns=Page[Listed])
def algorithms(call: edge.Call[None]) -> Page[Listed]:
    """All algorithms that a model can have, by name, with their hyperparameters; there is one page."""
    return _algorithms()


@cache
def _algorithms() -> Page[Listed]:
    return Page(listing())
