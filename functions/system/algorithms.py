"""Algorithms: which ones a model can have, each with its hyperparameters."""

from dataclasses import asdict
from functools import cache
from typing import Any, Literal

import msgspec
from chalice.app import Blueprint

from functions import edge
from functions.edge.shapes import Page
from functions.records.kinds import Task
from lepton_core.models.listing import listing


class HyperparameterView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hyperparameter: ``low <= value <= high``, ``above < value < below``, or one of ``choices``.

    Of a list each entry is in these bounds, and there are at most ``most``. ``default`` null is what the data, or other
    hyperparameters, decide. ``search`` says from where automatic training draws values, if it does.
    """

    name: str
    type: Literal["int", "float", "str", "bool", "list[int]"]
    help: str
    default: Any = None
    low: float | None = None
    above: float | None = None
    high: float | None = None
    below: float | None = None
    choices: list[str] | None = None
    most: int | None = None
    search: str | None = None


class InputsView(msgspec.Struct, frozen=True):
    """What the algorithm takes as it is; the default preprocessor makes the rest fit.

    ``scaled``: columns of like units; ``missing``: missing numbers; ``categories``: a category as one column.
    """

    scaled: bool
    missing: bool
    categories: bool


class AlgorithmView(msgspec.Struct, frozen=True):
    """One algorithm: what it is, in one line, what it learns, and what can be set."""

    name: str
    help: str
    tasks: list[Task]
    inputs: InputsView
    hyperparameters: list[HyperparameterView]


bp = Blueprint(__name__)


@edge.route(bp, "GET", "/v1/algorithms", scope="read", returns=Page[AlgorithmView])
def algorithms(call: edge.Call[None]) -> Page[AlgorithmView]:
    """All algorithms that a model can have, by name, with their hyperparameters; there is one page."""
    return _algorithms()


@cache
def _algorithms() -> Page[AlgorithmView]:
    return Page([msgspec.convert(asdict(one), AlgorithmView) for one in listing()])
