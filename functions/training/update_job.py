"""The job of an update: the champion's recipe on the newest data."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from functions.datasets import reports
from functions.datasets.parts import read_columns
from functions.records import find
from functions.records.kinds import Model
from functions.records.names import name_of
from functions.runs.job import Spec, UpdateJob
from functions.storage import Workspace
from functions.training import preflight
from functions.training.specs import given
from lepton_core.errors import Conflict, Damaged, InvalidInput, NewerFormat, NotFound
from lepton_core.models import algorithm
from lepton_core.remedy import training
from lepton_core.search import Candidate

ASKED_FOR = "asked for"
"""The reason of an update that a caller wanted, in words."""

THOUGH = ", though "
"""In such a reason, between it and what spoke against the update."""


def asked_for(store: Workspace, model: Model) -> str:
    """The reason of an update that a caller wants, which says so if its data is held: the call stands for a release."""
    if model.champion is None:  # which `update_job` refuses
        return ASKED_FOR
    latest = find.dataset(store, model.dataset).value.latest
    version = find.dataset_version(store, model.dataset, latest).value
    if version.state != "held":
        return ASKED_FOR
    try:
        report = reports.read(store, version)
        codes = ", ".join(dict.fromkeys(one.code for one in report.findings if one.message in report.held))
    except (NotFound, Damaged, NewerFormat):  # what held it is not known any more
        codes = ""
    which = f"data version {latest} was held{f' ({codes})' if codes else ''}"
    return f"{ASKED_FOR}{THOUGH}{which}, trained on because update was called"


def update_job(
    store: Workspace,
    model: Model,
    changes: Mapping[str, Any],
    reason: str,
    *,
    data: int | None = None,
    memory_bytes: int = 0,
) -> tuple[UpdateJob, int]:
    """The champion's recipe, with ``changes``, on the newest data, from its weights; about how much memory that takes.

    An update that comes by itself names the version of its ``data``. ``memory_bytes`` is how much memory there is for
    it; 0: nobody knows.

    Raises `Conflict` without a champion, and `InvalidInput` for a change, or data, that nothing can be learnt from, or
    that the champion cannot read.
    """
    if model.champion is None:
        raise Conflict(f"model {model.name!r} has no champion yet; train and deploy it first")
    champion = find.version(store, model.name, model.champion).value
    hyperparameters = given(champion.hyperparameters, changes)
    from functions.training import made_again  # noqa: PLC0415  (no prediction needs it)

    asked = made_again.again(store, model, champion, **changes)
    if champion.members and hyperparameters:
        way = training(model.name, **asked)
        raise InvalidInput(
            f"the champion blends {len(champion.members)} models, each with settings of its own; update without any, "
            f"or train anew: {way}",
            field=next(iter(hyperparameters)),
            remedies=(way,),
        )
    first = champion.members[0] if champion.members else champion
    with made_again.offering(store, model, champion, **changes):
        algorithm(first.algorithm).configure(hyperparameters)
    latest = find.dataset(store, model.dataset).value.latest if data is None else data
    spec = Spec(
        algorithm=first.algorithm,
        hyperparameters=hyperparameters,
        dataset=model.dataset,
        dataset_version=latest,
        seed=int(champion.hyperparameters["seed"]),
        preprocessor=champion.preprocessor,
        task=champion.task,
        weight=champion.weight,
        class_weight=champion.class_weight,
        split=champion.split,
        default_steps="default-5",
    )
    version = find.dataset_version(store, model.dataset, latest).value
    columns = read_columns(store, version)
    called = replace(version, dataset=name_of(store, version.dataset))
    from functions.training.readable import check_readable  # noqa: PLC0415  (no prediction needs it)

    check_readable(store, model, champion, called, columns)
    with made_again.offering(store, model, champion, **changes):
        needed = preflight.check(called, columns, spec, memory_bytes)
    job = UpdateJob(
        spec,
        model.champion,
        tolerance=model.policy.tolerance,
        margin=model.policy.margin,
        reason=reason,
        by_itself=data is not None,
        refit=champion.served is not None,
        candidates=[Candidate(one.algorithm, one.hyperparameters) for one in champion.members],
        extras=champion.extras,
        asked=asked,
    )
    return job, needed
