"""The data of a job: read, split, and as numbers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from functions.context import Context
from functions.datasets.parts import read_rows
from functions.records import find
from functions.records.kinds import ClassWeight, DatasetVersion
from functions.runs.job import Learning, Spec, learning
from functions.runs.record import Run
from functions.runs.task import MemberTask, RefitTask, key_of
from functions.serving.artifacts import read_version
from functions.storage import Workspace
from functions.training.dealing import as_asked, dealt
from functions.training.specs import chosen, inherits, warm_from
from lepton_core import train as core
from lepton_core.errors import InvalidData, InvalidInput
from lepton_core.load import bare
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.remedy import training
from lepton_core.search import FOLDS
from lepton_core.table import Column, Split, Table
from lepton_core.table.asked_split import times_of
from lepton_core.target import class_names, encode_values
from lepton_core.validation import fold_rows
from lepton_core.weights import class_meant

if TYPE_CHECKING:
    from lepton_core.baseline import Baseline
    from lepton_core.servable import Servable


_NEEDS_FOLDS: Mapping[str, Mapping[str, object]] = {
    "it": {"auto": False}
    | dict.fromkeys(("trials", "seconds", "members", "megabytes", "milliseconds"), None),
    "them": {"calibrate": None, "uncertainty": None},
}
"""What a training is asked for that folds are needed for, as a request without it, by the word of a message."""


def reads(preprocessor: Preprocessor, column: str) -> bool:
    """Whether a fitted preprocessor takes ``column`` for a feature."""
    return preprocessor.schema is not None and column in preprocessor.schema.known


@dataclass(frozen=True)
class Bench:
    """The data of a spec, split: the same row is on the same side in every version of the dataset.

    ``split`` is the rule, and ``by`` the column of all rows that it reads; if that is no feature, ``table`` lacks it.
    ``warm`` is the version that the fit begins with. Its preprocessor goes on, or its weights would mean nothing;
    unless ``cold``: the data has gaps that it cannot fill, and a default preprocessor of the new data can; or one of
    its features is now the weight of the rows, or of another kind. ``champion`` is the whole of that
    version, of which ``warm`` may be one member.
    """

    spec: Spec
    data: DatasetVersion
    table: Table
    training: NDArray[np.int64]
    held_out: NDArray[np.int64]
    split: Split
    by: Column | None = None
    warm: Predictor | None = None
    cold: bool = False
    inherits: bool = False
    champion: "Servable | None" = None

    @property
    def recipe(self) -> core.Recipe:
        """The recipe of the fit."""
        spec = self.spec
        preprocessor = None if spec.preprocessor is None else Preprocessor.from_dict(spec.preprocessor)
        if self.warm is not None and not self.cold:
            preprocessor = self.warm.preprocessor
        return core.Recipe(
            spec.algorithm,
            self.data.label,
            spec.hyperparameters,
            preprocessor,
            seed=spec.seed,
            task=spec.task,
            weight=spec.weight,
            class_weight=self._class_weight(),
            default_steps=spec.default_steps,
        )

    def _class_weight(self) -> ClassWeight | None:
        """That of the spec; of one that a version had, what it says of classes that these data have."""
        given = self.spec.class_weight
        if not self.inherits or not isinstance(given, dict):
            return given
        classes = class_names(self.table[self.data.label])
        return {
            name: factor for name, factor in given.items() if class_meant(name, classes) is not None
        } or None

    @property
    def held_out_table(self) -> Table:
        """The rows that no training sees."""
        return self.table.take(self.held_out)

    @property
    def rows(self) -> NDArray[np.int64]:
        """All rows, (m,): those that no training sees among them."""
        return np.sort(np.concatenate([self.training, self.held_out]))

    @property
    def aside(self) -> "HeldOut":
        """What a fit is judged by; the whole table need not stay in memory beside both of its sides."""
        by = None if self.by is None else self.by.take(self.held_out)
        return HeldOut(
            self.held_out_table, self.held_out, self.split, self._baseline(), self.warm, by, self.champion
        )

    def _baseline(self) -> "Baseline":
        from lepton_core.baseline import baseline_of  # noqa: PLC0415  (no prediction needs it)

        task, times, before = self.recipe.task_on(self.table), None, None
        if self.split.rule == "time-1" and self.by is not None:
            times = times_of(self.by.take(self.training))
        label = self.table[self.data.label]
        if task == "regression":
            from lepton_core.table.known_before import known_before  # noqa: PLC0415  (as above)

            features = self.table.without(self.data.label).columns
            by = None if times is None else self.by
            before = known_before(features, encode_values(label).y, by)
        return baseline_of(label, self.training, task, times, before)

    def folds(self, k: int, *, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """``k`` folds of the rows to train on, under the rule of the split: see `fold_rows`."""
        return fold_rows(self.recipe, self.table, self.training, k, seed=seed, split=self.split, by=self.by)

    def trial_folds(self, numbers: Iterable[int]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The rows of these folds of a search, those to train on and those to predict; see `folds_of`."""
        cut: dict[int, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
        for number in numbers:
            again = number // FOLDS
            if again not in cut:
                cut[again] = self.folds(FOLDS, seed=self.spec.seed + again)
            yield cut[again][number % FOLDS]


def too_few(
    bench: Bench, model: str, said: str, without: str, error: InvalidInput | None = None
) -> InvalidData:
    """The error of folds that nobody gave the number of, with the training of ``model`` that works ``without`` them.

    There are more of them than rows to train on, or, with an ``error`` of the split, than groups or times.
    """
    by = as_asked(bench.split)
    way = training(model, **({} if by is None else {"split": by}), **_NEEDS_FOLDS[without])
    what = (
        f"there are {len(bench.training)}" if error is None else f"these do not make as many: {error.message}"
    )
    return InvalidData(
        f"{said} of the rows to train on, and {what}; train without {without}: {way}", remedies=(way,)
    )


def gather(store: Workspace, model: str, job: Learning, candidate: int | None = None) -> Bench:
    """Read the job's table and split it; read the version that it begins with.

    ``candidate`` is the one that is fitted after a search. Raises `Damaged`.
    """
    spec = chosen(job, candidate)
    data = find.dataset_version(store, spec.dataset, spec.dataset_version).value
    rows = read_rows(store, data)
    split, training, held_out, by = dealt(store, data, rows, spec.split)
    table = rows.table if split.hides is None else rows.table.without(split.hides)
    bench = Bench(spec, data, table, training, held_out, split, by, inherits=inherits(job))
    earlier = warm_from(job)
    if earlier is None:
        return bench
    return begun_as(replace(bench, champion=read_version(store, model, earlier)), spec, candidate)


def begun_as(bench: Bench, spec: Spec, candidate: int | None) -> Bench:
    """The same data under the spec of a ``candidate``, with the model that its fit begins with."""
    found = replace(bench, spec=spec, warm=None, cold=False)
    if bench.champion is None:
        return found
    warm = begun_with(bench.champion, spec.algorithm, candidate if bench.inherits else None)
    if warm is None:
        return found
    counted = spec.weight is not None and reads(warm.preprocessor, spec.weight)
    # Rows are read once for all members, so these agree even about columns that they do not use.
    names = warm.reads if isinstance(bare(bench.champion), Predictor) else warm.schema.names
    features = bench.table.without(bench.data.label)
    cold = counted or not _same_kinds(warm, features, names)
    cold = cold or (spec.preprocessor is None and not _takes(warm, features))
    return replace(found, warm=warm, cold=cold)


def _same_kinds(predictor: Predictor, features: Table, names: Iterable[str]) -> bool:
    """Whether the columns ``names`` are of the kinds that it was trained on: rows to be predicted are read as these."""
    kinds = predictor.schema.kinds
    both = [name for name in names if name in features.names]
    return all(kinds[name] == features[name].kind for name in both)


def begun_with(champion: "Servable", algorithm: str, candidate: int | None) -> Predictor | None:
    """The model that a fit begins with: ``champion``, or of a blend the member that ``candidate`` is made anew of.

    Where no candidate is named that is the first member of the ``algorithm``; None if there is none.
    """
    from lepton_core.ensemble import Ensemble  # noqa: PLC0415  (no prediction needs it)

    model = bare(champion)
    if not isinstance(model, Ensemble):
        return model if isinstance(model, Predictor) else None
    if candidate is not None and candidate < len(model.members):
        one = model.members[candidate]
        return one if one.algorithm == algorithm else None
    return next((one for one in model.members if one.algorithm == algorithm), None)


def _takes(predictor: Predictor, features: Table) -> bool:
    try:
        predictor.matrix(features)
    except InvalidData as error:
        return error.row is None  # a column that is not there at all is no gap, and fails the run
    return True


@dataclass(frozen=True)
class HeldOut:
    """What a fit is judged by when it is done: the ``table`` of the ``rows`` (k,) that it did not see.

    ``baseline`` is what the rows that it saw say without a model. ``by`` is the column of just these rows that the
    ``split`` reads, if it reads one. ``champion`` is what a challenger is compared with.
    """

    table: Table
    rows: NDArray[np.int64]
    split: Split
    baseline: "Baseline"
    warm: Predictor | None
    by: Column | None = None
    champion: "Servable | None" = None

    def columns(self, label: str) -> Table:
        """All columns of these rows but the ``label``: also one that is no feature, as it deals rows to both sides."""
        features = self.table.without(label)
        if self.by is None or self.by.name in features.names:
            return features
        return Table((*features.columns, self.by))


def prepared_again(
    context: Context, store: Workspace, run: Run, task: RefitTask | MemberTask
) -> tuple[Predictor | None, core.Prepared]:
    """All rows of the run's data as numbers, those that are held out among them, and what the fit begins with.

    The settings that the judged fit has found by rows that it left out are given.
    """

    def make() -> tuple[Predictor | None, core.Prepared]:
        bench = gather(store, run.model, learning(run.job), task.candidate)
        rows = bench.rows
        recipe = bench.recipe
        recipe = replace(recipe, hyperparameters={**recipe.hyperparameters, **task.found})
        return bench.warm, core.prepare(recipe, bench.table, rows)

    # The numbers of the judged fit need not stay in memory beside these.
    context.recent.forget((store.name, run.id, task.candidate))
    return context.recent.get((store.name, run.id, key_of(task)), make)


def prepared(
    context: Context, store: Workspace, run: Run, candidate: int | None
) -> tuple[HeldOut, core.Prepared]:
    """The run's data as numbers; a fit in many slices prepares them once a process."""

    def make() -> tuple[HeldOut, core.Prepared]:
        bench = gather(store, run.model, learning(run.job), candidate)
        numbers = core.prepare(bench.recipe, bench.table, bench.training)
        return bench.aside, numbers

    return context.recent.get((store.name, run.id, candidate), make)
