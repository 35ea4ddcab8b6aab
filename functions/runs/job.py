"""The job of a run, complete: nothing of it is looked up again while the run goes on."""

from typing import Any

import msgspec

from functions.records.files import Blended, Extras, File
from functions.records.kinds import Chain, ClassWeight, Hyperparameters, LearningTask
from lepton_core.evaluate import LabelRule
from lepton_core.preprocess import DefaultSteps
from lepton_core.promotion import WORSE_ALLOWED
from lepton_core.search import Candidate
from lepton_core.table import CONTENT, ReadingOptions, Split
from lepton_core.table.reading_options import NOTHING_SAID


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fit and its data. ``split`` says which rows it never sees, ``default_steps`` what makes numbers of the others.

    A spec that was stored without them goes on as it began.
    """

    algorithm: str
    hyperparameters: Hyperparameters
    dataset: str
    dataset_version: int
    seed: int = 0
    preprocessor: Chain | None = None
    task: LearningTask | None = None
    weight: str | None = None
    class_weight: ClassWeight | None = None
    split: Split = CONTENT
    default_steps: DefaultSteps = "default-1"


class TrainJob(msgspec.Struct, frozen=True, omit_defaults=True, tag="train"):
    """Fit ``spec``, from the weights of version ``warm_from`` if there is one.

    With ``candidates`` a search comes first, for ``seconds`` at most, and what wins it is fitted, or, with ``members``,
    a blend of at most so many. A candidate's hyperparameters come on top of the spec's own. Candidates are compared by
    ``repeats`` cross-validations; with ``seconds`` the ``opener`` is the first of them. What costs more than
    ``megabytes`` of its artifact, or ``milliseconds`` of a prediction, is left out. ``refit``: what serves is fitted
    again, on all rows. ``extras`` are learnt from rows out of fold; ``calibrate_asked``: somebody asked for
    calibration, so a regression is refused. ``deploy``: the new version serves as soon as it is there. ``asked`` are
    the fields of the request, which an error of the run repeats in what it offers. ``pauses`` are the times, in
    seconds, from when to when the run was cancelled: the ``seconds`` do not count them.
    """

    spec: Spec
    warm_from: int | None = None
    refit: bool = False
    candidates: list[Candidate] = []
    seconds: float | None = None
    members: int = 0
    repeats: int = 1
    opener: int = 0
    megabytes: float | None = None
    milliseconds: float | None = None
    extras: Extras = Extras()
    calibrate_asked: bool = False
    deploy: bool = False
    asked: dict[str, Any] = {}
    pauses: list[tuple[float, float]] = []


class EvaluateJob(msgspec.Struct, frozen=True, omit_defaults=True, tag="evaluate"):
    """Cross-validate ``spec``, which is how ``version`` was trained, in ``folds``; evaluate the version itself.

    Each of the ``members`` of a blend has an algorithm, hyperparameters and a weight of its own.
    """

    spec: Spec
    version: int
    folds: int
    members: list[Blended] = []


class UpdateJob(msgspec.Struct, frozen=True, omit_defaults=True, tag="update"):
    """Fit ``spec`` from the weights of version ``champion``, and promote the challenger if it is not worse.

    ``reason`` says in words why. How much worse still counts as not worse say ``tolerance``, in the metric's own unit,
    and ``margin``, as a share of the champion's loss.
    ``by_itself``: nobody asked for it, and it makes way for what a person asks for. A run that was stored without it
    makes way for nobody. ``refit``: what serves is fitted again, on all rows. With ``candidates``, the members of the
    champion, all of them are fitted and weighed anew. ``extras`` are those that the champion has, learnt anew.
    ``asked`` are the fields of a request that trains such a version without the champion: see that of `TrainJob`.
    """

    spec: Spec
    champion: int
    tolerance: float = 0.0
    margin: float = WORSE_ALLOWED
    reason: str = ""
    by_itself: bool = False
    refit: bool = False
    candidates: list[Candidate] = []
    extras: Extras = Extras()
    asked: dict[str, Any] = {}


class ScoreJob(msgspec.Struct, frozen=True, omit_defaults=True, tag="score"):
    """Predict each row of the file at ``key``, called ``name``, with ``version``, whose ``artifact`` answers.

    ``rule`` made its labels when the run was queued. ``reading`` says how the file is read. ``watched``: the version
    was the one that is served, so that its rows count in its traffic. ``beside``: somebody put the file into a folder,
    where the result is to lie beside it. ``digest`` is that of the file (empty: it was not kept).
    """

    key: str
    name: str
    version: int
    artifact: File
    rule: LabelRule | None = None
    reading: ReadingOptions = NOTHING_SAID
    watched: bool = False
    beside: bool = False
    digest: str = ""


Learning = TrainJob | EvaluateJob | UpdateJob
"""The jobs that fit a spec."""

Job = Learning | ScoreJob


def learning(job: Job) -> Learning:
    """The job of a run that fits a spec. Raises ``TypeError`` for another one."""
    if isinstance(job, ScoreJob):
        raise TypeError("a run that scores a file fits nothing")
    return job


def name_of(job: Job) -> str:
    """The kind of run that does ``job``, in one word.

    >>> name_of(EvaluateJob(Spec("svm", {}, "iris", 1), version=1, folds=5))
    'evaluate'
    """
    return str(type(job).__struct_config__.tag)
