"""A preprocessor: a chain of steps, fitted or not, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.format_check import check_format
from lepton_core.matrix import Matrix
from lepton_core.preprocess.chain import Crossing, apply_step, fill_step, fit_step, laid_out, replay
from lepton_core.preprocess.default_steps import DefaultSteps, default_steps
from lepton_core.preprocess.design import Design
from lepton_core.preprocess.feature import Made, ReadFeatures
from lepton_core.preprocess.labels import Labels
from lepton_core.preprocess.layout import Layout
from lepton_core.preprocess.step import Step
from lepton_core.preprocess.transformers import SUPERVISED
from lepton_core.preprocess.transformers.levels import FEWEST, learn_levels
from lepton_core.table import Column, ColumnSchema, Schema, Table

FORMAT = 3
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
        """The same steps, with nothing learnt, and without those that a fit added."""
        return Preprocessor(tuple(replace(step, state=None) for step in self.steps if not step.default))

    @property
    def supervised(self) -> bool:
        """Whether a step learns from the label, so that `fit` needs one and `learning_matrix` is not `matrix`."""
        return any(step.transformer in SUPERVISED for step in self.steps)

    def fit(
        self, table: Table, labels: Labels | None = None, *, edition: DefaultSteps = "default-5"
    ) -> "Preprocessor":
        """Learn each step's state from ``table``, feature columns of m >= 1 rows; older state is forgotten.

        ``labels`` are those of the m rows, for the steps that learn from them; the others do not see them.
        Columns that are no numbers after the last step, as dates, texts and categories, get the steps of a default
        preprocessor of this ``edition``. Errors: `InvalidData` naming a column that a step cannot learn from, or a
        block that would be left as text; `InvalidInput` (field 'input' or 'output') for a step that does not go with
        these columns, or (field 'labels') if a step needs labels and there are none.
        """
        if not table.rows:
            raise InvalidData("there is no row to learn from")
        layout, fitted = Layout.of(table.schema), []
        for step in self.unfitted().steps:
            fitted.append(fit_step(step, layout, table, labels))
            layout = apply_step(layout, fitted[-1])
        for step in default_steps([table[name] for name in layout.left], edition=edition):
            fitted.append(replace(fit_step(step, layout, table, labels), default=True))
            layout = apply_step(layout, fitted[-1])
        chain = Preprocessor(tuple(fitted), table.schema)
        _demand_features(layout, chain.left_out)
        layout.final()  # raises for a block that is left as text
        return replace(chain, schema=_with_needed_levels(table, fitted))

    def filled(self, table: Table) -> "Preprocessor":
        """The same, and behind it a fill for numbers that no step fills: their mean in ``table``, 0 without any.

        So an algorithm that takes no missing numbers has none. Errors: `InvalidInput` if it is not fitted.

        >>> from lepton_core.table import Numbers
        >>> table = Table((Numbers("age", np.array([20.0, np.nan, 40.0])),))
        >>> Preprocessor.empty().fit(table).filled(table).transform(table).ravel().tolist()
        [20.0, 30.0, 40.0]
        """
        if self.schema is None:
            raise InvalidInput("the preprocessor is not fitted", field="preprocessor")
        step = fill_step(laid_out(self.steps, self.schema), table)
        return self if step is None else replace(self, steps=(*self.steps, step))

    def transform(
        self, table: Table, *, missing: bool = False, categories: bool = False
    ) -> NDArray[np.float64]:
        """The design matrix, (m, p), of the m rows of ``table``; columns are found by name, others ignored.

        With ``missing`` a missing value that no step fills stays NaN; with ``categories`` one of an Ordinal
        column does. Errors: `InvalidData` naming the column that is absent or holds text where numbers were,
        or the row and the column of any other missing value; `InvalidInput` if it is not fitted.
        """
        return self.design.run(table, missing=missing, categories=categories)

    def matrix(self, table: Table, *, missing: bool = False, categories: bool = False) -> Matrix:
        """What `transform` gives, (m, p), as `Blocks` where these are much smaller. Errors: those of `transform`."""
        return self.design.matrix(table, missing=missing, categories=categories)

    def learning_matrix(
        self, table: Table, labels: Labels, *, seed: int, missing: bool = False, categories: bool = False
    ) -> Matrix:
        """The matrix (m, p) of the very rows that it was fitted to, ``labels`` included, to train a model on.

        It is `matrix` except for what a step learnt from labels: for each row that is learnt again from the rows of
        other folds, so that no row is described by its own label. The folds are drawn with ``seed``. Errors: those of
        `transform`.
        """
        if not self.supervised or self.schema is None:
            return self.matrix(table, missing=missing, categories=categories)
        crossing = Crossing.of(table, labels, seed)
        design = Design.of(replay(self.steps, self.schema, crossing), self.schema)
        return design.matrix(crossing.with_folds, missing=missing, categories=categories)

    @property
    def reads(self) -> frozenset[str]:
        """The columns of the table that the matrix is made from; what stands in others makes no difference.

        >>> from lepton_core.table import Numbers
        >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Numbers("planet", np.array([3.0, 3.0]))))
        >>> sorted(Preprocessor.empty().add("Drop", input="planet").fit(table).reads)
        ['age']
        """
        return frozenset().union(*(_sources(part) for part in self.design.parts))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the p columns of the matrix: the table's own, and 'column=level' from OneHot."""
        return tuple(
            name
            for part in self.design.parts
            for name in (part.names if isinstance(part, ReadFeatures) else (part.name,))
        )

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return self.design.width

    @property
    def left_out(self) -> Mapping[str, str]:
        """The columns that a step dropped, each with the reason as the end of a sentence: "only tells rows apart".

        It is empty where somebody asked for it without one. Before the fit nothing is left out.
        """
        return {
            name: reason
            for step in self.steps
            if step.state is not None and step.transformer == "Drop"
            for name, reason in zip(step.state.columns, step.state.arrays["reason"], strict=True)
        }

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of the table that each of the p columns of the matrix is made from."""
        return tuple(
            source
            for part in self.design.parts
            for source in (part.source,) * (len(part) if isinstance(part, ReadFeatures) else 1)
        )

    @property
    def levels(self) -> tuple[int, ...]:
        """Of each of the p columns: 0 for numbers, k for the codes 0..k-1 that Ordinal made and nothing scaled.

        Empty, all of them are numbers.
        """
        return self.design.levels

    @property
    def _format(self) -> int:
        """3 if a step keeps some places of a text, 2 if one has learnt a level of all others, else 1."""
        arrays = [step.state.arrays for step in self.steps if step.state is not None]
        if any("places" in of for of in arrays):
            return 3
        return 2 if any(None in levels for of in arrays for levels in of.get("levels", ())) else 1

    @cached_property
    def design(self) -> Design:
        """All steps together as arrays. Errors: `InvalidInput` if it is not fitted."""
        if self.schema is None:
            raise InvalidInput("the preprocessor is not fitted", field="preprocessor")
        return Design.of(self._features, self.schema)

    @cached_property
    def _features(self) -> tuple[Made, ...]:
        return replay(self.steps, self.schema) if self.schema is not None else ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` gives back the same value to the last bit."""
        return {
            "format": self._format,
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
        made = Preprocessor(chain.steps, schema)
        _ = made._features  # raises where steps, states and schema do not go together
        return made

    def _with(self, step: Step) -> "Preprocessor":
        if step.output is not None and step.output in [earlier.output for earlier in self.steps]:
            raise InvalidInput(f"an earlier step makes {step.output!r} already", field="output")
        return Preprocessor((*self.steps, step))


def _sources(part: Made) -> frozenset[str]:
    return frozenset({part.source}) if isinstance(part, ReadFeatures) else part.sources


def _with_needed_levels(table: Table, steps: Sequence[Step]) -> Schema:
    """The schema of ``table`` with the levels that enough rows have, or that a step knows by name."""
    by_steps = {
        level
        for step in steps
        if step.state is not None
        for levels in step.state.arrays.get("levels", ())
        for level in levels
    }

    def of(column: Column) -> ColumnSchema:
        schema = table.schema[column.name]
        if not schema.levels:
            return schema
        frequent = {*learn_levels(column, FEWEST, len(schema.levels)), *by_steps}
        return replace(schema, levels=tuple(level for level in schema.levels if level in frequent))

    return Schema(tuple(map(of, table.columns)))


def _demand_features(layout: Layout, left_out: Mapping[str, str]) -> None:
    if (
        any(features for slot, features in layout.slots.items() if slot not in layout.consumed)
        or not left_out
    ):
        return
    reasons = ", ".join(f"{name!r} ({reason or 'dropped'})" for name, reason in list(left_out.items())[:5])
    name = next(iter(left_out))
    raise InvalidData(
        f"no feature is left to learn from; left out: {reasons}; to take one nevertheless, say "
        f"add_transformer('OneHot', input={name!r})"
    )
