"""What training, evaluation and update share: from a run's request to numbers, and from a fit to a version."""

import platform as python
import time
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec.structs import asdict
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from functions import lookup
from functions.landing import read_table
from functions.platform import Platform
from functions.release import VERSION
from functions.runner import TaskResult
from functions.runner.hold import thin
from functions.storage import Workspace
from functions.values import ClassWeight, DatasetVersion, Model, Run, Version
from lepton_core import train as core
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import InvalidArtifact, InvalidData, Unavailable
from lepton_core.models import pack_fit, unpack_fit
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.search import Search, winner
from lepton_core.table import Table, split_rows
from lepton_core.target import class_names
from lepton_core.validation import headline, report


class Job(msgspec.Struct, frozen=True):
    """A run's request, complete: nothing of it is looked up again while the run goes on.

    ``warm_from`` is the version whose weights and preprocessor the fit begins with. ``candidates`` are what a search
    tries, for ``seconds`` at most: algorithms, each with the hyperparameters that come on top of the job's own.
    """

    algorithm: str
    hyperparameters: dict[str, Any]
    dataset: str
    dataset_version: int
    seed: int = 0
    preprocessor: dict[str, Any] | None = None
    warm_from: int | None = None
    version: int | None = None
    folds: int = 0
    champion: int | None = None
    tolerance: float = 0.0
    reason: str = ""
    task: str | None = None
    weight: str | None = None
    class_weight: ClassWeight | None = None
    candidates: list[dict[str, Any]] = []
    seconds: float | None = None

    @classmethod
    def of(cls, run: Run) -> "Job":
        """The job of a run."""
        return msgspec.convert(run.request, cls)

    def tried(self, candidate: int) -> "Job":
        """The job with the algorithm and the hyperparameters of a candidate."""
        one = self.candidates[candidate]
        given = {**self.hyperparameters, **one["hyperparameters"]}
        return changed(self, algorithm=one["algorithm"], hyperparameters=given)

    @classmethod
    def decided(cls, run: Run) -> "Job":
        """The job of a run; after a search, with what won. Raises the error of the best candidate if all failed."""
        job = cls.of(run)
        return job.tried(winner(search_of(run, job))) if job.candidates else job


def search_of(run: Run, job: Job) -> Search:
    """The search of a run, as far as it has come."""
    trials = {task: summary for task, summary in run.done.items() if task.startswith("trial-")}
    return Search(trials, len(job.candidates), job.seconds)


def reads(preprocessor: Preprocessor, column: str) -> bool:
    """Whether a fitted preprocessor takes ``column`` for a feature."""
    return preprocessor.schema is not None and column in preprocessor.schema.known


def new_run(platform: Platform, model: str, kind: Literal["train", "evaluate", "update"], job: Job) -> Run:
    """A queued run with the job as its request."""
    now = platform.clock()
    return Run(platform.new_id("run"), model, kind, "queued", asdict(job), created=now, updated=now)


@dataclass(frozen=True)
class Bench:
    """The data of a job, split: the same row is on the same side in every version of the dataset.

    ``warm`` is the version that the fit begins with. Its preprocessor goes on, or its weights would mean nothing;
    unless ``cold``: the data has gaps that it cannot fill, and a default preprocessor of the new data can; or one of
    its features is now the weight of the rows.
    """

    job: Job
    data: DatasetVersion
    table: Table
    training: NDArray[np.int64]
    held_out: NDArray[np.int64]
    warm: Predictor | None = None
    cold: bool = False

    @property
    def recipe(self) -> core.Recipe:
        """What is to be trained."""
        job = self.job
        chosen = None if job.preprocessor is None else Preprocessor.from_dict(job.preprocessor)
        if self.warm is not None and not self.cold:
            chosen = self.warm.preprocessor
        return core.Recipe(
            job.algorithm,
            self.data.label,
            job.hyperparameters,
            chosen,
            seed=job.seed,
            task=job.task,
            weight=job.weight,
            class_weight=self._class_weight(),
        )

    def _class_weight(self) -> ClassWeight | None:
        """That of the job; of one that a version had, what it says of classes that these data have."""
        given, inherited = self.job.class_weight, (self.job.champion, self.job.version) != (None, None)
        if not inherited or not isinstance(given, dict):
            return given
        classes = class_names(self.table[self.data.label])
        return {name: factor for name, factor in given.items() if name in classes} or None

    @property
    def held_out_table(self) -> Table:
        """The rows that no training sees."""
        return self.table.take(self.held_out)


def gather(store: Workspace, model: str, job: Job) -> Bench:
    """Read the job's table and split it; read the version that it begins with."""
    data = lookup.dataset_version(store, job.dataset, job.dataset_version).value
    table = read_table(store, data)
    training, held_out = split_rows(table, label=data.label)
    if job.warm_from is None:
        return Bench(job, data, table, training, held_out)
    warm = read_version(store, model, job.warm_from)
    counted = job.weight is not None and reads(warm.preprocessor, job.weight)
    cold = counted or (job.preprocessor is None and not _takes(warm, table.without(data.label)))
    return Bench(job, data, table, training, held_out, warm, cold)


def _takes(predictor: Predictor, features: Table) -> bool:
    try:
        predictor.matrix(features)
    except InvalidData as error:
        return error.row is None  # a column that is not there at all is no gap, and fails the run
    return True


def prepared(platform: Platform, store: Workspace, run: Run) -> tuple[Bench, core.Prepared]:
    """The run's data as numbers; a fit in many slices prepares them once a process."""

    def make() -> tuple[Bench, core.Prepared]:
        bench = gather(store, run.model, Job.decided(run))
        return bench, core.prepare(bench.recipe, bench.table, bench.training)

    return platform.recent.get((store.name, run.id), make)


def read_predictor(store: Workspace, artifact: str, expected: str) -> Predictor:
    """Load a version's artifact; its bytes must have the digest that the record holds.

    Raises `Unavailable` for a file that was damaged or replaced: that is nothing its reader did.
    """
    data = store.blobs.get(artifact)
    try:
        if digest(data) != expected:
            raise InvalidArtifact("its digest is not the one that was recorded")
        return Predictor.load(data)
    except InvalidArtifact as error:
        raise Unavailable(f"the model file is damaged ({error.message}); deploy another version") from error


def read_version(store: Workspace, model: str, wanted: int) -> Predictor:
    """The predictor of one version."""
    version = lookup.version(store, model, wanted).value
    return read_predictor(store, version.artifact, version.digest)


def fit_slice(platform: Platform, store: Workspace, run: Run) -> TaskResult:
    """Train until done or for one slice of time, and leave a checkpoint that goes on bit for bit."""
    bench, numbers = prepared(platform, store, run)
    warm = bench.warm is not None and core.warm_starts(numbers, bench.warm)
    checkpoint = run.done.get("fit")
    if checkpoint is None:
        fit = core.start(numbers, bench.warm)
    else:
        fit = unpack_fit(*read_container(store.blobs.get(checkpoint["blob"])))
    until = time.monotonic() + platform.settings.slice_seconds
    fit = core.advance(numbers, fit, lambda _: time.monotonic() >= until)
    key = result_key(platform, store, run, "fit")
    platform.blobs.put(key, write_container(*pack_fit(fit)))
    return TaskResult(
        {"blob": key, "finished": fit.finished, "warm": warm},
        iteration=fit.iteration,
        iterations=fit.iterations,
        loss=thin(fit.losses.tolist()),
        note=fit.note,
    )


def score(platform: Platform, store: Workspace, run: Run) -> tuple[Bench, Predictor, dict[str, Any]]:
    """Make the artifact from the finished fit, evaluate it on the held-out rows, store both."""
    bench, numbers = prepared(platform, store, run)
    fit = unpack_fit(*read_container(store.blobs.get(run.done["fit"]["blob"])))
    predictor = core.finish(numbers, fit)
    with core.numbered(bench.held_out):
        evaluation = report(predictor, bench.held_out_table)
    artifact = predictor.dump()
    summary: dict[str, Any] = {
        "artifact": result_key(platform, store, run, "artifact"),
        "digest": digest(artifact),
        "evaluation": result_key(platform, store, run, "evaluation"),
        "metrics": headline(evaluation),
        "task": predictor.task,
    }
    platform.blobs.put(summary["artifact"], artifact)
    platform.blobs.put(summary["evaluation"], msgspec.json.encode(evaluation))
    return bench, predictor, summary


def result_key(platform: Platform, store: Workspace, run: Run, name: str) -> str:
    """A blob key that nobody else uses: a task that runs twice writes twice, and one of the two is taken."""
    return store.blob("runs", run.id, platform.new_id(f"{name}-{run.attempt}"))


def new_version(platform: Platform, store: Workspace, run: Run, model: Model) -> Version:
    """The version that the run's results make: the model's next one."""
    job = Job.decided(run)
    scored = run.done["score"]
    data = lookup.dataset_version(store, job.dataset, job.dataset_version).value
    return Version(
        model=model.name,
        version=model.latest + 1,
        algorithm=job.algorithm,
        task=scored["task"],
        artifact=scored["artifact"],
        digest=scored["digest"],
        run=run.id,
        dataset=job.dataset,
        dataset_version=job.dataset_version,
        dataset_digest=data.digest,
        hyperparameters={**job.hyperparameters, "seed": job.seed},
        metrics=scored["metrics"],
        evaluation=scored["evaluation"],
        loss=run.loss,
        created=platform.clock(),
        preprocessor=job.preprocessor,
        warm_from=job.warm_from if run.done["fit"]["warm"] else None,
        weight=job.weight,
        class_weight=job.class_weight,
        libraries={"lepton": VERSION, "numpy": np.__version__, "python": python.python_version()},
    )
