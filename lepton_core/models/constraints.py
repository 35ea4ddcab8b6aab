"""Constraints as settings: where a prediction may only rise or fall, and which columns may act together."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.models.hyper import Elsewhere, setting
from lepton_core.remedy import argument

Signs = tuple[tuple[str, int], ...]
"""By column: 1 where a prediction may only rise with it, -1 only fall, 0 either."""

Groups = tuple[tuple[str, ...], ...]
"""Columns that may act together, a group each."""


def read_monotone(name: str, value: Any) -> Signs:
    """The signs of ``{"age": 1, "income": -1}``. Raises `InvalidInput` (field ``name``) for anything else.

    >>> read_monotone("monotone", {"age": 1, "income": -1})
    (('age', 1), ('income', -1))
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(
            f'must be an object of columns and signs, as {{"age": 1}}, not {type(value).__name__}', field=name
        )
    for column, sign in value.items():
        if not isinstance(column, str) or not column:
            raise InvalidInput(f"{column!r} is no name of a column", field=name)
        if type(sign) is not int or sign not in (-1, 0, 1):
            raise InvalidInput(f"column {column!r}: must be 1, -1 or 0, not {sign!r}", field=name)
    return tuple(value.items())


def read_interactions(name: str, value: Any) -> Groups:
    """The groups of ``[["age", "income"], ["zip"]]``. Raises `InvalidInput` (field ``name``) for anything else.

    >>> read_interactions("interactions", [["age", "income"], ["zip"]])
    (('age', 'income'), ('zip',))
    """
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"must be a list of groups of columns, not {type(value).__name__}", field=name)
    for group in value:
        if not isinstance(group, list | tuple) or not group:
            raise InvalidInput(f"each group must be a list of columns, not {group!r}", field=name)
        for column in group:
            if not isinstance(column, str) or not column:
                raise InvalidInput(f"{column!r} is no name of a column", field=name)
        if len(set(group)) < len(group):
            raise InvalidInput(f"the group {list(group)} names a column twice", field=name)
    return tuple(tuple(group) for group in value)


MONOTONE = partial(
    setting,
    None,
    'By column, {"age": 1, "income": -1}: predictions only rise (1) or only fall (-1) with it, all others alike. Of '
    "two classes, the probability of the second.",
    read=read_monotone,
)

INTERACTIONS = partial(
    setting,
    None,
    'Groups of columns, [["age", "income"], ["zip"]]: only columns of one group act together. Those that no group '
    "names are one more.",
    read=read_interactions,
)

_OTHERS = "as decision_tree, gradient_boosting and random_forest do: create a model with"


def unconstrained(name: str) -> Mapping[str, Elsewhere]:
    """What an algorithm says, by setting, that keeps to no constraints.

    >>> sorted(unconstrained("svm"))
    ['interactions', 'monotone']
    """
    way = argument("create", algorithm="gradient_boosting")
    return MappingProxyType(
        {
            "monotone": Elsewhere(
                f"{name} does not see to it that predictions rise with a column, {_OTHERS} {way}",
                remedies=(way,),
            ),
            "interactions": Elsewhere(
                f"{name} does not keep columns apart, {_OTHERS} {way}", remedies=(way,)
            ),
        }
    )
