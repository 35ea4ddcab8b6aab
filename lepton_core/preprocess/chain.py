"""The steps of a chain, one after the other: what each learns, and which features it leaves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.moments import moments
from lepton_core.preprocess.design import columns_of
from lepton_core.preprocess.feature import Feature, FeaturePart, Made, NumberFeature, TextFeature, each
from lepton_core.preprocess.labels import ENCODING_FOLDS, Labels
from lepton_core.preprocess.layout import Layout, Slot
from lepton_core.preprocess.step import Step, StepState
from lepton_core.preprocess.transformers import EXCLUSIVE, JOINT, SUPERVISED, TRANSFORMERS
from lepton_core.table import Column, Numbers, Schema, Table

Rewrite = Callable[[Feature, Mapping[str, Any]], tuple[FeaturePart, ...]]


def fit_step(step: Step, layout: Layout, table: Table, labels: Labels | None) -> Step:
    """The step with what it learns from its columns of ``table``, and from ``labels`` if it is one that does.

    Errors: `InvalidData` and `InvalidInput`, see `Preprocessor.fit`.
    """
    features = _inputs(layout, step)
    learnt = [_learn(step, column, labels) for column in columns_of(features, table, table.schema)]
    _check_finite(features, learnt)
    names = TRANSFORMERS[step.transformer].statistics
    arrays = {name: tuple(row[name] for row in learnt) for name in names if not learnt or name in learnt[0]}
    return replace(step, state=StepState(tuple(feature.name for feature in features), arrays))


def apply_step(layout: Layout, step: Step, crossing: "Crossing | None" = None) -> Layout:
    """The features after a fitted step; with ``crossing`` each row has those that other folds say.

    Raises `InvalidInput` (field 'state') if the state belongs to other features.
    """
    features = _inputs(layout, step)
    if step.state is None or step.state.columns != tuple(feature.name for feature in features):
        raise InvalidInput(f"the state of {step.transformer} is not that of its input", field="state")
    rewrite: Rewrite = TRANSFORMERS[step.transformer].apply
    if crossing is not None and step.transformer in SUPERVISED:
        rewrite = crossing.rewrite(step, features)
    learnt = iter(step.state.rows())
    chosen = _chosen(layout, step)
    made = [
        tuple(new for feature in each(layout.slots[slot]) for new in rewrite(feature, next(learnt)))
        for slot in chosen
    ]
    if made and step.transformer in JOINT:
        made[-1] += JOINT[step.transformer].join(features, step.options)
    placed = layout.place(chosen, step.output, made)
    if step.transformer not in EXCLUSIVE:
        return placed
    return placed.only(chosen if step.output is None else [("block", step.output)])


def replay(steps: Sequence[Step], schema: Schema, crossing: "Crossing | None" = None) -> tuple[Made, ...]:
    """The features of the matrix after fitted ``steps``. Errors: those of `apply_step`."""
    return laid_out(steps, schema, crossing).final()


def laid_out(steps: Sequence[Step], schema: Schema, crossing: "Crossing | None" = None) -> Layout:
    """Where the features are after fitted ``steps``. Errors: those of `apply_step`."""
    layout = Layout.of(schema)
    for step in steps:
        layout = apply_step(layout, step, crossing)
    return layout


def fill_step(layout: Layout, table: Table) -> Step | None:
    """A fitted Impute of every number that ends in the matrix and may be missing; None if there is none.

    Each gets the mean of its values in ``table``, or 0 where all are missing. Codes stay: they have no mean.
    """
    slots = [slot for slot in layout.slots if slot not in layout.consumed and _has_gaps(layout.slots[slot])]
    if not slots:
        return None
    step = Step.of("Impute", [name for _, name in slots], None, {})
    features = _inputs(layout, step)
    present = (column.values[~column.missing] for column in columns_of(features, table, table.schema))
    fills = tuple(moments(values).mean if len(values) else 0.0 for values in present)
    state = StepState(tuple(feature.name for feature in features), {"fill": fills})
    return replace(step, state=state, default=True)


@dataclass(frozen=True)
class Crossing:
    """The rows that a chain was fitted to, in ``folds`` (m,), whose feature is ``fold``."""

    table: Table
    labels: Labels
    folds: NDArray[np.int64]
    fold: NumberFeature

    @staticmethod
    def of(table: Table, labels: Labels, seed: int) -> "Crossing":
        """The folds are drawn with ``seed``."""
        name = table.unused("fold")
        return Crossing(table, labels, labels.folds(seed), NumberFeature(name, name))

    @property
    def with_folds(self) -> Table:
        """The table with the column that ``fold`` is made from."""
        return Table((*self.table.columns, Numbers(self.fold.source, self.folds.astype(np.float64))))

    def rewrite(self, step: Step, features: Sequence[Feature]) -> Rewrite:
        """What makes of each of ``features``, in their order, the one whose formula depends on the row's fold."""
        columns: Iterator[Column] = columns_of(features, self.table, self.table.schema)
        supervised = SUPERVISED[step.transformer]
        others = [self.labels.without(self.folds == fold) for fold in range(ENCODING_FOLDS)]

        def crossed(feature: Feature, _: Mapping[str, Any]) -> tuple[Feature, ...]:
            column = next(columns)
            learnt = [supervised.fit_to(column, step.options, labels) for labels in others]
            return supervised.crossed(feature, learnt, self.fold)

        return crossed


def _learn(step: Step, column: Column, labels: Labels | None) -> dict[str, Any]:
    if labels is None or step.transformer not in SUPERVISED:
        return TRANSFORMERS[step.transformer].fit(column, step.options)
    return SUPERVISED[step.transformer].fit_to(column, step.options, labels)


def _chosen(layout: Layout, step: Step) -> tuple[Slot, ...]:
    return layout.select(step.input, TRANSFORMERS[step.transformer].reads(step.options))


def _inputs(layout: Layout, step: Step) -> list[Feature]:
    return [feature for slot in _chosen(layout, step) for feature in each(layout.slots[slot])]


def _has_gaps(parts: Sequence[FeaturePart]) -> bool:
    numbers = [part for part in parts if not isinstance(part, TextFeature)]
    codes = any(isinstance(part, NumberFeature) and part.codes is not None for part in numbers)
    return len(numbers) == len(parts) and not codes and any(part.may_lack for part in numbers)


def _check_finite(features: Sequence[Feature], learnt: Sequence[Mapping[str, Any]]) -> None:
    for feature, row in zip(features, learnt, strict=True):
        if any(isinstance(value, float) and not np.isfinite(value) for value in row.values()):
            raise InvalidData("its values are too large to learn from", column=feature.source)
