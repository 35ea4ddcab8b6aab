"""One step of a preprocessor as a value, and its JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from lepton_core.errors import InvalidInput
from lepton_core.preprocess.layout import X
from lepton_core.preprocess.transformers import OPTIONAL, TRANSFORMERS


@dataclass(frozen=True)
class StepState:
    """The state that a step learnt: to each name of ``columns`` one entry in each of the ``arrays``.

    The names are those of the features that went into the step, the arrays those of the transformer:
    ``{'mean': (...), 'std': (...)}`` for Normalize.
    """

    columns: tuple[str, ...]
    arrays: Mapping[str, tuple[Any, ...]]

    def rows(self) -> list[dict[str, Any]]:
        """The statistics of each column.

        >>> StepState(("a", "b"), {"mean": (1.0, 2.0), "std": (3.0, 4.0)}).rows()
        [{'mean': 1.0, 'std': 3.0}, {'mean': 2.0, 'std': 4.0}]
        """
        if not self.arrays:
            return [{} for _ in self.columns]
        return [
            dict(zip(self.arrays, entries, strict=True))
            for entries in zip(*self.arrays.values(), strict=True)
        ]

    def as_dict(self) -> dict[str, Any]:
        """As JSON: ``columns`` and each array by its name."""
        shown = {name: [_plain(entry) for entry in entries] for name, entries in self.arrays.items()}
        return {"columns": list(self.columns), **shown}


@dataclass(frozen=True)
class Step:
    """A transformer with its input, its output (None: in place), its options and, once fitted, its state.

    ``default`` says that nobody asked for it: a fit found columns that were no numbers yet, and forgets it again.
    """

    transformer: str
    input: str | tuple[str, ...]
    output: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    state: StepState | None = None
    default: bool = False

    @staticmethod
    def of(
        transformer: Any, input: Any, output: Any, options: Mapping[str, Any], state: StepState | None = None
    ) -> "Step":
        """A step of checked parts; an output that is the input becomes None.

        Errors: `InvalidInput` naming the part.

        >>> Step.of("MinMax", "X", "X", {}).output is None
        True
        """
        _check_transformer(transformer)
        names = _names(input)
        if output is not None and (not isinstance(output, str) or not output):
            raise InvalidInput("must be a name, or be left out", field="output")
        same = (output,) == ((names,) if isinstance(names, str) else names)
        if output == X and not same:
            raise InvalidInput("'X' is the block of all features; choose another name", field="output")
        return Step(
            transformer,
            names,
            None if same else output,
            TRANSFORMERS[transformer].configure(options),
            state,
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        shown = {
            "transformer": self.transformer,
            "input": self.input if isinstance(self.input, str) else list(self.input),
            "output": self.output,
            "options": dict(self.options),
            "state": None if self.state is None else self.state.as_dict(),
        }
        return {**shown, "default": True} if self.default else shown

    @staticmethod
    def from_dict(data: Any) -> "Step":
        """Read back what `as_dict` wrote. All but ``transformer`` and ``input`` may be left out.

        Errors: `InvalidInput` naming the part.
        """
        if not isinstance(data, Mapping):
            raise InvalidInput("must be an object")
        for key in data:
            if key not in ("transformer", "input", "output", "options", "state", "default"):
                raise InvalidInput("is not a part of a step", field=str(key))
        options = data.get("options", {})
        if not isinstance(options, Mapping):
            raise InvalidInput("must be an object", field="options")
        default = data.get("default", False)
        if not isinstance(default, bool):
            raise InvalidInput("must be true or false", field="default")
        step = Step.of(data.get("transformer"), data.get("input"), data.get("output"), options)
        given = data.get("state")
        state = None if given is None else _read_state(step.transformer, given)
        return replace(step, state=state, default=default)


def _check_transformer(name: Any) -> None:
    if isinstance(name, str) and name in TRANSFORMERS:
        return
    lower = {known.lower(): known for known in TRANSFORMERS}
    near = get_close_matches(str(name).lower(), lower, n=1)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    raise InvalidInput(f"{name!r} is not one of {', '.join(TRANSFORMERS)}{hint}", field="transformer")


def _names(given: Any) -> str | tuple[str, ...]:
    if isinstance(given, str) and given:
        return given
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        names = tuple(given)
        if names and all(isinstance(name, str) and name for name in names):
            if len(set(names)) < len(names):
                raise InvalidInput("names a column twice", field="input")
            return names
    raise InvalidInput("must be the name of a block or column, or a list of columns", field="input")


def _read_state(transformer: str, data: Any) -> StepState:
    readers = TRANSFORMERS[transformer].statistics
    names = {"columns", *readers}
    may_lack = OPTIONAL.get(transformer, frozenset())
    if not isinstance(data, Mapping) or not names - may_lack <= set(data) <= names:
        raise InvalidInput(f"must be an object of columns, {', '.join(readers)}", field="state")
    columns = data["columns"]
    if not isinstance(columns, (list, tuple)) or not all(isinstance(name, str) for name in columns):
        raise InvalidInput("must be a list of names", field="state.columns")
    arrays: dict[str, tuple[Any, ...]] = {}
    for name in (name for name in readers if name in data):
        entries = data[name]
        if not isinstance(entries, (list, tuple)) or len(entries) != len(columns):
            raise InvalidInput("must be a list with one entry a column", field=f"state.{name}")
        try:
            arrays[name] = tuple(map(readers[name], entries))
        except ValueError as error:
            raise InvalidInput(str(error), field=f"state.{name}") from error
    return StepState(tuple(columns), arrays)


def _plain(entry: Any) -> Any:
    return [_plain(part) for part in entry] if isinstance(entry, tuple) else entry
