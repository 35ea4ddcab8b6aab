"""The algorithms to choose from: every algorithm with its tasks, its inputs and its hyperparameters, as values."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from lepton_core.models.algorithm import Inputs
from lepton_core.models.registry import ALGORITHMS, algorithm


@dataclass(frozen=True)
class Setting:
    """One hyperparameter. ``type`` is 'int', 'float', 'str', 'bool', or of a list or an object, as 'list[int]'.

    ``default`` None is what the data, or other hyperparameters, decide. ``low <= value <= high`` and
    ``above < value < below``, each unless None; of a list, each entry, and there are at most ``most``. ``search``
    says from where automatic training draws values; None: it leaves this one alone.
    """

    name: str
    type: str
    default: Any
    help: str
    low: float | None = None
    above: float | None = None
    high: float | None = None
    below: float | None = None
    choices: tuple[str, ...] | None = None
    most: int | None = None
    search: str | None = None


@dataclass(frozen=True)
class Listed:
    """One algorithm; ``help`` is one line.

    ``explains`` and ``warm_starts`` say what `Algorithm.explains` and `Algorithm.warm_starts` do under the defaults.
    """

    name: str
    help: str
    tasks: tuple[str, ...]
    inputs: Inputs
    hyperparameters: tuple[Setting, ...]
    explains: bool
    warm_starts: bool


def listed(name: str) -> Listed:
    """The algorithm ``name`` as it can be shown. Errors: `InvalidInput` for an unknown one.

    >>> listed("linear_regression").tasks, listed("linear_regression").hyperparameters[0].name
    (('regression',), 'iterations')
    """
    one = algorithm(name)
    return Listed(
        name=name,
        help=first_line(name),
        tasks=tuple(sorted(one.tasks)),
        inputs=one.inputs,
        hyperparameters=tuple(_settings(one.defaults)),
        explains=one.explains(one.defaults),
        warm_starts=one.warm_starts(one.defaults),
    )


def listing() -> list[Listed]:
    """All algorithms, by name.

    >>> "logistic_regression" in [one.name for one in listing()]
    True
    """
    return [listed(name) for name in sorted(ALGORITHMS)]


def first_line(name: str) -> str:
    """The first line of an algorithm's file, which says what it is.

    >>> first_line("linear_regression").partition(":")[0]
    'Linear regression'
    """
    module = import_module(f"lepton_core.models.algorithms.{name}")
    return (module.__doc__ or "").partition("\n")[0]


def _settings(defaults: Any) -> Iterator[Setting]:
    hints = get_type_hints(type(defaults))
    for one in fields(defaults):
        default = getattr(defaults, one.name)
        found = {key: value for key, value in one.metadata.items() if key in Setting.__dataclass_fields__}
        for key, into in (("choices", tuple), ("search", str)):
            found[key] = None if found[key] is None else into(found[key])
        shown = list(default) if isinstance(default, tuple) else default
        yield Setting(name=one.name, type=_type(hints[one.name]), default=shown, **found)


def _type(hint: Any) -> str:
    kinds = (hint,) if get_origin(hint) is tuple else get_args(hint)
    kind = next((part for part in kinds if part is not NoneType), hint)
    if get_origin(kind) is not tuple:
        return str(kind.__name__)
    entry = get_args(kind)[0]
    if get_origin(entry) is not tuple:
        return "list[int]"
    return "list[list[str]]" if get_args(entry)[-1] is Ellipsis else "dict[str, int]"
