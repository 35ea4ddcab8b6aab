"""What a model card tells, gathered from the records and files of a version."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.datasets.parts import read_columns
from functions.records import find
from functions.records.kinds import DatasetVersion, Version
from functions.records.names import name_of
from functions.runs.job import UpdateJob
from functions.runs.record import RUNS, Run, UpdateOutcome
from functions.serving.artifacts import read_version
from functions.storage import Workspace
from lepton_core.card.facts import Card, CardColumn, CardData, CardFit, CardMember
from lepton_core.ensemble import Ensemble
from lepton_core.errors import NotFound
from lepton_core.evaluate import ClassificationReport, PermutationImportance, RegressionReport
from lepton_core.load import bare
from lepton_core.predict import Predictor

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def gather(
    store: Workspace,
    version: Version,
    report: ClassificationReport | RegressionReport,
    importance: PermutationImportance | None,
) -> Card:
    """The card of a version, with its evaluation and its columns' importance. Raises `Damaged`."""
    judged = bare(read_version(store, version.model, version.version))
    run = store.get(RUNS, version.run)
    outcome = None if run is None else run.value.outcome
    again = version.served
    fit = CardFit(version.artifact.digest, version.rows)
    return Card(
        model=version.model,
        version=version.version,
        algorithm=version.algorithm,
        created=version.created,
        hyperparameters=version.hyperparameters,
        data=_data(store, version, judged),
        judged=fit,
        served=fit if again is None else CardFit(again.artifact.digest, again.rows),
        evaluation=report,
        members=tuple(CardMember(one.algorithm, one.hyperparameters, one.weight) for one in version.members),
        cross_validation=version.cross_validation,
        importance=importance,
        champion=_champion(None if run is None else run.value),
        verdict=outcome.verdict if isinstance(outcome, UpdateOutcome) else None,
        warm_from=version.warm_from,
        weight=version.weight,
        class_weight=version.class_weight,
        steps=_steps(judged),
        libraries=version.libraries,
    )


def _champion(run: Run | None) -> int | None:
    return run.job.champion if run is not None and isinstance(run.job, UpdateJob) else None


def _single(judged: "Servable") -> Sequence[Predictor]:
    if isinstance(judged, Ensemble):
        return judged.members
    return [judged] if isinstance(judged, Predictor) else []


def _steps(judged: "Servable") -> tuple[str, ...]:
    """The transformers of all members, each once, in their order."""
    return tuple(
        dict.fromkeys(step.transformer for one in _single(judged) for step in one.preprocessor.steps)
    )


def _data(store: Workspace, version: Version, judged: "Servable") -> CardData:
    bare = CardData(
        name_of(store, version.dataset),
        version.dataset_version,
        version.dataset_digest,
        judged.label,
        version.split,
    )
    try:
        found = find.dataset_version(store, version.dataset, version.dataset_version).value
    except NotFound:  # it was deleted, and the version stays
        return bare
    columns = _columns(store, found, version, judged)
    return CardData(
        bare.name,
        bare.version,
        bare.digest,
        bare.label,
        bare.split,
        rows=found.rows,
        held_out=found.held_out,
        columns=columns,
    )


def _columns(
    store: Workspace, data: DatasetVersion, version: Version, judged: "Servable"
) -> tuple[CardColumn, ...]:
    reasons: dict[str, str] = {}
    filled: dict[str, float] = {}
    for one in reversed(_single(judged)):
        reasons |= one.preprocessor.left_out
        for step in one.preprocessor.steps:
            if step.transformer == "Impute" and step.state is not None:
                fills = zip(step.state.columns, step.state.arrays["fill"], strict=True)
                filled |= {name: float(fill) for name, fill in fills if isinstance(fill, int | float)}
    deals = version.split.column
    levels = {column.name: column.levels for column in judged.schema.columns}
    told = {name: reasons.get(name) or "not read" for name in (one.name for one in read_columns(store, data))}
    told |= dict.fromkeys(judged.reads & told.keys(), "read")
    if deals is not None and told.get(deals, "read") != "read":
        told[deals] = "split"
    if version.weight is not None:
        told[version.weight] = "weight"
    told[judged.label] = "label"
    return tuple(
        CardColumn(one, told[one.name], levels.get(one.name, ()), filled.get(one.name))
        for one in read_columns(store, data)
    )
