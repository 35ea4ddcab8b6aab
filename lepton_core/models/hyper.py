"""Hyperparameters: typed fields that carry their help and range, and the one check of what callers give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from math import isfinite
from numbers import Integral, Real
from operator import ge, gt, le, lt
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from lepton_core.errors import InvalidInput
from lepton_core.models.ranges import Range
from lepton_core.remedy import Remedy, training

H = TypeVar("H")

_NEAR = 0.75  # how alike a name is to the one that may have been meant: more than iterations to criterion


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    below: float | None = None,
    choices: Sequence[str] | None = None,
    most: int | None = None,
    search: Range | None = None,
    read: Callable[[str, Any], Any] | None = None,
) -> Any:
    """A dataclass field with its metadata: ``low <= value <= high``, ``above < value < below``, ``choices``.

    Of a list, ``tuple[int, ...]``, the bounds hold for each entry, and there are at most ``most`` of them.
    ``search`` is the range from which automatic training draws values; without it, it leaves the setting alone.
    ``read`` makes the value of the setting's name and of what is given, and raises `InvalidInput`, for what has a form
    of its own. The ``repr`` lacks such a setting, so that what was begun before there was one goes on.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Depth:
    ...     depth: int = setting(3, "Levels of the tree.", low=1)
    >>> fields(Depth)[0].metadata["low"]
    1
    """
    bounds = {"low": low, "above": above, "high": high, "below": below}
    return field(
        default=default,
        repr=read is None,
        metadata={"help": help, **bounds, "choices": choices, "most": most, "search": search, "read": read},
    )


@dataclass(frozen=True)
class Elsewhere:
    """A setting that other algorithms have, where this one has none of the name, and ``why`` not.

    ``word`` is the setting that means the same here, and ``value`` what a call is offered with; None: what was given.
    ``remedies`` are what the sentence offers itself.
    The ``elsewhere`` of a dataclass of settings, a mapping by name, holds these.

    >>> Elsewhere("a forest has trees, and no iterations", "trees").word
    'trees'
    """

    why: str
    word: str | None = None
    value: Any = None
    remedies: tuple[Remedy, ...] = ()


def configure(defaults: H, given: Mapping[str, Any]) -> H:
    """A copy of ``defaults``, a frozen dataclass of `setting` fields, with the values of ``given``.

    A value must be of the field's type (an int will do for a float, a bool for neither; a list or a tuple for
    ``tuple[int, ...]``, and becomes a tuple) and in its range; None takes the default. Raises `InvalidInput` that
    names the field. Of a setting that is `Elsewhere` it offers the call that means the same here.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Depth:
    ...     depth: int = setting(3, "Levels of the tree.", low=1)
    >>> configure(Depth(), {"depth": 5})
    Depth(depth=5)
    >>> configure(Depth(), {"depth": 0})
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: must be at least 1, not 0
    """
    known = {one.name: one for one in fields(defaults)}  # type: ignore[arg-type]
    types = get_type_hints(type(defaults))
    changes = {}
    for name, value in given.items():
        if name not in known:
            raise _elsewhere(defaults, name, given) or _unknown(name, list(known))
        if value is not None:
            changes[name] = _checked(known[name], types[name], value)
    return replace(defaults, **changes)  # type: ignore[type-var]


def checked(defaults: H, given: Mapping[str, Any], check: Callable[[H], None]) -> H:
    """`configure`, and ``check`` of what comes of it, which raises `InvalidInput` for settings that do not go together.

    Such an error offers the call without those that ``check`` refuses, one after the other.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Depth:
    ...     depth: int = setting(3, "Levels of the tree.")
    ...     leaves: int = setting(8, "Leaves of the tree.")
    >>> def check(hyper: Depth) -> None:
    ...     if hyper.leaves > 2**hyper.depth:
    ...         raise InvalidInput("are more than a tree of that depth has", field="leaves")
    >>> checked(Depth(), {"depth": 4, "leaves": 20}, check)
    Traceback (most recent call last):
    lepton_core.errors.InvalidInput: are more than a tree of that depth has; without leaves: model.train(depth=4)
    """
    made = configure(defaults, given)
    error = _fault(check, made)
    if error is None:
        return made
    kept = dict(given)
    fault: InvalidInput | None = error
    while fault is not None and fault.field in kept:
        del kept[fault.field]
        fault = _fault(check, configure(defaults, kept))
    if fault is not None:
        raise error
    way = training(hyperparameters={name: value for name, value in kept.items() if value is not None})
    left_out = ", ".join(name for name in given if name not in kept)
    raise InvalidInput(f"{error.message}; without {left_out}: {way}", field=error.field, remedies=(way,))


def _fault(check: Callable[[H], None], hyper: H) -> InvalidInput | None:
    try:
        check(hyper)
    except InvalidInput as error:
        return error
    return None


def _elsewhere(defaults: Any, name: str, given: Mapping[str, Any]) -> InvalidInput | None:
    words: Mapping[str, Elsewhere] = getattr(defaults, "elsewhere", {})
    if name not in words:
        return None
    refused = [other for other in words if other in given]
    why = "; ".join(f"no hyperparameter {other!r}: {words[other].why}" for other in refused)
    way = training(hyperparameters=_meant(defaults, words, given))
    ways = [one for other in refused for one in words[other].remedies]
    return InvalidInput(f"{why}; instead: {way}", field=refused[0], remedies=(*ways[:1], way))


def _meant(defaults: Any, words: Mapping[str, Elsewhere], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that say here what ``given`` says: those that there are, and the words for those that are not."""
    known, types = {one.name: one for one in fields(defaults)}, get_type_hints(type(defaults))
    found = {name: value for name, value in given.items() if name in known and value is not None}
    for name, one in words.items():
        word = one.word
        if word is None or word in found or name not in given:
            continue
        try:
            meant = given[name] if one.value is None else one.value
            found[word] = _checked(known[word], types[word], meant)
        except InvalidInput:
            continue  # out of the word's range: what was meant is not known
    return found


def _unknown(name: str, known: list[str]) -> InvalidInput:
    near = get_close_matches(name, known, n=1, cutoff=_NEAR)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return InvalidInput(f"no hyperparameter {name!r}; {hint}", field=name)


def _checked(one: Field[Any], hint: Any, value: Any) -> Any:
    if one.metadata.get("read") is not None:
        return one.metadata["read"](one.name, value)
    kinds = (hint,) if get_origin(hint) is tuple else get_args(hint)
    kind = next((part for part in kinds if part is not NoneType), hint)
    if get_origin(kind) is tuple:
        return _list(one, get_args(kind)[0], value)
    value = _typed(one.name, kind, value)
    choices = one.metadata.get("choices")
    if choices is not None and value not in choices:
        raise InvalidInput(f"must be one of {', '.join(choices)}, not {value!r}", field=one.name)
    _check_bounds(one, value, "")
    return value


def _list(one: Field[Any], kind: type, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"must be a list, not {type(value).__name__}", field=one.name)
    most = one.metadata.get("most")
    if most is not None and len(value) > most:
        raise InvalidInput(f"must have at most {most} entries, not {len(value)}", field=one.name)
    entries = tuple(_typed(one.name, kind, entry, "each entry ") for entry in value)
    for entry in entries:
        _check_bounds(one, entry, "each entry ")
    return entries


def _check_bounds(one: Field[Any], value: Any, what: str) -> None:
    for bound, wording, holds in (
        ("low", "at least", ge),
        ("above", "greater than", gt),
        ("high", "at most", le),
        ("below", "less than", lt),
    ):
        limit = one.metadata.get(bound)
        if limit is not None and not holds(value, limit):
            raise InvalidInput(f"{what}must be {wording} {limit}, not {value}", field=one.name)


def _typed(name: str, kind: type, value: Any, what: str = "") -> Any:
    number = not isinstance(value, bool) and isinstance(value, Real)
    if kind is float and number:
        try:
            if isfinite(value):
                return float(value)
        except OverflowError:  # an int of more than 308 digits
            pass
        raise InvalidInput(f"{what}must be a finite number", field=name)
    if kind is int and number and isinstance(value, Integral):
        return int(value)
    if kind in (bool, str) and isinstance(value, kind):
        return value
    words = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
    raise InvalidInput(f"{what}must be {words[kind]}, not {type(value).__name__}", field=name)
