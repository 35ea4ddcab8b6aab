"""What makes the labels of a version: the result of `Model.set_threshold`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from lepton_ai.errors import InvalidInput
from lepton_ai.transport import by_class, plain
from lepton_core.evaluate import LabelDecision


class Labels(msgspec.Struct, frozen=True):
    """What makes the labels of ``version``, and what that does on its held-out rows; ``serving``: it is deployed.

    ``decision`` None: the label is the most probable class.
    """

    model: str
    version: int
    serving: bool
    decision: LabelDecision | None = None

    def __str__(self) -> str:
        """One line."""
        said = "the label is the most probable class" if self.decision is None else str(self.decision)
        where = "deployed, so it labels like this from now on" if self.serving else "not deployed"
        return f"{self.model} version {self.version} ({where}): {said}"


def wished(
    threshold: float | None,
    recall: float | None,
    precision: float | None,
    costs: Mapping[Any, float] | None,
    label: Any,
) -> dict[str, Any] | None:
    """What a request says of it; None if nothing is wished. Classes of a numeric label are named as `by_class` does.

    Raises `InvalidInput` for a label without anything that is wished of it.

    >>> wished(None, 0.9, None, None, 1), wished(None, None, None, {0: 1, 1: 50}, None)
    ({'recall': 0.9, 'label': '1'}, {'costs': {'0': 1, '1': 50}})
    """
    named = {"threshold": threshold, "recall": recall, "precision": precision, "costs": by_class(costs)}
    body = {name: value for name, value in named.items() if value is not None}
    if label is not None:
        if not body:
            raise InvalidInput("goes with a threshold, a recall or a precision", field="label")
        if isinstance(label, Mapping | list | tuple | set):
            raise InvalidInput("must be one class", field="label")
        body["label"] = next(iter(by_class({label: 1})))
    return plain(body) if body else None


def labels_said(version: int | None, decision: LabelDecision | None) -> list[str]:
    """What an evaluation says of the labels of a version that has a rule for them."""
    if decision is None:
        return []
    return [
        f"labels of version {version}, {decision}",
        f"accuracy, precision, recall, f1 and confusion of version {version} are those of these labels; the folds, "
        "the segments and the comparison with no model are of the most probable class",
    ]
