"""Constraints on columns as constraints on the features that are made of them."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.models.constraints import Groups, Signs
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.curves import QuantileCurve, SignedLog
from lepton_core.preprocess.feature import Made, NumberFeature, ReadFeatures
from lepton_core.remedy import training

_RISING = (SignedLog, QuantileCurve)
"""Curves that rise with what they are made of."""

_UNORDERED = {
    "category": "its levels",
    "text": "its words",
    "date": "the parts of a date",
    "identifier": "its names",
}
"""Kinds of columns with no one number that a prediction could rise with, and what has no order in them."""


def check_constraints(
    hyperparameters: Mapping[str, Any], kinds: Mapping[str, str], taken: Mapping[str, str], classes: int = 0
) -> None:
    """Raises `InvalidInput` (field 'monotone' or 'interactions') for a column that cannot have what is said of it.

    ``kinds`` are the kinds of all columns by name, and ``taken`` says of those that are no features what they are: the
    label, the weight. ``classes`` is how many the label has, 0: a number, or it is not known. What is offered keeps
    the other hyperparameters.

    >>> check_constraints({"monotone": {"agee": 1}}, {"age": "number"}, {})
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: there is no column 'agee'; did you mean 'age'? model.train(monotone={'age': 1})
    """
    signs: Mapping[str, int] = hyperparameters.get("monotone") or {}
    groups: Sequence[Sequence[str]] = hyperparameters.get("interactions") or ()
    for column in signs:
        _check_known(column, hyperparameters, "monotone", kinds, taken)
    for column in dict.fromkeys(column for group in groups for column in group):
        _check_known(column, hyperparameters, "interactions", kinds, taken)
    for column, sign in signs.items():
        if sign and kinds[column] in _UNORDERED:
            raise _without(
                hyperparameters,
                column,
                f"column {column!r} is of kind {kinds[column]}: {_UNORDERED[kinds[column]]} have no order that a "
                "prediction could rise with; leave it out:",
            )
    if classes > 2 and any(signs.values()):
        kept = {name: value for name, value in hyperparameters.items() if name != "monotone"}
        way = training(hyperparameters=kept)
        raise InvalidInput(
            f"the label has {classes} classes, and a sign is of the probability of one of two: that of one class of "
            f"more rises only where others fall; train without, {way}, or on a label of two classes",
            field="monotone",
            remedies=(way,),
        )


def of_features(
    preprocessor: Preprocessor, hyperparameters: Mapping[str, Any], monotone: Signs, interactions: Groups
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """The signs and the groups of the p features of a fitted ``preprocessor``: ``(p,)``, or none where none are said.

    A feature has the sign of its column, or the other one where it falls as that rises. A feature of several columns
    may act with all features that one group holds with all of them; columns that no group names are one more group.
    Raises `InvalidInput` (field 'monotone' or 'interactions') for a feature that the constraints cannot be said of.

    >>> import numpy as np
    >>> from lepton_core.table import Categories, Numbers, Table
    >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Categories.of("zip", ["b", "a"])))
    >>> fitted = Preprocessor.empty().add("OneHot", input="zip", fewest=1).fit(table)
    >>> fitted.feature_names, *of_features(fitted, {}, (("age", 1),), (("zip",),))
    (('age', 'zip=a', 'zip=b'), (1, 0, 0), ((1, 2), (0,)))
    """
    features = [one for part in preprocessor.design.parts for one in _each(part)]
    signs = tuple(_sign(one, dict(monotone), hyperparameters) for one in features) if monotone else ()
    if not interactions:
        return signs if any(signs) else (), ()
    sources = [one.sources for one in features]
    groups = _with_rest(interactions, frozenset().union(*sources))
    for one in features:
        if not any(one.sources <= group for group in groups):
            together = " and ".join(map(repr, sorted(one.sources)))
            raise InvalidInput(
                f"feature {one.name!r} is made of {together}, which no group holds together; leave the step that makes "
                "it out of the preprocessor, or put them in one group",
                field="interactions",
            )
    found = [tuple(at for at, of in enumerate(sources) if of <= group) for group in groups]
    return signs if any(signs) else (), tuple(group for group in found if group)


def of_columns(
    names: Sequence[str], monotone: Signs, interactions: Groups
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """`of_features` of n columns that are features as they are: the signs ``(n,)`` and the groups, or none.

    >>> of_columns(["age", "zip", "bmi"], (("bmi", -1),), (("zip",),))
    ((0, 0, -1), ((1,), (0, 2)))
    """
    known = dict(monotone)
    signs = tuple(known.get(name, 0) for name in names)
    groups = _with_rest(interactions, frozenset(names)) if interactions else []
    found = [tuple(at for at, name in enumerate(names) if name in group) for group in groups]
    return signs if any(signs) else (), tuple(group for group in found if group)


def _with_rest(interactions: Groups, columns: frozenset[str]) -> list[frozenset[str]]:
    """The groups, and one more of the ``columns`` that none of them names."""
    rest = columns.difference(*interactions)
    return [frozenset(group) for group in interactions] + ([rest] if rest else [])


def _each(part: Made) -> Sequence[NumberFeature]:
    return part if isinstance(part, ReadFeatures) else (part,)


def _sign(feature: NumberFeature, signs: Mapping[str, int], hyperparameters: Mapping[str, Any]) -> int:
    said = [column for column in sorted(feature.sources) if signs.get(column, 0)]
    if not said:
        return 0
    direction = _direction(feature) if len(feature.sources) == 1 else None
    if direction is None:
        raise _without(
            hyperparameters,
            said[0],
            f"feature {feature.name!r} is made of column {said[0]!r}, and does not just rise or fall with it; leave "
            "the step that makes it out of the preprocessor, or train without the sign:",
        )
    return signs[said[0]] * direction


def _direction(feature: NumberFeature) -> int | None:
    """1 where the feature rises with its column, -1 where it falls, 0 where it only knows missing cells, else None."""
    if feature.divisor in (float("inf"), float("-inf")):
        return 0
    turned = 1 if feature.divisor > 0.0 else -1
    if feature.others == () and feature.level is None:
        return 0  # it tells missing cells from the others
    if feature.is_cell:
        return turned
    if isinstance(feature.curve, _RISING):
        below = _direction(feature.curve.inputs[0])
        return None if below is None else turned * below
    return None


def _check_known(
    column: str,
    hyperparameters: Mapping[str, Any],
    field: str,
    kinds: Collection[str],
    taken: Mapping[str, str],
) -> None:
    if column in taken:
        said = f"column {column!r} is {taken[column]}, and no feature; leave it out:"
        raise _renamed(hyperparameters, field, column, None, said)
    if column in kinds:
        return
    near = get_close_matches(column, [name for name in kinds if name not in taken], n=1)
    said = f"there is no column {column!r}; " + (f"did you mean {near[0]!r}?" if near else "leave it out:")
    raise _renamed(hyperparameters, field, column, near[0] if near else None, said)


def _without(hyperparameters: Mapping[str, Any], column: str, said: str) -> InvalidInput:
    return _renamed(hyperparameters, "monotone", column, None, said)


def _renamed(
    hyperparameters: Mapping[str, Any], field: str, column: str, to: str | None, said: str
) -> InvalidInput:
    """The error that says so, and offers the training in which ``field`` has ``column`` as ``to``, or lacks it."""
    given: Any = hyperparameters[field]
    if field == "monotone":
        names = {name: to if name == column else name for name in given}
        changed: Any = {name: given[old] for old, name in names.items() if name is not None}
    else:
        replaced = [[to if name == column else name for name in group] for group in given]
        distinct = [list(dict.fromkeys(name for name in group if name is not None)) for group in replaced]
        changed = [group for group in distinct if group]
    kept = {name: value for name, value in hyperparameters.items() if name != field and value is not None}
    way = training(hyperparameters=kept | ({field: changed} if changed else {}))
    return InvalidInput(f"{said} {way}", field=field, column=column, remedies=(way,))
