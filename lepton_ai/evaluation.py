"""The result of `Model.evaluate`."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import msgspec

from lepton_ai.held_out import MEANS, HeldOut, held_out
from lepton_ai.labels import labels_said
from lepton_ai.show import figure, figures, html_table, text_table
from lepton_core.evaluate import Importance, LabelDecision, Segments

_SHOWN = 10


class Evaluation(msgspec.Struct, frozen=True):
    """A model on rows it has not seen.

    ``loss`` is CV = 1/K sum of the K fold losses (``folds``), each on the fold that was held out;
    ``metrics`` are the means over the folds. ``held_out`` and ``report`` are those of version ``version``
    on its own held-out rows: figures by name, and the whole report (confusion matrix, ROC curve,
    calibration ...).
    """

    model: str
    version: int | None
    loss: float
    folds: list[float]
    metrics: dict[str, float | None]
    held_out: dict[str, float | None]
    report: dict[str, Any]

    @property
    def on_held_out(self) -> HeldOut:
        """The held-out rows class by class, and whether the model is better there than what needs none."""
        return held_out(self.report)

    @property
    def segments(self) -> Segments | None:
        """Where the version is wrong on its held-out rows; None for a version of an earlier platform."""
        return self.on_held_out.segments

    @property
    def confusion(self) -> list[list[int]] | None:
        """Row i, column j: how many rows of class i were predicted as class j; None for a regression."""
        found = self.report.get("confusion")
        return found if isinstance(found, list) else None

    @property
    def decision(self) -> LabelDecision | None:
        """What makes the labels of the version, and what it does; None: the most probable class does."""
        return msgspec.convert(self.report.get("decision"), LabelDecision | None)

    @property
    def importance(self) -> list[Importance]:
        """The worth of each column to the version, the most important first."""
        found = self.report.get("importance") or {}
        return msgspec.convert(found.get("columns", []), list[Importance])

    @property
    def classes(self) -> list[str]:
        """The classes in the order of the confusion matrix; empty for a regression."""
        found = self.report.get("classes")
        return [str(name) for name in found] if isinstance(found, list) else []

    def __repr__(self) -> str:
        first = [name for name in self.metrics if name not in MEANS and name != self._loss_name()][:3]
        metrics = figures({name: self.metrics[name] for name in first})
        loss = f"CV {self._loss_name()} {figure(self.loss)} over {len(self.folds)} folds"
        return f"<Evaluation of {self.model}: {loss}, {metrics}>"

    def __str__(self) -> str:
        """The whole evaluation as text."""
        lines = [self._title(), "", *_indented(text_table(*self._table()))]
        for said in (self._said(), self.on_held_out.sure()):
            if said:
                lines += ["", *(f"  {line}" for line in said)]
        if self._segments_title():
            lines += ["", f"  {self._segments_title()}"]
            if self.on_held_out.segment_table()[1]:
                lines += _indented(text_table(*self.on_held_out.segment_table()))
        if self.on_held_out.per_class:
            lines += ["", f"  each class, version {self.version}, rows held out:"]
            lines += _indented(text_table(*self.on_held_out.class_table()))
        if self.confusion and self.classes:
            lines += ["", f"  confusion of version {self.version}, rows held out:"]
            lines += _indented(text_table(*self._confusion_table()))
        if self.importance:
            lines += ["", f"  {self._importance_title()}:", *_indented(text_table(*self._importance_table()))]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        html = f"<h4>{escape(self._title())}</h4>" + html_table(*self._table())
        said = [*self._said(), *self.on_held_out.sure()]
        html += "".join(f"<p>{escape(line)}</p>" for line in said)
        if self._segments_title():
            html += f"<p>{escape(self._segments_title())}</p>"
            if self.on_held_out.segment_table()[1]:
                html += html_table(*self.on_held_out.segment_table())
        if self.on_held_out.per_class:
            html += f"<p>each class, version {self.version}, rows held out</p>"
            html += html_table(*self.on_held_out.class_table())
        if self.confusion and self.classes:
            html += f"<p>confusion of version {self.version}, rows held out</p>"
            html += html_table(*self._confusion_table())
        if self.importance:
            html += f"<p>{escape(self._importance_title())}</p>" + html_table(*self._importance_table())
        return html

    def _said(self) -> list[str]:
        found = self.on_held_out
        few, folds = found.imbalance, len(self.folds)
        lacking = []
        if few is not None and few.to_learn_from < folds:
            rows = f"{few.to_learn_from} row{'s' * (few.to_learn_from != 1)}"
            lacking = [
                f"there are fewer rows of {few.rarest!r} to train on than folds, {rows} for {folds} folds"
            ]
        return [*found.sentences(), *lacking, *labels_said(self.version, self.decision)]

    def _title(self) -> str:
        each = ", ".join(map(figure, self.folds))
        if len(self.folds) > 10:
            each = f"{figure(min(self.folds))} to {figure(max(self.folds))}"
        return (
            f"{self.model}: cross-validation {self._loss_name()} {figure(self.loss)} "
            f"over {len(self.folds)} folds ({each})"
        )

    def _segments_title(self) -> str:
        found = self.segments
        return (
            "" if found is None else f"where version {self.version} is wrong, rows held out: {found.sentence}"
        )

    def _loss_name(self) -> str:
        return "rmse" if "rmse" in self.metrics else "log_loss"

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names = list(dict.fromkeys([*self.metrics, *self.held_out]))
        # Rows of a class that the training rows lacked: of interest only if there are any.
        if not self.metrics.get("unknown_class_rows") and not self.held_out.get("unknown_class_rows"):
            names = [name for name in names if name != "unknown_class_rows"]
        said = {name: f"{name} (mean of classes)" if name in MEANS else name for name in names}
        if not self.held_out:
            return ["metric", "folds"], [[said[name], figure(self.metrics.get(name))] for name in names]
        rows = [
            [said[name], figure(self.metrics.get(name)), figure(self.held_out.get(name))] for name in names
        ]
        return ["metric", "folds", f"version {self.version}"], rows

    def _confusion_table(self) -> tuple[list[str], list[list[str]]]:
        head = ["true \\ predicted", *self.classes]
        counts: Sequence[Sequence[int]] = self.confusion or []
        return head, [[name, *map(str, line)] for name, line in zip(self.classes, counts, strict=False)]

    def _importance_title(self) -> str:
        of = len(self.importance)
        shown = f", {_SHOWN} of {of} columns" if of > _SHOWN else ""
        return f"permutation importance for version {self.version}, rows held out{shown}"

    def _importance_table(self) -> tuple[list[str], list[list[str]]]:
        rows = [[one.column, figure(one.mean), figure(one.std)] for one in self.importance[:_SHOWN]]
        return ["column", "importance", "std"], rows


def evaluation(
    model: str, version: int | None, outcome: Mapping[str, Any], report: Mapping[str, Any]
) -> Evaluation:
    """The evaluation that a run's ``outcome`` and a version's stored ``report`` describe."""
    validated = outcome.get("cross_validation") or {}
    held = dict(outcome.get("metrics") or {})
    if report.get("decision") is not None:
        held |= {name: report[name] for name in ("accuracy", *MEANS)}
    return Evaluation(
        model=model,
        version=version,
        loss=float(validated.get("loss", float("nan"))),
        folds=[float(loss) for loss in validated.get("folds", [])],
        metrics=dict(validated.get("metrics") or {}),
        held_out=held,
        report=dict(report),
    )


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
