"""What can be answered without a model, and whether held-out rows show that a model is better than that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lepton_core.compare import compared_values
from lepton_core.evaluate import BaselineComparison, PairedTest, regression_report
from lepton_core.evaluate.regression import in_units, unit_for
from lepton_core.paired import (
    Floats,
    Places,
    by_how_much,
    compared_hits,
    compared_losses,
    in_blocks,
    in_digits,
)
from lepton_core.promotion import row_losses
from lepton_core.table import Column
from lepton_core.table.known_before import Before
from lepton_core.target import class_names, encode_classes, encode_values

FEWEST_BLOCKS = 6
"""Fewest independent blocks that show anything: of fewer, all are on one side by chance more often than in 5 %."""

ROUNDING = 1e-9
"""The share of a loss within which two losses are the same."""

_CHANCE = 0.05


@dataclass(frozen=True)
class Baseline:
    """What training rows say of their label without any feature.

    ``counts`` are the rows of each class; of a quantity they are empty, and ``values`` has its 'mean', in a split by
    time after the 'last' value. ``before`` is the column by which each row knows a later value than that.
    """

    counts: Mapping[str, int]
    values: Mapping[Literal["mean", "last"], float]
    before: Before | None = None


def baseline_of(
    label: Column, training: Places, task: str, times: Floats | None = None, before: Before | None = None
) -> Baseline:
    """What the rows ``training``, indices (k,) of ``label`` (m,), say. Each row counts once, whatever its weight.

    ``times`` (k,), of a split by time, say when each of the training rows was, NaN where nobody knows. The last value
    is the mean of the rows of the last time. ``before`` is the column of the table that holds earlier values of the
    label, if there is one. Errors: what `class_names` and `encode_values` raise.

    >>> from lepton_core.table import Categories
    >>> baseline_of(Categories.of("y", ["no", "yes", "no"]), np.array([0, 2]), "classification").counts
    {'no': 2, 'yes': 0}
    """
    if task == "classification":
        classes = class_names(label)
        counted = np.bincount(encode_classes(label, classes).y[training], minlength=len(classes))
        return Baseline(dict(zip(classes, counted.tolist(), strict=True)), {})
    y = encode_values(label).y[training]
    values: dict[Literal["mean", "last"], float] = {}
    if times is not None and not np.isnan(times).all():
        values["last"] = _mean(y[times == np.nanmax(times)])
    return Baseline({}, values | {"mean": _mean(y)}, before)


def _mean(y: Floats) -> float:
    unit = unit_for(y)
    return in_units(float(np.mean(y / unit)), unit)


def beside_classes(
    baseline: Baseline,
    classes: Sequence[str],
    y: NDArray[Any],
    probabilities: Floats,
    blocks: Places | None = None,
) -> tuple[BaselineComparison, BaselineComparison]:
    """A classifier beside the shares of the classes, by log loss, and beside the most frequent class, by accuracy.

    ``y`` (m,) are the places of the true classes among the K ``classes``, ``probabilities`` are (m, K), and ``blocks``
    (m,) as in `compared_losses`. A class without a training row counts as one row: a share of 0 would have an infinite
    loss, beside which any model is good.

    >>> y, sure = np.arange(40) % 2, np.eye(2)[np.arange(40) % 2] * 0.8 + 0.1
    >>> by_loss, by_hits = beside_classes(Baseline({"no": 80, "yes": 80}, {}), ["no", "yes"], y, sure)
    >>> by_hits.sentence
    "better than always answering 'no': accuracy 1 beside 0.5, higher by 0.34 to 0.66 (95 %) on 40 rows"
    """
    counts = np.array([baseline.counts.get(name, 0) for name in classes])
    shares = np.maximum(counts, 1) / np.maximum(counts, 1).sum()
    losses = -np.log(shares[y]), row_losses(probabilities, y)
    by_loss = _judged(
        BaselineComparison(
            "shares", "log_loss", float(losses[1].mean()), float(losses[0].mean()), "nothing", ""
        ),
        compared_losses(*losses, blocks=blocks),
        len(y),
    )
    usual = int(np.argmax(counts))
    right = y == usual, np.argmax(probabilities, axis=1) == y
    found = compared_losses(*(1.0 - one for one in right), blocks=blocks)
    if found is not None and blocks is None:
        found = replace(found, hits=compared_hits(*right))
    scores = float(right[1].mean()), float(right[0].mean())
    by_hits = BaselineComparison("most_frequent", "accuracy", *scores, "nothing", "", answer=classes[usual])
    return by_loss, _judged(by_hits, found, len(y))


def beside_values(
    baseline: Baseline, y: Floats, output: Floats, blocks: Places | None = None, known: Floats | None = None
) -> tuple[BaselineComparison, ...]:
    """A regression with the predictions ``output`` (m,) of ``y`` (m,) beside each value of ``baseline``, by RMSE.

    ``blocks`` (m,) are those of `compared_losses`. ``known`` (m,) are the cells of the column ``baseline.before``: then
    these are the last values, and a row that lacks its cell has that of the training, or the mean.

    >>> y = np.arange(40.0)
    >>> beside_values(Baseline({}, {"mean": 20.0}), y, np.full(40, 20.0))[0].sentence
    'no better than always answering the mean: rmse 11.55 beside 11.55 on 40 rows'
    """
    ours = regression_report(y, output).rmse
    answers = {name: np.full(len(y), value) for name, value in baseline.values.items()}
    of_rows: dict[str, Any] = {}
    if baseline.before is not None and known is not None:
        lacking = np.isnan(known)
        filled = np.where(lacking, answers.get("last", answers["mean"]), known)
        answers = {"last": filled, "mean": answers["mean"]}
        of_rows = {"column": baseline.before.column, "filled": int(lacking.sum())}
    made = []
    for name, answer in answers.items():
        score = regression_report(y, answer).rmse
        bare = BaselineComparison(name, "rmse", ours, score, "nothing", "")
        if name == "last":
            bare = replace(bare, **of_rows)
        made.append(_judged(bare, compared_values(y, answer, output, blocks), len(y)))
    return tuple(made)


def _judged(bare: BaselineComparison, found: PairedTest | None, rows: int) -> BaselineComparison:
    """The same with what ``found`` shows, and all of it in words."""
    done = replace(bare, comparison=found, shown=_shown(bare, found))
    return replace(done, sentence=_sentence(done, rows))


def _shown(bare: BaselineComparison, found: PairedTest | None) -> Literal["better", "worse", "nothing"]:
    if found is None or found.blocks < FEWEST_BLOCKS:
        return "nothing"
    if not _beyond_zero(bare, found) or (found.hits is not None and found.hits.p > _CHANCE):
        return "nothing"
    return "better" if found.low > 0 else "worse"


def _beyond_zero(bare: BaselineComparison, found: PairedTest) -> bool:
    return max(found.low, -found.high) > _slack(bare)


def _slack(bare: BaselineComparison) -> float:
    return ROUNDING * abs(bare.baseline_score)


def _sentence(one: BaselineComparison, rows: int) -> str:
    scores = one.model_score, one.baseline_score
    near = f"{scores[0]:.4g}" == f"{scores[1]:.4g}" and abs(scores[0] - scores[1]) > _slack(one)
    digits = 6 if near else 4
    than = f"than always answering {_answers(one)}: {one.metric.replace('_', ' ')} "
    than += f"{in_digits(scores[0], digits)} beside {in_digits(scores[1], digits)}"
    found = one.comparison
    blocks = "" if found is None else in_blocks(found)
    on = f"{rows} row{'s' * (rows != 1)}{blocks}"
    if found is None or found.blocks < FEWEST_BLOCKS:
        what = "rows" if found is not None and not blocks else "independent rows or groups of them"
        return f"not shown to be better {than}; {on}: too few to show it, {FEWEST_BLOCKS} {what} are needed"
    if max(abs(found.difference), found.error) <= _slack(one):
        return f"no better {than} on {on}"
    by = by_how_much(found, *(("higher", "lower") if one.metric == "accuracy" else ("lower", "higher")))
    if one.shown != "nothing":
        return f"{one.shown} {than}, {by} on {on}"
    if found.hits is not None and _beyond_zero(one, found):
        return f"not shown to be better {than}, {by} on {on}; chance alone does as much with p = {found.hits.p:.2g}"
    return (
        f"not shown to be better {than}, {by}; these {on} could have shown {in_digits(found.detectable, 2)}"
    )


def _answers(one: BaselineComparison) -> str:
    if one.baseline == "most_frequent":
        return repr(one.answer)
    if one.column is not None:
        lacking = f", and what the training says for {one.filled} without it" if one.filled else ""
        return f"the last value known ({one.column!r}{lacking})"
    return {"shares": "the shares of the classes", "mean": "the mean", "last": "the last value"}[one.baseline]
