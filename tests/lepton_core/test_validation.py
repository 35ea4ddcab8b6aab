"""Held-out rows and folds: what a version would be worth on rows that it has not seen."""

from dataclasses import replace
from math import fsum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lepton_core.errors import InvalidData
from lepton_core.evaluate import ClassificationReport, FoldResult, RegressionReport
from lepton_core.preprocess import Preprocessor
from lepton_core.promotion import held_out_loss
from lepton_core.table import Categories, Numbers, Table
from lepton_core.train import Recipe, train
from lepton_core.validation import cross_validation, fold_result, fold_rows, headline, importance, report

L2 = 0.05


def wine(columns: int = 5) -> tuple[Table, Any, Any]:
    bunch = load_wine()
    X, y = bunch.data[:, :columns], bunch.target
    numbers = [Numbers(f"x{i}", X[:, i].copy()) for i in range(columns)]
    return Table((*numbers, Categories.of("y", [str(bunch.target_names[i]) for i in y]))), X, y


def results(recipe: Recipe, table: Table, rows: Any, k: int = 4, *, seed: int = 0) -> tuple[Any, Any]:
    parts = fold_rows(recipe, table, rows, k, seed=seed)
    return parts, [fold_result(recipe, table, training, test) for training, test in parts]


def test_cross_validation_is_that_of_a_scikit_learn_pipeline_on_the_same_folds() -> None:
    """The scaler of a pipeline is fitted in each fold anew: the figures agree only if ours is too."""
    table, X, y = wine()
    rows = np.arange(0, len(y), 2)
    recipe = Recipe(
        "logistic_regression",
        "y",
        {"iterations": 3000, "optimizer": "nesterov", "l2": L2, "tolerance": 1e-14},
    )
    parts, ours = results(recipe, table, rows)
    for (training, test), mine in zip(parts, ours, strict=True):
        pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(C=1 / (L2 * len(training)), tol=1e-10, max_iter=5000)
        )
        theirs = pipeline.fit(X[training], y[training]).predict_proba(X[test])
        assert mine.loss == pytest.approx(log_loss(y[test], theirs), rel=1e-5)
        assert mine.metrics["accuracy"] == accuracy_score(y[test], theirs.argmax(axis=1))
        assert mine.rows == len(test)
        leaking = StandardScaler().fit(X[rows])
        model = LogisticRegression(C=1 / (L2 * len(training)), tol=1e-10, max_iter=5000)
        model.fit(leaking.transform(X[training]), y[training])
        leaked = log_loss(y[test], model.predict_proba(leaking.transform(X[test])))
        assert abs(mine.loss - leaked) > 1e-4  # so the comparison above can tell the two apart


def test_a_fitted_preprocessor_is_fitted_anew_in_each_fold() -> None:
    table, _, y = wine()
    rows = np.arange(len(y))
    recipe = Recipe("logistic_regression", "y", {"iterations": 30})
    chain = Preprocessor.empty().add("Normalize", input="X")
    fitted = replace(recipe, preprocessor=chain.fit(table.without("y")))
    for other in (replace(recipe, preprocessor=chain), recipe):
        assert results(fitted, table, rows)[1] == results(other, table, rows)[1]


def test_what_is_held_out_cannot_change_what_is_learnt() -> None:
    table, X, y = wine()
    recipe = Recipe("logistic_regression", "y", {"iterations": 30})
    (training, test), *_ = fold_rows(recipe, table, np.arange(len(y)), 4, seed=0)
    spoilt = X.copy()
    spoilt[test] *= 1000
    other = Table((*(Numbers(f"x{i}", spoilt[:, i].copy()) for i in range(5)), table["y"]))
    assert train(recipe, table, training).dump() == train(recipe, other, training).dump()


@pytest.mark.slow
def test_a_regression_is_cross_validated_as_scikit_learn_does() -> None:
    bunch = load_diabetes()
    X, y = bunch.data, bunch.target
    table = Table((*(Numbers(f"x{i}", X[:, i].copy()) for i in range(10)), Numbers("y", y)))
    recipe = Recipe("linear_regression", "y", {"iterations": 6000, "optimizer": "nesterov"})
    parts, ours = results(recipe, table, np.arange(len(y)), 3)
    for (training, test), mine in zip(parts, ours, strict=True):
        theirs = LinearRegression().fit(X[training], y[training]).predict(X[test])
        assert mine.loss == pytest.approx(root_mean_squared_error(y[test], theirs), rel=1e-4)
        assert mine.metrics["mae"] == pytest.approx(mean_absolute_error(y[test], theirs), rel=1e-3)
        assert mine.loss == mine.metrics["rmse"]


@given(st.integers(2, 6), st.integers(0, 5))
def test_every_row_is_held_out_once_and_classes_are_spread(k: int, seed: int) -> None:
    table, _, y = wine(1)
    rows = np.arange(3, len(y), 3)
    parts = fold_rows(Recipe("logistic_regression", "y", {}), table, rows, k, seed=seed)
    assert sorted(np.concatenate([test for _, test in parts]).tolist()) == rows.tolist()
    for training, test in parts:
        assert sorted([*training.tolist(), *test.tolist()]) == rows.tolist()
    counts = np.array([np.bincount(y[test], minlength=3) for _, test in parts])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_cross_validation_is_one_kth_of_the_sum_of_the_fold_losses(losses: list[float]) -> None:
    validated = cross_validation([FoldResult(loss, 1, {"m": loss}) for loss in losses])
    assert validated.folds == tuple(losses)
    assert validated.loss == pytest.approx(fsum(losses) / len(losses), rel=1e-15)
    assert validated.metrics["m"] == validated.loss


def test_a_figure_that_a_fold_lacks_is_the_mean_of_the_others() -> None:
    folds = [FoldResult(0.0, 1, {"auc": auc, "r2": None}) for auc in (None, 0.5, 1.0)]
    assert cross_validation(folds).metrics == {"auc": 0.75, "r2": None}


def trained(**changes: Any) -> tuple[Any, Table]:
    table, _, y = wine()
    recipe = Recipe(
        **{"algorithm": "logistic_regression", "label": "y", "hyperparameters": {"iterations": 30}, **changes}
    )
    return train(recipe, table, np.arange(len(y))), table


def test_the_report_leaves_out_rows_of_an_unknown_class_and_counts_them() -> None:
    predictor, table = trained()
    codes = table["y"].codes.copy()  # type: ignore[union-attr]
    levels = (*table["y"].levels, "new")  # type: ignore[union-attr]
    known = np.arange(20, len(codes))
    codes[:20] = 3
    strange = Table((*table.without("y").columns, Categories("y", codes, levels)))
    shown = report(predictor, strange)
    expected = report(predictor, table.take(known))
    assert isinstance(expected, ClassificationReport) and expected.unknown_class_rows == 0
    assert shown == replace(expected, unknown_class_rows=20)
    assert (shown.task, shown.classes) == ("classification", predictor.classes)
    with pytest.raises(InvalidData, match="no row to evaluate"):
        report(predictor, strange.take(np.arange(20)))


def test_the_headline_has_single_figures_only() -> None:
    predictor, table = trained()
    figures = headline(report(predictor, table))
    assert set(figures) == {"accuracy", "precision", "recall", "f1", "log_loss", "brier", "auc"}
    assert figures["accuracy"] == report(predictor, table).accuracy
    assert headline(RegressionReport(np.float64(2), 1.0, None, 0.0)) == {
        "rmse": 2.0, "mae": 1.0, "r2": None, "mean_residual": 0.0}  # fmt: skip


def test_a_missing_value_in_a_fold_is_named_by_its_row_in_the_whole_table() -> None:
    table, _, y = wine()
    cells: list[str | None] = ["a", "b"] * (len(y) // 2)
    cells[170] = None
    gappy = Table((Categories.of("x0", cells), *table.columns[1:]))
    codes = Preprocessor.empty().add("Normalize", input="X").add("Ordinal", input="x0")
    recipe = Recipe("logistic_regression", "y", {"iterations": 5}, codes)
    for training, test in fold_rows(recipe, gappy, np.arange(len(y)), 4, seed=0):
        with pytest.raises(InvalidData) as caught:
            fold_result(recipe, gappy, training, test)
        assert (caught.value.row, caught.value.column) == (171, "x0")
    for training, test in fold_rows(recipe, gappy, np.arange(len(y)), 4, seed=0):
        assert fold_result(replace(recipe, preprocessor=None), gappy, training, test).loss > 0


def with_noise(copies: int = 1) -> tuple[Table, Any]:
    """Wine's columns and one that says nothing; each row as often as asked."""
    table, _, y = wine(3)
    noise = Numbers("noise", np.random.default_rng(0).normal(size=len(y)))
    rows = np.repeat(np.arange(len(y)), copies)
    return Table((noise, *table.columns)).take(rows), rows


def test_the_columns_that_matter_come_first_and_noise_last() -> None:
    table, rows = with_noise()
    predictor = train(Recipe("logistic_regression", "y", {"iterations": 100}), table, rows)
    found = importance(predictor, table, seed=0)
    assert found.loss == held_out_loss(predictor, table)
    assert (found.rows, found.repeats) == (178, 5)
    means = {one.column: one.mean for one in found.columns}
    assert list(means) == sorted(means, key=lambda name: -means[name])
    assert set(means) == {"noise", "x0", "x1", "x2"}
    assert list(means)[-1] == "noise" and abs(means["noise"]) < 0.05 < means["x0"]
    assert importance(predictor, table, seed=0) == found
    assert importance(predictor, table, seed=1) != found
    shuffled = np.random.default_rng(1).permutation(table.columns)
    assert importance(predictor, Table(tuple(shuffled)), seed=0) == found


@pytest.mark.slow
def test_of_many_rows_some_are_looked_at() -> None:
    table, rows = with_noise(12)
    predictor = train(Recipe("logistic_regression", "y", {"iterations": 5}), table, rows)
    assert importance(predictor, table, seed=0).rows == 2000
    assert importance(predictor, table, seed=0, repeats=500).rows == 1000


def test_what_is_kept_of_very_many_columns_is_bounded() -> None:
    y = np.arange(30.0)
    for names, kept in (
        ([f"c{at}" for at in range(150)], 100),
        ([f"{at}" + "n" * 5000 for at in range(9)], 3),
    ):
        table = Table((*(Numbers(name, y * at) for at, name in enumerate(names)), Numbers("y", y)))
        predictor = train(Recipe("linear_regression", "y", {"iterations": 3}), table, np.arange(30))
        assert len(importance(predictor, table, seed=0).columns) == kept


def test_importance_names_a_gap_by_its_row() -> None:
    table, rows = with_noise()
    cells: list[str | None] = ["a", "b"] * (table.rows // 2) + ["a"] * (table.rows % 2)
    coded = Table((Categories.of("x0", cells), *table.without("x0").columns))
    codes = Preprocessor.empty().add("Normalize", input="X").add("Ordinal", input="x0")
    recipe = Recipe("logistic_regression", "y", {"iterations": 5}, preprocessor=codes)
    predictor = train(recipe, coded, rows)
    cells[100] = None
    gappy = Table((Categories.of("x0", cells), *table.without("x0").columns))
    with pytest.raises(InvalidData) as caught:
        importance(predictor, gappy, seed=0)
    assert (caught.value.row, caught.value.column) == (101, "x0")


def very_wide(columns: int) -> tuple[Table, Any]:
    """Of so many columns one tells the label, and one that is made of it."""
    rng = np.random.default_rng(0)
    y = np.arange(30) % 2
    told = Numbers(f"x{columns // 2}", rng.normal(size=30) + 6 * y)
    made = [Numbers(f"x{i}", rng.normal(size=30)) for i in range(columns)]
    made[columns // 2] = told
    return Table((*made, Categories.of("y", [("no", "yes")[side] for side in y]))), np.arange(30)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["decision_tree", "logistic_regression"])
def test_of_very_many_columns_those_that_matter_are_looked_at(algorithm: str) -> None:
    table, rows = very_wide(2_500)
    predictor = train(Recipe(algorithm, "y", {}), table, rows)
    found = importance(predictor, table, seed=0, repeats=2)
    assert 500 <= found.passed_over <= 600
    assert found.columns[0].column == "x1250"
    assert importance(predictor, table, seed=0, repeats=2) == found
