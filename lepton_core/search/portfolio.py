"""The portfolio: configurations to try first, for they were good on many tables, cheap and different ones before.

The order is learned from the losses on 27 tables by which no search is judged (`tests/benchmarks/portfolio`).
"""

from collections.abc import Mapping
from typing import Any

PORTFOLIO: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("gradient_boosting", {"learning_rate": 0.05, "max_leaf_nodes": 15, "l2": 1.0, "max_features": 0.5}),
    ("deep_learning", {"early_stopping": True}),
    (
        "gradient_boosting",
        {"learning_rate": 0.05, "max_leaf_nodes": 63, "min_samples_leaf": 5, "max_features": 0.5},
    ),
    ("logistic_regression", {}),
    ("random_forest", {"min_samples_leaf": 4, "max_features": 0.5}),
    ("deep_learning", {"hidden": [128, 64], "dropout": 0.1, "early_stopping": True}),
    ("deep_learning", {}),
    ("random_forest", {}),
    ("svm", {}),
    ("gradient_boosting", {}),
    ("linear_regression", {}),
    ("decision_tree", {}),
    ("decision_tree", {"min_samples_leaf": 20}),
    ("naive_bayes", {}),
)
"""Algorithms with what is changed of their defaults, in the order in which a search tries them."""

CHEAP = ("logistic_regression", "linear_regression", "naive_bayes")
"""Algorithms whose defaults are fitted in a small part of the time that the others take."""
