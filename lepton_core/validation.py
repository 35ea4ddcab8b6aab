"""How good a model is on rows it has not seen: the held-out rows of a version, and the folds of cross-validation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lepton_core.evaluate import (
    ClassificationReport,
    CrossValidation,
    FoldResult,
    Importance,
    PermutationImportance,
    RegressionReport,
    by_prediction,
    classification_report,
    cross_validation_loss,
    folds,
    group_folds,
    importance_of,
    permutations,
    regression_report,
    time_folds,
)
from lepton_core.promotion import held_out_loss, loss_of
from lepton_core.table import COPIES, Column, Split, Table
from lepton_core.table.asked_split import MOST_CLASSES, places_of_groups, times_of
from lepton_core.table.row_keys import row_hashes
from lepton_core.table.strata import strata_of
from lepton_core.target import class_names, encode_classes, encode_values
from lepton_core.train import Recipe, numbered, train

if TYPE_CHECKING:
    from lepton_core.baseline import Baseline
    from lepton_core.evaluate import Calibrated
    from lepton_core.outcomes import Outcomes
    from lepton_core.servable import Servable

Report = ClassificationReport | RegressionReport

_MAY_BE_NONE = ("auc", "r2")

MAX_IMPORTANCE_ROWS = 2000
"""Most held-out rows that permutation importance looks at."""


REPEATS = 5
"""How often it permutes each column."""

MAX_COLUMNS = 100
"""Most columns that are kept: an answer shows them all."""

MOST_PERMUTED = 2_000
"""Most columns that are permuted one by one."""

MAX_NAME_BYTES = 20_000
"""Most bytes that their names may have."""

MAX_PREDICTIONS = 2_000_000
"""Most predictions that it makes: of very many columns it looks at fewer rows."""


def report(
    predictor: "Servable",
    table: Table,
    baseline: "Baseline | None" = None,
    blocks: NDArray[np.int64] | None = None,
    looked_at: Table | None = None,
    why: "Calibrated | None" = None,
) -> Report:
    """The full evaluation of ``predictor`` on the labelled rows of ``table``.

    Rows of a class that the predictor does not know count in ``unknown_class_rows`` and are left out of the rest.
    With the ``baseline`` of the training rows it has ``baselines``; ``blocks`` (m,) is the number of each row's block,
    None where all rows are independent. With columns that are ``looked_at``, of the same rows, it has ``segments``, and
    of a regression what is true ``by_prediction``. Of one that says how sure it is, it has ``coverages``, and with
    ``why`` it is calibrated as it is, ``calibrated``. Errors: `InvalidData` if no row is left, and for what
    `Predictor.predict` refuses.
    """
    if predictor.task == "regression":
        y = encode_values(table[predictor.label]).y
        output = _predict(predictor, table)
        of_values = regression_report(y, output)
        if looked_at is not None:
            from lepton_core.segments import KnownColumns, weak_of_values  # noqa: PLC0415  (no prediction needs it)

            of_columns = KnownColumns.of(predictor.reference, predictor.reads)
            weak = weak_of_values(looked_at, y, output, known=of_columns, blocks=blocks)
            of_values = replace(of_values, segments=weak, by_prediction=by_prediction(y, output))
        if predictor.uncertainty is not None:
            from lepton_core.uncertainty import measured  # noqa: PLC0415  (no prediction needs it)

            of_values = measured.with_values(of_values, predictor.uncertainty, y, output, blocks)
        if baseline is None:
            return of_values
        from lepton_core.baseline import beside_values  # noqa: PLC0415  (no prediction needs it)

        known = None if baseline.before is None else table[baseline.before.column].values
        return replace(of_values, baselines=beside_values(baseline, y, output, blocks, known))
    return _of_classes(predictor, table, baseline, blocks, looked_at, why)[0]


def judged(
    predictor: "Servable",
    table: Table,
    baseline: "Baseline",
    blocks: NDArray[np.int64] | None = None,
    looked_at: Table | None = None,
    why: "Calibrated | None" = None,
) -> "tuple[Report, Outcomes | None]":
    """The `report`, and what to keep of the rows so that a rule for labels can be chosen; None of a regression.

    The arguments, ``blocks`` (m,) among them, and the errors are those of `report`.
    """
    if predictor.task == "regression":
        return report(predictor, table, baseline, blocks, looked_at, why), None
    from lepton_core.outcomes import outcomes  # noqa: PLC0415  (no prediction needs it)

    made, y, predicted = _of_classes(predictor, table, baseline, blocks, looked_at, why)
    return made, outcomes(y, predicted, predictor.classes)


def _of_classes(
    predictor: "Servable",
    table: Table,
    baseline: "Baseline | None",
    blocks: NDArray[np.int64] | None,
    looked_at: Table | None,
    why: "Calibrated | None",
) -> tuple[ClassificationReport, NDArray[np.int64], NDArray[np.float64]]:
    """The report, and the rows that it is of: the place of each one's class, and what was predicted."""
    y = encode_classes(table[predictor.label], predictor.classes).y
    known = np.flatnonzero(y >= 0)
    predicted = _predict(predictor, table.take(known))
    unknown = len(y) - len(known)
    made = classification_report(y[known], predicted, predictor.classes, unknown_class_rows=unknown)
    of_known = None if blocks is None else blocks[known]
    if looked_at is not None:
        from lepton_core.segments import KnownColumns, weak_of_classes  # noqa: PLC0415  (no prediction needs it)

        of_columns = KnownColumns.of(predictor.reference, predictor.reads)
        looked_at = looked_at.take(known) if unknown else looked_at
        weak = weak_of_classes(looked_at, y[known], predicted, known=of_columns, blocks=of_known)
        made = replace(made, segments=weak)
    if predictor.uncertainty is not None:
        from lepton_core.load import bare  # noqa: PLC0415  (as below)
        from lepton_core.uncertainty import measured  # noqa: PLC0415  (no prediction needs it)

        raw = predicted if why is None else _predict(bare(predictor), table.take(known))
        outputs = predicted, raw
        made = measured.with_classes(made, predictor.uncertainty, y[known], outputs, of_known, why)
    if baseline is None:
        return made, y[known], predicted
    from lepton_core.baseline import beside_classes  # noqa: PLC0415  (no prediction needs it)
    from lepton_core.imbalance import imbalance_of  # noqa: PLC0415  (no prediction needs it)

    found = beside_classes(baseline, predictor.classes, y[known], predicted, of_known)
    whole = replace(made, baselines=found, imbalance=imbalance_of(made, baseline.counts))
    return whole, y[known], predicted


def importance(
    predictor: "Servable", table: Table, *, seed: int, repeats: int = REPEATS
) -> PermutationImportance:
    """The permutation importance of every column that ``predictor`` reads, on labelled rows of ``table``.

    By the held-out loss, the most important column first, at most `MAX_COLUMNS`. Of more than `MAX_IMPORTANCE_ROWS`
    rows, or more than `MAX_PREDICTIONS` allow for so many columns, the seed draws some. Of more than `MOST_PERMUTED`
    columns only those are permuted that the predictions depend on most, as `that_matter_most` finds them.
    Errors: those of `held_out_loss`.
    """
    from lepton_core.permuted import permuted, that_matter_most  # noqa: PLC0415  (no prediction needs it)

    names = predictor.schema.names
    most = max(1, min(MAX_IMPORTANCE_ROWS, MAX_PREDICTIONS // (repeats * max(1, len(names)))))
    chosen = np.arange(table.rows)
    if table.rows > most:
        chosen = np.sort(np.random.default_rng(seed).choice(table.rows, most, replace=False))
    rows = table.take(chosen)

    orders = permutations(rows.rows, repeats, seed)
    dealt, label = permuted(predictor, rows), rows[predictor.label]
    with numbered(chosen):
        before = loss_of(predictor, label, dealt.output())
        looked_at = (
            names if len(names) <= MOST_PERMUTED else that_matter_most(dealt, names, MOST_PERMUTED, orders[0])
        )
        found = [
            importance_of(
                name, [loss_of(predictor, label, dealt.output([name], order)) for order in orders], before
            )
            for name in looked_at
        ]
    ordered = sorted(found, key=lambda one: -one.mean)
    passed_over = len(names) - len(looked_at)
    return PermutationImportance(before, rows.rows, repeats, _kept(ordered), passed_over)


def _kept(ordered: Sequence[Importance]) -> tuple[Importance, ...]:
    lengths = np.cumsum([len(one.column.encode()) for one in ordered])
    return tuple(ordered[: min(MAX_COLUMNS, int(np.count_nonzero(lengths <= MAX_NAME_BYTES)))])


def headline(evaluation: Report) -> dict[str, float | None]:
    """The figures of a report that fit on one line: every single real number of it (None: not defined on its rows).

    >>> headline(RegressionReport(rmse=2.0, mae=1.5, r2=None, mean_residual=0.5))
    {'rmse': 2.0, 'mae': 1.5, 'r2': None, 'mean_residual': 0.5}
    """
    figures = vars(evaluation).items()
    return {name: value for name, value in figures if name in _MAY_BE_NONE or isinstance(value, float)}


def fold_rows(
    recipe: Recipe,
    table: Table,
    rows: NDArray[np.int64],
    k: int,
    *,
    seed: int,
    split: Split = COPIES,
    by: Column | None = None,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The (training rows, held-out rows) of each of ``k`` folds over ``rows``, under the rule of ``split``.

    All are indices of rows of ``table``: ``rows`` is (m,), a pair (m - p,) and (p,) with p the size of its fold.
    Classes, and ranges of a quantity, are spread evenly, and so are the copies of a row. The rows of a group, by the
    column ``by`` of the whole table, stay together; in a split by time each fold trains on what came before it.
    Errors: `InvalidInput` (field 'folds') for folds that there cannot be.
    """
    found = _folds(recipe, table, rows, k, seed, split, None if by is None else by.take(rows))
    return [(rows[train_at], rows[test_at]) for train_at, test_at in found]


def _folds(
    recipe: Recipe,
    table: Table,
    rows: NDArray[np.int64],
    k: int,
    seed: int,
    split: Split,
    by: Column | None,
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    label = table[recipe.label]
    classes = recipe.task_on(table) == "classification"
    y = encode_classes(label, class_names(label)).y[rows] if classes else encode_values(label).y[rows]
    if split.rule == "content-1":
        return folds(y, k, seed=seed, stratify=classes)
    if split.rule == "time-1" and by is not None:
        return time_folds(times_of(by), k)
    copies = row_hashes(table.take(rows))
    strata = y if classes else strata_of(label)[rows]
    if split.rule == "group-1" and by is not None:
        few = strata if int(strata.max()) < MOST_CLASSES else np.zeros(len(rows), dtype=np.int64)
        return group_folds(places_of_groups(by, copies), few, k, seed=seed)
    return folds(strata, k, seed=seed, stratify=True, alike=copies)


def fold_result(
    recipe: Recipe, table: Table, train_rows: NDArray[np.int64], test_rows: NDArray[np.int64]
) -> FoldResult:
    """Train on ``train_rows``, preprocessor included, and evaluate on ``test_rows``: loss and headline figures.

    Both are indices of rows of ``table``, (m,) and (p,).
    """
    return _result(train(replace(recipe, refit=True), table, train_rows, watched=False), table, test_rows)


def fold_of_blend(
    recipes: Sequence[Recipe],
    weights: Sequence[float],
    table: Table,
    train_rows: NDArray[np.int64],
    test_rows: NDArray[np.int64],
) -> FoldResult:
    """As `fold_result`, of a blend of several recipes with ``weights`` that sum to 1.

    The rows are indices of rows of ``table``, (m,) and (p,).
    """
    from lepton_core.ensemble import Ensemble  # noqa: PLC0415  (a single model needs it not)

    made = [train(replace(one, refit=True), table, train_rows, watched=False) for one in recipes]
    return _result(Ensemble(tuple(made), tuple(weights), made[0].reference), table, test_rows)


def _result(predictor: "Servable", table: Table, test_rows: NDArray[np.int64]) -> FoldResult:
    held_out = table.take(test_rows)
    with numbered(test_rows):
        loss = held_out_loss(predictor, held_out)
        return FoldResult(loss, len(test_rows), headline(report(predictor, held_out)))


def cross_validation(results: Sequence[FoldResult]) -> CrossValidation:
    """CV = 1/K sum of the K fold losses, each on the fold that was held out; the other figures likewise.

    >>> cross_validation([FoldResult(1.0, 10, {}), FoldResult(2.0, 10, {})]).loss
    1.5
    """
    means: dict[str, float | None] = {}
    for name in results[0].metrics if results else ():
        figures = [result.metrics.get(name) for result in results]
        values = [figure for figure in figures if figure is not None]
        means[name] = cross_validation_loss(values) if values else None
    losses = tuple(result.loss for result in results)
    return CrossValidation(cross_validation_loss(losses), losses, means)


def _predict(predictor: "Servable", table: Table) -> NDArray[np.float64]:
    return predictor.predict(table.without(predictor.label))
