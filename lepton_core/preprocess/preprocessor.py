"""A preprocessor: a chain of steps, fitted or not, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.format_check import check_format
from lepton_core.preprocess.design import Design, columns_of
from lepton_core.preprocess.feature import Feature, NumberFeature
from lepton_core.preprocess.layout import Layout
from lepton_core.preprocess.step import Step, StepState
from lepton_core.preprocess.transformers import TRANSFORMERS
from lepton_core.table import Schema, Table

FORMAT = 1
MAX_STEPS = 1000


@dataclass(frozen=True)
class Preprocessor:
    """Steps from the columns of a table to the design matrix; ``schema`` is None until it is fitted.

    The block 'X' holds all feature columns. A step takes a block, a column or a list of columns; with an
    ``output`` of another name it makes a block of that name, otherwise it replaces its input in place. The
    design matrix is every block that no later step consumed, in order of creation: first the columns of 'X'
    that are left, then the others.

    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Numbers("height", np.array([1.5, 1.5]))))
    >>> chain = Preprocessor.empty().add("Normalize", input="X", output="X_normalized")
    >>> chain.fit(table).transform(table)
    array([[-1.,  0.],
           [ 1.,  0.]])
    """

    steps: tuple[Step, ...] = ()
    schema: Schema | None = None

    @staticmethod
    def empty() -> "Preprocessor":
        """No step yet: columns of numbers pass through."""
        return Preprocessor()

    def add(
        self, transformer: str, *, input: str | Sequence[str], output: str | None = None, **options: Any
    ) -> "Preprocessor":
        """A new preprocessor with one more step at the end, not fitted.

        ``transformer`` is a key of `TRANSFORMERS`; ``options`` are those of its class. Errors: `InvalidInput`
        with the field 'transformer', 'input', 'output' or the option's name.
        """
        return self.unfitted()._with(Step.of(transformer, input, output, options))

    @property
    def fitted(self) -> bool:
        """Whether it can transform."""
        return self.schema is not None

    def unfitted(self) -> "Preprocessor":
        """The same steps, with nothing learnt."""
        return Preprocessor(tuple(replace(step, state=None) for step in self.steps))

    def fit(self, table: Table) -> "Preprocessor":
        """Learn each step's state from ``table``, feature columns of m >= 1 rows; older state is forgotten.

        Errors: `InvalidData` naming a column that a step cannot learn from, or that would be left as text;
        `InvalidInput` (field 'input' or 'output') for a step that does not go with these columns.
        """
        if not table.rows:
            raise InvalidData("there is no row to learn from")
        layout, steps = Layout.of(table.schema), []
        for step in self.steps:
            features = _inputs(layout, step)
            transformer = TRANSFORMERS[step.transformer]
            learnt = [
                transformer.fit(column, step.options) for column in columns_of(features, table, table.schema)
            ]
            _check_finite(features, learnt)
            arrays = {name: tuple(row[name] for row in learnt) for name in transformer.statistics}
            steps.append(replace(step, state=StepState(tuple(feature.name for feature in features), arrays)))
            layout = _apply(layout, steps[-1])
        layout.final()
        return Preprocessor(tuple(steps), table.schema)

    def transform(
        self, table: Table, *, missing: bool = False, categories: bool = False
    ) -> NDArray[np.float64]:
        """The design matrix, (m, p), of the m rows of ``table``; columns are found by name, others ignored.

        With ``missing`` a missing value that no step fills stays NaN; with ``categories`` one of an Ordinal
        column does. Errors: `InvalidData` naming the column that is absent or holds text where numbers were,
        or the row and the column of any other missing value; `InvalidInput` if it is not fitted.
        """
        return self.design.run(table, missing=missing, categories=categories)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the p columns of the matrix: the table's own, and 'column=level' from OneHot."""
        return tuple(feature.name for feature in self.design.features)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of the table that each of the p columns of the matrix is made from."""
        return tuple(feature.source for feature in self.design.features)

    @property
    def levels(self) -> tuple[int, ...]:
        """Of each of the p columns: 0 for numbers, k for the codes 0..k-1 that Ordinal made and nothing scaled.

        Empty, all of them are numbers.
        """
        return self.design.levels

    @cached_property
    def design(self) -> Design:
        """All steps together as arrays. Errors: `InvalidInput` if it is not fitted."""
        if self.schema is None:
            raise InvalidInput("the preprocessor is not fitted", field="preprocessor")
        return Design.of(_replay(self.steps, self.schema), self.schema)

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives back the same value to the last bit."""
        return {
            "format": FORMAT,
            "steps": [step.as_dict() for step in self.steps],
            "schema": None if self.schema is None else self.schema.as_dict(),
        }

    @staticmethod
    def from_dict(data: Any) -> "Preprocessor":
        """Read back what `as_dict` wrote, fitted or not. Errors: `InvalidInput` naming the field: 'steps[0].input'."""
        if not isinstance(data, Mapping):
            raise InvalidInput("must be an object", field="preprocessor")
        check_format(data.get("format"), FORMAT, "preprocessor")
        if not isinstance(data.get("steps"), list):
            raise InvalidInput("must be a list", field="steps")
        if len(data["steps"]) > MAX_STEPS:
            raise InvalidInput(f"there are {len(data['steps'])}; the most is {MAX_STEPS}", field="steps")
        chain = Preprocessor.empty()
        for i, entry in enumerate(data["steps"]):
            try:
                chain = chain._with(Step.from_dict(entry))
            except InvalidInput as error:
                place = f"steps[{i}]" if error.field is None else f"steps[{i}].{error.field}"
                raise InvalidInput(error.message, field=place) from error
        if data.get("schema") is None:
            if any(step.state is not None for step in chain.steps):
                raise InvalidInput("is missing, and the steps are fitted", field="schema")
            return chain
        schema = Schema.from_dict(data["schema"])
        _replay(chain.steps, schema)  # raises where steps, states and schema do not go together
        return Preprocessor(chain.steps, schema)

    def _with(self, step: Step) -> "Preprocessor":
        if step.output is not None and step.output in [earlier.output for earlier in self.steps]:
            raise InvalidInput(f"an earlier step makes {step.output!r} already", field="output")
        return Preprocessor((*self.steps, step))


def _inputs(layout: Layout, step: Step) -> list[Feature]:
    return [feature for slot in layout.select(step.input) for feature in layout.slots[slot]]


def _replay(steps: Sequence[Step], schema: Schema) -> tuple[NumberFeature, ...]:
    layout = Layout.of(schema)
    for step in steps:
        layout = _apply(layout, step)
    return layout.final()


def _apply(layout: Layout, step: Step) -> Layout:
    features = _inputs(layout, step)
    if step.state is None or step.state.columns != tuple(feature.name for feature in features):
        raise InvalidInput(f"the state of {step.transformer} is not that of its input", field="state")
    transformer = TRANSFORMERS[step.transformer]
    learnt = iter(step.state.rows())
    chosen = layout.select(step.input)
    made = [
        tuple(new for feature in layout.slots[slot] for new in transformer.apply(feature, next(learnt)))
        for slot in chosen
    ]
    return layout.place(chosen, step.output, made)


def _check_finite(features: Sequence[Feature], learnt: Sequence[Mapping[str, Any]]) -> None:
    for feature, row in zip(features, learnt, strict=True):
        if any(isinstance(value, float) and not np.isfinite(value) for value in row.values()):
            raise InvalidData("its values are too large to learn from", column=feature.source)
