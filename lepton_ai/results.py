"""The results of the steps of the lifecycle. Fields that a newer platform adds are ignored."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lepton_ai.card import write_card
from lepton_ai.connect import connect
from lepton_ai.data_report import DataReport
from lepton_ai.held_out import MEANS, HeldOut
from lepton_ai.notes import ended
from lepton_ai.replies import read
from lepton_ai.show import figure, figures, progress
from lepton_ai.split import Dealt
from lepton_ai.trial import Trial
from lepton_core.errors import Failure
from lepton_core.evaluate import LabelDecision
from lepton_core.table import ReadingOptions
from lepton_core.table.reading_options import NOTHING_SAID

_FIRST = ("accuracy", "auc", "f1", "log_loss", "rmse", "mae", "r2")


def rows_of(rows: int, held_out: int) -> str:
    """How many rows a version has, and how many of them a second file holds out.

    >>> rows_of(300, 60), rows_of(300, 0)
    ('300 rows, 60 of them held out', '300 rows')
    """
    return f"{rows} rows, {held_out} of them held out" if held_out else f"{rows} rows"


def retired(name: str) -> str:
    """What retiring the model ``name`` has done."""
    return f"{name} is retired: it serves no more, its versions stay readable, and the name stays taken"


class Upload(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """A file that became version ``version`` of the data set ``dataset``.

    ``report`` says what is to know of it before training. ``held``: no model is trained on it by itself. Of a file that
    was appended, ``added`` rows are new and ``repeated`` were there already. ``held_out`` of the ``rows`` are those of
    a second file, which no training sees.
    """

    id: str
    dataset: str
    state: str
    url: str | None = None
    label: str | None = None
    version: int | None = None
    rows: int | None = None
    error: Failure | None = None
    held: bool = False
    added: int | None = None
    repeated: int | None = None
    held_out: int = 0
    report: DataReport | None = None

    def __str__(self) -> str:
        """One line."""
        rows = "" if self.rows is None else f": {rows_of(self.rows, self.held_out)}"
        if self.added is not None:
            rows += f", {self.added} of them new ({self.repeated} rows of the file were there already)"
        return f"data {self.dataset} version {self.version}{rows}, label {self.label}{', held' * self.held}"


class FitOf(msgspec.Struct, frozen=True):
    """One fit of a version: its artifact's digest, and how many rows it has learnt from; None: not known."""

    digest: str
    rows: int | None = None


class Member(msgspec.Struct, frozen=True):
    """One model of a blend: how it was trained, and its ``weight``; those of all members sum to 1."""

    algorithm: str
    hyperparameters: dict[str, Any]
    weight: float

    def __str__(self) -> str:
        """As ``0.60 of gradient_boosting(l2=1.0)``."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.hyperparameters.items())
        return f"{self.weight:.2f} of {self.algorithm}({given})"


class ImportedFrom(msgspec.Struct, frozen=True):
    """Where a version was trained that was imported: as ``version`` of ``model`` of another platform, at ``created``.

    It learnt from ``data_version`` of the data set ``data`` there, which was read as ``reading`` says, and predicts the
    column ``label``.
    """

    model: str
    version: int
    created: datetime
    label: str
    data: str
    data_version: int
    reading: ReadingOptions = NOTHING_SAID

    def __str__(self) -> str:
        """In a few words."""
        return f"imported from {self.model} version {self.version}, trained elsewhere"


class Version(msgspec.Struct, frozen=True):
    """One trained version: ``metrics`` are those on the rows that ``split`` held out, ``loss`` is the training curve.

    ``leaderboard`` is there where `Model.train` searched; ``held_out``, each class and what is got without a model,
    where it trained. All figures are those of the ``judged`` fit; ``served`` is the one that answers, as a rule of all
    rows. An earlier platform has one fit, and says neither. A blend has ``members``, and the algorithm "ensemble".
    ``calibrate``: its probabilities are calibrated where that helps. ``uncertainty``: it gives intervals or sets.
    ``explains``: `Model.predict` can say what each column added. One that was ``imported`` has no data here.
    """

    model: str
    version: int
    algorithm: str
    task: str
    metrics: dict[str, float | None]
    dataset: str
    dataset_version: int
    created: datetime
    run: str
    digest: str
    hyperparameters: dict[str, Any] = {}
    loss: list[float | None] = []
    warm_from: int | None = None
    weight: str | None = None
    class_weight: dict[str, float] | str | None = None
    split: Dealt | None = None
    dataset_digest: str = ""
    libraries: dict[str, str] = {}
    leaderboard: list[Trial] = []
    held_out: HeldOut | None = None
    judged: FitOf | None = None
    served: FitOf | None = None
    members: list[Member] = []
    decision: LabelDecision | None = None
    calibrate: bool = False
    uncertainty: bool = False
    explains: bool = False
    imported: ImportedFrom | None = None

    def headline(self) -> dict[str, float | None]:
        """The metrics that people look at first."""
        return {name: self.metrics[name] for name in _FIRST if self.metrics.get(name) is not None}

    def card(self, path: str | Path) -> Path:
        """Write the card of this version into the file ``path``, as `Model.card` does, from where the environment says.

        Errors: those of `Model.card`.
        """
        return write_card(connect(), self.model, self.version, path)

    def summary(self) -> str:
        """One line, and where it was trained, each class and whether the model beats what needs none."""
        below = "" if self.held_out is None else str(self.held_out)
        return "\n  ".join([str(self), *below.splitlines(), *self._fits(), *map(str, self.members)])

    def __repr__(self) -> str:
        return f"<Version {self.version} of {self.model}: {self._figures() or self.algorithm}>"

    def __str__(self) -> str:
        """One line."""
        origin = f" from version {self.warm_from}'s weights" if self.warm_from is not None else ""
        trained = f"trained on data {self.dataset} version {self.dataset_version}{origin}"
        if self.imported is not None:
            trained = str(self.imported)
        labels = (
            ""
            if self.decision is None
            else f"; label: {self.decision.rule} (accuracy {figure(self.decision.accuracy)})"
        )
        return f"{self.model} version {self.version} ({self.algorithm}), {trained}: {self._figures()}{labels}"

    def _fits(self) -> list[str]:
        if self.judged is None or self.served is None or self.judged == self.served:
            return []
        return [
            f"figures: of a fit on {self.judged.rows} rows; what serves was fitted again on all {self.served.rows}"
        ]

    def _figures(self) -> str:
        shown = {
            f"{name} (mean of classes)" if name in MEANS else name: value
            for name, value in self.headline().items()
        }
        return figures(shown)


class Run(msgspec.Struct, frozen=True):
    """Work under way until it is succeeded, failed or cancelled; ``trial`` of ``trials`` of a search are done.

    ``by_itself``: nobody asked for it. ``made_way``: it was cancelled for another run. ``nothing_new``: an update was
    asked for, and this is the last one, as nothing came since. ``needed_bytes``: about so much memory a training takes.
    ``stage``: which fit of how many is under way, if there are several; the iterations are those of it.
    ``held_out``: the losses of the judged fit on rows that it does not see and on rows of its training, as ``points``
    with ``iteration``, ``held_out`` and ``training``, by one ``measure``; None where there are none.
    ``resumable_until``: it was cancelled, and until then `Model.resume` lets it go on; None: it cannot.
    An earlier platform says none of them.
    """

    id: str
    model: str
    kind: str
    state: str
    iteration: int
    iterations: int
    loss: list[float | None]
    created: datetime
    updated: datetime
    tasks_done: int = 0
    attempt: int = 0
    trial: int = 0
    trials: int = 0
    note: str = ""
    stage: str = ""
    by_itself: bool = False
    made_way: bool = False
    nothing_new: bool = False
    needed_bytes: int = 0
    version: int | None = None
    outcome: dict[str, Any] = {}
    error: Failure | None = None
    held_out: dict[str, Any] | None = None
    resumable_until: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("succeeded", "failed", "cancelled")

    @property
    def last_loss(self) -> float | None:
        """The newest loss, if there is one."""
        return self.loss[-1] if self.loss else None

    @property
    def leaderboard(self) -> list[Trial]:
        """The candidates that automatic training tried, the best first; empty before its end, and in lists of runs."""
        return [read(one, Trial) for one in self.outcome.get("leaderboard", ())]

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self}>"

    def __str__(self) -> str:
        """One line."""
        parts = [f"{self.kind} {self.model} {self.state}"]
        if self.kind == "update":
            parts += self._why()
        if self.trials:
            done = self.state == "succeeded"
            parts.append(
                f"{self.trial} measurements" if done else progress("measurement", self.trial, self.trials)
            )
        if self.stage and not self.finished:
            parts.append(self.stage)
        if self.iterations:
            parts.append(self._how_far())
        if self.last_loss is not None and not self.stage:
            parts.append(f"objective {figure(self.last_loss)}")
        if self.error is not None:
            parts.append(self.error.message)
        return ", ".join(parts)

    def _why(self) -> list[str]:
        trigger = str(self.outcome.get("trigger") or "")
        if not self.by_itself:
            return [trigger] if trigger else []
        return [f"by itself because {trigger}" if trigger else "by itself"]

    def _how_far(self) -> str:
        if self.state != "succeeded":
            return f"iteration {self.iteration} of {self.iterations}"
        if end := ended(self.note):
            return end
        of = "" if self.iteration == self.iterations else f" of at most {self.iterations}"
        return f"{self.iteration}{of} iterations"


class Update(msgspec.Struct, frozen=True):
    """The decision of an update: whether the challenger took the champion's place, and why.

    ``nothing_new``: nothing was trained; this is the last update, and ``dataset_version`` the data that it learned
    from. ``by_itself``: nobody had asked for it. ``though`` is what spoke against an update that was asked for: its
    data was held. ``comparison`` is what the held-out rows show of the difference, and ``margin`` by how much the
    challenger may be worse; an earlier platform says neither. ``rollout`` is what came of a challenger that won and
    became a canary: until its ``state`` is 'promoted' it has not been.
    """

    model: str
    promoted: bool
    reason: str
    version: int | None = None
    champion: dict[str, Any] | None = None
    challenger: dict[str, Any] | None = None
    margin: float | None = None
    comparison: dict[str, Any] | None = None
    nothing_new: bool = False
    by_itself: bool = False
    dataset_version: int | None = None
    though: str = ""
    rollout: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<Update {self}>"

    def __str__(self) -> str:
        """One line."""
        if self.nothing_new:
            since = f"nothing new since version {self.version} (data set version {self.dataset_version})"
            if not self.promoted:
                came = f"which {self._tried()}" if self.rollout else "which was not promoted"
                return f"{self.model}: {since}, {came}: {self.reason}"
            # The caller may not have heard of an update that nobody asked for.
            told = f"; version {self.version} promoted and deployed by itself: {self.reason}"
            return f"{self.model}: {since}{told if self.by_itself else ''}"
        which = "challenger" if self.version is None else f"version {self.version}"
        verdict = "promoted and deployed" if self.promoted else "not promoted, the champion stays"
        if self.rollout and not self.promoted:
            verdict = self._tried()
        return f"{self.model} {which} {verdict}: {self.reason}{f'; {self.though}' if self.though else ''}"

    def _tried(self) -> str:
        """What came of the canary so far, in words."""
        of = self.rollout or {}
        if of.get("canary") is not None:
            return f"is a canary with {of['canary']:.0%} of the calls ({of['state']})"
        why = of.get("reason") or of.get("by")
        return f"was a canary, and was {of.get('state')}{f' ({why})' if why else ''}"


def decision(run: Run, dataset_version: int | None) -> Update:
    """The decision that the update ``run`` came to; ``dataset_version``: as in `Update`."""
    return Update(
        model=run.model,
        promoted=bool(run.outcome.get("promoted")),
        reason=str(run.outcome.get("reason", "")),
        version=run.version,
        champion=run.outcome.get("champion"),
        challenger=run.outcome.get("challenger"),
        margin=run.outcome.get("margin"),
        comparison=run.outcome.get("comparison"),
        nothing_new=run.nothing_new,
        by_itself=run.by_itself,
        dataset_version=dataset_version,
        though=str(run.outcome.get("trigger") or "").partition(", though ")[2],
        rollout=run.outcome.get("rollout"),
    )
