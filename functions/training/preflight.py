"""Refuse a job before it is queued, if the figures of its dataset version show that it must fail."""

from collections.abc import Sequence

from functions.records.kinds import DatasetVersion
from functions.runs.job import Spec
from functions.training.bench import reads
from lepton_core import target, weights
from lepton_core.errors import InvalidData, InvalidInput, TooLarge
from lepton_core.models import algorithm
from lepton_core.preprocess import Preprocessor
from lepton_core.remedy import argument, training
from lepton_core.table import BY_FILE, ColumnFigures


def check(data: DatasetVersion, columns: Sequence[ColumnFigures], spec: Spec, memory_bytes: int = 0) -> int:
    """About so many bytes of memory a training by the spec takes.

    Raises `InvalidInput` naming 'dataset', 'weight', 'class_weight', 'split', 'monotone' or 'interactions' if the fit
    must fail on this data.

    So it does if it needs more than ``memory_bytes`` of memory; 0: nobody knows how much there is.
    """
    needed = check_memory(data, columns, memory_bytes)
    check_label(data, columns, spec)
    check_weights(data, columns, spec)
    check_split(data, columns, spec)
    check_columns(data, columns, spec)
    return needed


def check_memory(data: DatasetVersion, columns: Sequence[ColumnFigures], memory_bytes: int) -> int:
    """About so many bytes of memory a training on the data takes.

    Raises `TooLarge` with the figures if that is more than ``memory_bytes``; 0: any may do.
    """
    from lepton_core.needed_memory import training_bytes  # noqa: PLC0415  (predictions need it not)

    needed = training_bytes(data.rows, columns)
    if 0 < memory_bytes < needed:
        way = argument(exclude=[...])
        raise TooLarge(
            f"a training on dataset {data.dataset!r} version {data.version} ({data.rows} rows of {len(columns)} "
            f"columns) needs about {_shown(needed)} of memory, and {_shown(memory_bytes)} are there (setting "
            f"memory_bytes); upload fewer rows, leave columns out with {way}, or train where more memory is",
            field="dataset",
            remedies=(way,),
        )
    return needed


def _shown(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def check_label(data: DatasetVersion, columns: Sequence[ColumnFigures], spec: Spec) -> None:
    """Raises `InvalidInput` if the spec's task, or any of its algorithm, cannot learn the label."""
    tasks = algorithm(spec.algorithm).tasks if spec.task is None else frozenset({spec.task})
    label = next(column for column in columns if column.name == data.label)
    try:
        target.check_figures(label, tasks)
    except InvalidData as error:
        raise _of(data, error, "dataset") from None


def check_weights(data: DatasetVersion, columns: Sequence[ColumnFigures], spec: Spec) -> None:
    """Raises `InvalidInput` if the spec's weights cannot be those of these rows, or of their classes."""
    if spec.class_weight is not None and spec.task == "regression":
        raise InvalidInput("a regression has no classes", field="class_weight")
    if spec.weight is None:
        return
    try:
        weights.check_figures(columns, spec.weight, data.label)
    except InvalidData as error:
        raise _of(data, error, "weight") from None
    _no_feature(spec, spec.weight, "weight")


def check_split(data: DatasetVersion, columns: Sequence[ColumnFigures], spec: Spec) -> None:
    """Raises `InvalidInput` if the spec's split reads a column that these rows lack, or that means something else.

    So it does if the split is that of a second file, and the data have none; or the other way round.
    """
    split = spec.split
    if (split.rule == BY_FILE.rule) != bool(data.held_out):
        raise _not_its_split(data)
    split.check_columns([column.name for column in columns], data.label)
    if split.hides is None:
        return
    if split.hides == spec.weight:
        raise InvalidInput(f"{spec.weight!r} is the weight; name another column", field="split.column")
    _no_feature(spec, split.hides, "split.column")


def check_columns(data: DatasetVersion, columns: Sequence[ColumnFigures], spec: Spec) -> None:
    """Raises `InvalidInput` if the spec says a sign, or a group, of a column that cannot have it.

    So it does if there are signs, and the label has more than two classes as far as its figures tell.
    """
    if not (spec.hyperparameters.get("monotone") or spec.hyperparameters.get("interactions")):
        return
    from lepton_core.constraints import check_constraints  # noqa: PLC0415  (no prediction needs it)

    taken = {data.label: "the label"}
    taken |= {} if spec.weight is None else {spec.weight: "the weight"}
    taken |= {} if spec.split.hides is None else {spec.split.hides: "what the split reads"}
    label = next(column for column in columns if column.name == data.label)
    check_constraints(
        spec.hyperparameters, {one.name: one.kind for one in columns}, taken, label.distinct or 0
    )


def _not_its_split(data: DatasetVersion) -> InvalidInput:
    which = f"version {data.version} of dataset {data.dataset!r}"
    if data.held_out:
        what = f"{which} holds out the rows of its second file, and no others: train the model anew, without split"
    else:
        what = f"{which} has no second file whose rows are held out; upload it with held_out, or train the model anew"
    way = training(split=None, warm_start=False)
    return InvalidInput(f"{what} and without warm_start: {way}", field="split", remedies=(way,))


def _no_feature(spec: Spec, column: str, field: str) -> None:
    if spec.preprocessor is not None and reads(Preprocessor.from_dict(spec.preprocessor), column):
        raise InvalidInput(
            f"the model's preprocessor was fitted to data with {column!r} as a feature; upload it again, "
            "not fitted, or fitted to data without that column",
            field=field,
        )


def _of(data: DatasetVersion, error: InvalidData, field: str) -> InvalidInput:
    return InvalidInput(
        f"dataset {data.dataset!r} version {data.version}, {error.message}",
        field=field,
        column=error.column,
        remedies=error.remedies,
    )
