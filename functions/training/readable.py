"""Whether a trained version can read later data: an update goes on from its weights, and is compared with it."""

from collections.abc import Sequence

from functions.datasets.parts import read_columns
from functions.records import find
from functions.records.kinds import DATASET_VERSIONS, DatasetVersion, Model, Version, number
from functions.serving.artifacts import read_version
from functions.storage import Workspace
from functions.training.made_again import again, known_to
from lepton_core.errors import InvalidInput
from lepton_core.remedy import Remedy, training
from lepton_core.table import BY_NAME, ColumnFigures


def check_readable(
    store: Workspace,
    model: Model,
    champion: Version,
    data: DatasetVersion,
    columns: Sequence[ColumnFigures],
) -> None:
    """Raises `InvalidInput` naming 'dataset' if the champion predicts another label, or reads a column otherwise.

    What it offers says all that the champion had, but of columns and classes that the data do not have, or otherwise.
    It reads nothing of the champion where the columns of its own data are still there.
    """

    def cannot(what: str, column: str | None = None) -> InvalidInput:
        request = again(store, model, champion)
        if column is None and isinstance(request.get("class_weight"), dict):
            del request["class_weight"]
        same = {one.name for one in columns if one.name not in (column, data.label)}
        return _cannot(champion, data, what, training(champion.model, **known_to(request, same)), column)

    label = find.label_of(store, champion)
    if label not in (None, data.label):
        raise cannot(f"predicts {label!r}, and the data have the label {data.label!r}")
    now = {one.name: one.kind for one in columns}
    if _has_all(store, champion, now):
        return
    predictor = read_version(store, champion.model, champion.version)
    for one in predictor.schema.columns:
        if one.name not in predictor.reads:
            continue
        if one.name not in now:
            raise cannot(f"reads the column {one.name!r}, which the data lack", one.name)
        kind = now[one.name]
        if kind != one.kind and not (BY_NAME[kind].quantitative and BY_NAME[one.kind].quantitative):
            what = f"reads the column {one.name!r} as {one.kind}, and the data have it as {kind}"
            raise cannot(what, one.name)


def _has_all(store: Workspace, champion: Version, now: dict[str, str]) -> bool:
    own = store.get(DATASET_VERSIONS, champion.dataset, number(champion.dataset_version))
    if own is None or own.value.life == "gone":
        return False
    return all(now.get(one.name) == one.kind for one in read_columns(store, own.value))


def _cannot(
    champion: Version, data: DatasetVersion, what: str, way: Remedy, column: str | None
) -> InvalidInput:
    return InvalidInput(
        f"version {champion.version} of model {champion.model!r} {what} (version {data.version} of dataset "
        f"{data.dataset!r}); it keeps serving; train the model anew: {way}",
        field="dataset",
        remedies=(way,),
        column=column,
    )
