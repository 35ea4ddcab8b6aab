"""The algorithms that a platform has."""

from typing import Any

import msgspec

from lepton_ai.connect import connect
from lepton_ai.replies import read
from lepton_ai.transport import Transport, pages


class Hyperparameter(msgspec.Struct, frozen=True):
    """One hyperparameter: its type, its default, its range and what it does.

    ``default`` None is what the data, or other hyperparameters, decide. ``search`` says from where
    `Model.train(auto=True)` draws values; None: it leaves this one alone.
    """

    name: str
    type: str
    help: str
    default: Any = None
    low: float | None = None
    above: float | None = None
    high: float | None = None
    below: float | None = None
    choices: list[str] | None = None
    most: int | None = None
    search: str | None = None

    @property
    def range(self) -> str:
        """The values that it may have, for people.

        >>> Hyperparameter("l2", "float", "A penalty.", low=0).range
        '>= 0'
        """
        if self.choices is not None:
            return ", ".join(self.choices)
        signs = {">=": self.low, ">": self.above, "<=": self.high, "<": self.below}
        bounds = [f"{sign} {bound:g}" for sign, bound in signs.items() if bound is not None]
        return ", ".join(bounds + ([] if self.most is None else [f"at most {self.most} of them"]))


class Algorithm(msgspec.Struct, frozen=True):
    """One algorithm: what it is, which tasks it learns, and what can be set when a model is trained.

    ``inputs`` says what it takes as it is (``scaled`` or not, ``missing`` numbers, ``categories``, ``sparse``
    columns); the default preprocessor makes the rest fit.
    """

    name: str
    help: str
    tasks: list[str]
    inputs: dict[str, bool]
    hyperparameters: list[Hyperparameter]

    def __repr__(self) -> str:
        return f"<Algorithm {self.name}: {' and '.join(self.tasks)}>"


def algorithms(transport: Transport | None = None) -> list[Algorithm]:
    """All algorithms of the platform that the environment names, by name (see `lepton_ai.connect.connect`)."""
    found = pages(connect() if transport is None else transport, "/v1/algorithms")
    return [read(item, Algorithm) for item in found]
