"""What a run is asked to do, complete: nothing of it is looked up again while the run goes on."""

from typing import Any, Literal

import msgspec
from msgspec.structs import asdict
from msgspec.structs import replace as changed

from functions.context import Platform
from functions.records.kinds import ClassWeight, Run
from lepton_core.search import Search, winner


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


def new_run(platform: Platform, model: str, kind: Literal["train", "evaluate", "update"], job: Job) -> Run:
    """A queued run with the job as its request."""
    now = platform.clock()
    return Run(platform.new_id("run"), model, kind, "queued", asdict(job), created=now, updated=now)
