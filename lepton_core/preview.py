"""What a preprocessor makes of some rows, to be looked at before anything is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_core.errors import InvalidInput
from lepton_core.preprocess import Labels
from lepton_core.table import Table, kind_of
from lepton_core.target import class_names, encode_classes, encode_values
from lepton_core.train import Recipe, fitted_chain

FITTED_ROWS = 1000
"""The most rows that a preview is fitted to: it is looked at while somebody waits."""

MOST_MADE = 100_000
"""The most columns that the steps of a preview may make."""


@dataclass(frozen=True)
class Preview:
    """``before``: the rows by column; ``after``: the same rows, by feature, None for what stays missing.

    It is fitted to the first ``fitted_rows``, so a training on all rows has other figures. ``steps`` are those of the
    chain, not fitted, with those that the fit added. ``left_out`` columns have a reason. Of ``column_count`` columns
    and ``feature_count`` features the first are told of.
    """

    columns: tuple[str, ...]
    before: list[list[Any]]
    features: tuple[str, ...]
    after: list[list[float | None]]
    steps: list[dict[str, Any]]
    left_out: Mapping[str, str]
    fitted_rows: int
    column_count: int
    feature_count: int


def preview(recipe: Recipe, table: Table, *, rows: int, most: int) -> Preview:
    """The first ``rows`` of ``table`` before and after its preprocessor, at most ``most`` columns of each.

    Errors: those of a training, `InvalidData` or `InvalidInput` with the column or the step; and `InvalidInput` (field
    'preprocessor') for steps that make more than `MOST_MADE` columns.

    >>> from lepton_core.table import Numbers
    >>> table = Table((Numbers("age", np.array([20.0, 40.0])), Numbers("y", np.array([0.0, 1.0]))))
    >>> made = preview(Recipe("linear_regression", "y", {}), table, rows=1, most=9)
    >>> made.before, made.features, made.after
    ([[20.0]], ('age',), [[-1.0]])
    """
    label, features = table[recipe.label], table.without(recipe.label)
    if not features.columns:
        raise InvalidInput("the table has no column besides the label", field=recipe.label)
    _check_size(recipe, len(features.columns))
    if recipe.task_on(table) == "classification":
        classes = class_names(label)
        labels = Labels.of(encode_classes(label, classes).y, classes)
    else:
        labels = Labels.of(encode_values(label).y)
    chain = fitted_chain(recipe, features, labels, labels)
    shown, takes = features.take(np.arange(min(rows, features.rows))), recipe.trainer.inputs
    matrix = chain.transform(shown, missing=takes.missing, categories=takes.categories)[:, :most]
    seen = shown.select(shown.names[:most])
    cells = [kind_of(column).cells(column) for column in seen.columns]
    return Preview(
        columns=seen.names,
        before=[list(row) for row in zip(*cells, strict=True)],
        features=chain.feature_names[:most],
        after=[[None if np.isnan(cell) else cell for cell in row] for row in matrix.tolist()],
        steps=[{**step.as_dict(), "state": None} for step in chain.steps],
        left_out=dict(list(chain.left_out.items())[:most]),
        fitted_rows=features.rows,
        column_count=len(features.columns),
        feature_count=chain.width,
    )


def _check_size(recipe: Recipe, columns: int) -> None:
    steps = () if recipe.preprocessor is None else recipe.preprocessor.steps
    for step in steps:
        named = 1 if isinstance(step.input, str) else len(step.input)
        made = step.options.get("size", 1) * (columns if step.input == "X" else named)
        if step.transformer == "Hash" and made > MOST_MADE:
            raise InvalidInput(
                f"makes {made} columns, and a preview has at most {MOST_MADE}; make size smaller, or name columns",
                field="preprocessor",
            )
