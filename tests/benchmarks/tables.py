"""The tables of the benchmark of the defaults: those that scikit-learn ships, and hard ones made from a seed."""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn import datasets

from lepton_core.table import Categories, Column, Numbers, Table

LABEL = "target"


def table(X: np.ndarray, y: np.ndarray, more: tuple[Column, ...] = ()) -> Table:
    """Columns x0, x1, ... of ``X`` (m, n), then ``more``, then the label ``y`` (m,)."""
    numbers = (Numbers(f"x{j}", np.ascontiguousarray(column, float)) for j, column in enumerate(X.T))
    return Table((*numbers, *more, Numbers(LABEL, y.astype(float))))


def shipped(load: Callable[..., tuple[np.ndarray, np.ndarray]]) -> Callable[[], Table]:
    """A data set of scikit-learn."""
    return lambda: table(*load(return_X_y=True))


def shifted() -> Table:
    """Breast cancer, each column moved by a million of its standard deviations."""
    X, y = datasets.load_breast_cancer(return_X_y=True)
    return table(X + 1e6 * X.std(axis=0), y)


def constants() -> Table:
    """Breast cancer with five columns that hold one value each."""
    X, y = datasets.load_breast_cancer(return_X_y=True)
    return table(np.column_stack([X, np.tile([0.0, 1.0, -7.5, 1e9, 1e-9], (len(X), 1))]), y)


def rare() -> Table:
    """One row in fifty is positive."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(5000, 20))
    score = X[:, :5] @ [1.5, -1.0, 1.0, 0.5, 2.0] - 7.5
    return table(X, rng.random(5000) < chance(score))


def collinear() -> Table:
    """Ten columns, each once more with a thousandth of noise, and their sums: condition number above 1e6."""
    rng = np.random.default_rng(2)
    base = rng.normal(size=(2000, 10))
    X = np.column_stack([base, base + 1e-3 * rng.normal(size=base.shape), base.cumsum(axis=1)])
    return table(X, rng.random(2000) < chance(base @ np.linspace(-2, 2, 10)))


def scores_of_texts(seed: int) -> tuple[np.ndarray, np.ndarray, tuple[Column, ...], np.random.Generator]:
    """Six columns of 40 levels each, frequent and rare ones, and two of numbers; with a linear score."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, 41)
    codes = rng.choice(40, size=(4000, 6), p=share / share.sum())
    X = rng.normal(size=(4000, 2))
    effects = rng.normal(size=(40, 6))
    score = X @ [0.5, -0.5] + np.take_along_axis(effects, codes, axis=0).sum(axis=1) / 2
    texts = tuple(
        Categories.of(f"c{j}", [f"level {code:02d}" for code in column.tolist()])
        for j, column in enumerate(codes.T)
    )
    return X, score, texts, rng


def texts() -> Table:
    """Mostly text: 242 columns of the matrix from eight of the table."""
    X, score, columns, rng = scores_of_texts(3)
    return table(X, rng.random(len(X)) < chance(score), columns)


def wide() -> Table:
    """Three hundred rows of a thousand columns, ten of which matter."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 1000))
    return table(X, X[:, :10].sum(axis=1) + rng.normal(size=300) > 0)


def many() -> Table:
    """Sixty thousand rows of forty columns with uneven scales and heavy tails."""
    rng = np.random.default_rng(5)
    X = rng.standard_t(4, size=(60_000, 40)) @ mixing(40, rng) * np.geomspace(1e-3, 1e3, 40)
    score = (X - X.mean(axis=0)) / X.std(axis=0) @ rng.normal(size=40)
    return table(X, rng.random(len(X)) < chance(score))


def million() -> tuple[np.ndarray, np.ndarray]:
    """A million rows of fifty columns, one five times as wide as the others, and classes 0 and 1: 400 MB."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1_000_000, 50))
    X[:, 0] *= 5
    return X, (rng.random(len(X)) < chance(X @ (rng.normal(size=50) / 3))).astype(np.int64)


def houses() -> Table:
    """Shaped like the California housing data: skewed, correlated columns, and a target with a ceiling."""
    rng = np.random.default_rng(6)
    rows = 20_640
    income = rng.gamma(4.0, 1.0, rows)
    age = rng.uniform(1, 52, rows)
    rooms = np.exp(rng.normal(1.6, 0.3, rows)) + 0.3 * income
    bedrooms = 0.2 * rooms + 0.05 * rng.standard_t(3, rows)
    people = np.exp(rng.normal(7, 0.8, rows))
    occupants = 3 + 0.3 * rng.standard_t(3, rows)
    latitude = rng.choice([34.0, 37.8], rows) + rng.normal(0, 0.8, rows)
    longitude = -85.0 - 0.96 * latitude + rng.normal(0, 0.7, rows)
    y = 0.4 * income + 0.01 * age - 0.1 * rooms + 0.7 * bedrooms - 0.4 * (latitude + longitude) - 33
    X = np.column_stack([income, age, rooms, bedrooms, people, occupants, latitude, longitude])
    return table(X, np.minimum(y + 0.6 * rng.normal(size=rows), 5.0))


def collinear_values() -> Table:
    """Ten columns, each once more with a hundredth of noise."""
    rng = np.random.default_rng(7)
    base = rng.normal(size=(2000, 10))
    X = np.column_stack([base, base + 1e-2 * rng.normal(size=base.shape)])
    return table(X, base @ np.linspace(-2, 2, 10) + rng.normal(size=2000))


def text_values() -> Table:
    """Mostly text, with a quantity as the target."""
    X, score, columns, rng = scores_of_texts(8)
    return table(X, score + 0.5 * rng.normal(size=len(X)), columns)


def wide_values() -> Table:
    """Three hundred rows of a thousand columns, ten of which matter, with a quantity as the target."""
    rng = np.random.default_rng(9)
    X = rng.normal(size=(300, 1000))
    return table(X, X[:, :10].sum(axis=1) + rng.normal(size=300))


def shifted_values() -> Table:
    """Diabetes, each column moved by a million of its standard deviations, and the target by a billion."""
    X, y = datasets.load_diabetes(return_X_y=True)
    return table(X + 1e6 * X.std(axis=0), y + 1e9)


def chance(score: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-score))


def mixing(n: int, rng: np.random.Generator) -> np.ndarray:
    """A matrix (n, n) whose singular values run from 1 down to 1/30."""
    left, _ = np.linalg.qr(rng.normal(size=(n, n)))
    right, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return left * np.geomspace(1, 1 / 30, n) @ right


CLASSES: Mapping[str, Callable[[], Table]] = {
    "breast cancer": shipped(datasets.load_breast_cancer),
    "digits": shipped(datasets.load_digits),
    "wine": shipped(datasets.load_wine),
    "iris": shipped(datasets.load_iris),
    "large offsets": shifted,
    "constant columns": constants,
    "rare positives": rare,
    "collinear": collinear,
    "mostly text": texts,
    "wide": wide,
    "many rows": many,
}
"""Classification, by name."""

VALUES: Mapping[str, Callable[[], Table]] = {
    "diabetes": shipped(datasets.load_diabetes),
    "large offsets": shifted_values,
    "houses": houses,
    "collinear": collinear_values,
    "mostly text": text_values,
    "wide": wide_values,
}
"""Regression, by name."""
