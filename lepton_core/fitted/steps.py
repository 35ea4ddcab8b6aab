"""Transformers of scikit-learn as fitted steps of a preprocessor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lepton_core.fitted.refusal import refuse
from lepton_core.preprocess.step import Step, StepState

_STRATEGIES = frozenset({"mean", "median", "most_frequent", "constant"})


def scaled(transformer: Any, names: Sequence[str]) -> Step:
    """``StandardScaler`` as Normalize: (x - mean) / scale, in the columns ``names``."""
    mean = transformer.mean_ if transformer.with_mean else np.zeros(len(names))
    scale = transformer.scale_ if transformer.with_std else np.ones(len(names))
    return _step(transformer, "Normalize", names, {"mean": mean, "std": scale})


def filled(transformer: Any, names: Sequence[str]) -> Step:
    """``SimpleImputer`` as Impute. Raises `InvalidInput` where it adds or drops columns, or fills other than NaN."""
    if transformer.add_indicator:
        raise refuse(transformer, "adds columns (add_indicator=True)", "fit it without that")
    gap = transformer.missing_values
    if not (isinstance(gap, float) and np.isnan(gap)):
        raise refuse(transformer, f"fills {gap!r}", "write missing numbers as NaN")
    if transformer.strategy not in _STRATEGIES:
        raise refuse(
            transformer, "has a strategy of its own", f"take one of {', '.join(sorted(_STRATEGIES))}"
        )
    fills = np.asarray(transformer.statistics_, dtype=np.float64)
    empty = [name for name, gone in zip(names, np.isnan(fills).tolist(), strict=True) if gone]
    if empty:
        raise refuse(
            transformer,
            f"drops {empty[0]!r}, of which it saw no value",
            "leave the column out before you fit it",
        )
    return _step(transformer, "Impute", names, {"fill": fills})


TAKEN: Mapping[str, Callable[[Any, Sequence[str]], Step]] = {
    "SimpleImputer": filled,
    "StandardScaler": scaled,
}
"""By the name of the class in scikit-learn."""


def _step(maker: Any, transformer: str, names: Sequence[str], arrays: Mapping[str, Any]) -> Step:
    told = {}
    for what, values in arrays.items():
        found = np.asarray(values, dtype=np.float64)
        if found.shape != (len(names),):
            raise ValueError(f"{what} of shape {found.shape} for {len(names)} columns")
        wrong = np.flatnonzero(~np.isfinite(found))
        if len(wrong):
            raise refuse(
                maker,
                f"has no {what} of {names[int(wrong[0])]!r}, of which it saw no value",
                "leave the column out before you fit it",
            )
        told[what] = tuple(found.tolist())
    return replace(Step.of(transformer, "X", None, {}), state=StepState(tuple(names), told))
