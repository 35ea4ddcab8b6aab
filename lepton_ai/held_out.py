"""A version on its held-out rows, beside what could be answered without a model."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from lepton_ai.show import figure, text_table
from lepton_ai.visible import visible
from lepton_core.evaluate import BaselineComparison, Calibrated, Coverage, Imbalance, Segments
from lepton_core.remedy import Remedy

_SHOWN = 20
_TOLD = (0.8, 0.9, 0.95)
"""Coverages of which a sentence is shown; an evaluation holds more."""

MEANS = ("precision", "recall", "f1")
"""The figures of an evaluation that are means over the classes."""


class ClassFigures(msgspec.Struct, frozen=True):
    """One class against all others; ``rows`` is how many of the held-out rows are of it."""

    precision: float
    recall: float
    f1: float
    rows: int = msgspec.field(name="support", default=0)


class HeldOut(msgspec.Struct, frozen=True):
    """The figures of a version on its held-out rows: ``per_class``, and ``baseline``, which needs no model.

    The baseline of classes is ``accuracy`` of always answering the most frequent one, ``most_frequent``, and
    ``log_loss`` (nats) of always answering the shares of the classes; that of quantities is ``rmse`` of always
    answering the mean, or of a forecast the last value. It has learnt from the training rows, and ``baselines``
    say what the held-out ones show of the difference. A version of an earlier platform has no ``baselines``: its
    baseline is that of the held-out rows themselves, and left out where it cannot be told. ``imbalance`` is there if
    nearly all rows are of one class. ``segments`` say where the version is wrong; one of an earlier platform has none.

    ``calibrated`` says why probabilities are calibrated as they are, and ``coverages`` how many truths lie in intervals
    or sets, where a version was trained for it.
    """

    metrics: dict[str, float | None] = {}
    per_class: dict[str, ClassFigures] = {}
    baseline: dict[str, float] = {}
    most_frequent: str | None = None
    baselines: list[BaselineComparison] = []
    segments: Segments | None = None
    imbalance: Imbalance | None = None
    calibrated: Calibrated | None = None
    coverages: list[Coverage] = []

    def remedies(self, model: str) -> tuple[Remedy, ...]:
        """The calls that `sentences` offer, of that ``model``."""
        found = () if self.imbalance is None else self.imbalance.remedies
        return tuple(replace(one, of=model) for one in found)

    def sentences(self) -> list[str]:
        """What `compared` says, and what it means that nearly all rows are of one class, if they are."""
        return [*self.compared(), *(() if self.imbalance is None else self.imbalance.sentences)]

    def sure(self) -> list[str]:
        """How sure it is, in sentences: how it is calibrated, and what intervals or sets hold."""
        calibrated = [] if self.calibrated is None else [self.calibrated.sentence]
        return [*calibrated, *(one.sentence for one in self.coverages if one.coverage in _TOLD)]

    def class_table(self) -> tuple[list[str], list[list[str]]]:
        """One line a class, of very many the first."""
        head = ["class", "precision", "recall", "f1", "rows"]
        lines = [
            [name, figure(one.precision), figure(one.recall), figure(one.f1), str(one.rows)]
            for name, one in list(self.per_class.items())[:_SHOWN]
        ]
        left = len(self.per_class) - _SHOWN
        if left > 0:
            lines.append([f"... {left} more", "", "", "", ""])
        return head, lines

    def compared(self) -> list[str]:
        """Whether the model is better than what is got without one: a sentence for each baseline.

        Of an earlier platform: the figures of the baseline, and a line if those of the model are no better.

        >>> HeldOut({"rmse": 7.0}, baseline={"rmse": 6.0}).compared()
        ['without a model, rows held out: rmse 6 (always the mean)', 'the model is no better than that']
        """
        if self.baselines or not self.baseline:
            return [one.sentence for one in self.baselines]
        how = {
            "accuracy": f"always {self.most_frequent!r}",
            "log_loss": "always the shares of the classes",
            "rmse": "always the mean",
        }
        parts = [f"{name} {figure(value)} ({how[name]})" for name, value in self.baseline.items()]
        said = f"without a model, rows held out: {', '.join(parts)}"
        poor = [name for name in self.baseline if not self._beats(name)]
        if not poor:
            return [said]
        where = "" if len(poor) == len(self.baseline) else f"in {', '.join(poor)} "
        return [said, f"{where}the model is no better than that"]

    def where_wrong(self) -> list[str]:
        """How many segments of the rows are shown to be worse than the others, and the worst; no line if none is."""
        found = self.segments
        if found is None or not found.weak:
            return []
        return [f"where it is wrong: {found.sentence}", f"the worst: {found.worst[0].sentence}"]

    def segment_table(self) -> tuple[list[str], list[list[str]]]:
        """One line for each of the worst segments, beside the other rows."""
        found = self.segments
        if found is None:
            return [], []
        head = ["segment", "rows", found.metric, "elsewhere", found.measure, "elsewhere", "p"]
        return head, [
            [
                f"{visible(one.column)} {one.name}",
                str(one.rows),
                f"{figure(one.score.value)} ({figure(one.score.low)} to {figure(one.score.high)})",
                figure(one.score_elsewhere),
                figure(one.loss),
                figure(one.loss_elsewhere),
                f"{one.p:.2g}",
            ]
            for one in found.worst
        ]

    def __str__(self) -> str:
        """The classes as a table, and the sentences and the worst segment below."""
        table = [text_table(*self.class_table())] if self.per_class else []
        return "\n".join([*table, *self.sentences(), *self.sure(), *self.where_wrong()])

    def _beats(self, name: str) -> bool:
        ours, base = self.metrics.get(name), self.baseline[name]
        if ours is None:
            return False
        # Rounding makes no model better.
        gain = ours - base if name == "accuracy" else base - ours
        return gain > 1e-9 * abs(base)


def held_out(report: Mapping[str, Any]) -> HeldOut:
    """What a stored evaluation says of the held-out rows.

    >>> held_out({"rmse": 3.0, "r2": 0.75}).compared()
    ['without a model, rows held out: rmse 6 (always the mean)']
    """
    metrics: dict[str, float | None] = {
        name: value
        for name in ("accuracy", "log_loss", "rmse")
        if isinstance(value := report.get(name), float)
    }
    classes = msgspec.convert(report.get("per_class") or {}, dict[str, ClassFigures])
    found = msgspec.convert(report.get("baselines") or [], list[BaselineComparison])
    weak = msgspec.convert(report.get("segments"), Segments | None)
    calibrated = msgspec.convert(report.get("calibrated"), Calibrated | None)
    coverages = msgspec.convert(report.get("coverages") or [], list[Coverage])
    if found:
        # In a split by time there are two of one metric, and the first is meant.
        scores: dict[str, float] = {one.metric: one.baseline_score for one in reversed(found)}
        usual = next((one.answer for one in found if one.answer is not None), None)
        uneven = msgspec.convert(report.get("imbalance"), Imbalance | None)
        return HeldOut(metrics, classes, scores, usual, found, weak, uneven, calibrated, coverages)
    if classes:
        counts = {name: one.rows for name, one in classes.items()}
        frequent = max(counts, key=lambda name: counts[name])
        return HeldOut(metrics, classes, _of_shares(counts), frequent, segments=weak)
    return HeldOut(metrics, {}, _of_mean(report.get("rmse"), report.get("r2")), segments=weak)


def _of_shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Accuracy of the most frequent class, and the entropy of the shares, -sum p log p."""
    shares = [count / sum(counts.values()) for count in counts.values() if count]
    return {"accuracy": max(shares), "log_loss": -sum(share * math.log(share) for share in shares)}


def _of_mean(rmse: float | None, r2: float | None) -> dict[str, float]:
    """R2 = 1 - rmse^2 / variance, solved for the root of the variance.

    R2 of 1 leaves it open; of exactly 0 too, as that is also the R2 of a target with one value.
    """
    if rmse is None or r2 is None or r2 in (0, 1) or r2 > 1:
        return {}
    return {"rmse": rmse / math.sqrt(1 - r2)}
