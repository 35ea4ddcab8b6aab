"""The effect of a column on what a version says, over some rows of the data that it was trained on."""

from difflib import get_close_matches

from functions.datasets.parts import source_of
from functions.records import find
from functions.records.kinds import Version
from functions.serving.artifacts import read_predictor
from functions.storage import Workspace
from lepton_core.effect import effect
from lepton_core.errors import InvalidInput
from lepton_core.evaluate import Effect
from lepton_core.table.kinds.bins import some_rows

MOST_VARIED_ROWS = 20_000
"""Rows of the first part of the data in which values of the column are looked for."""


def effect_of(store: Workspace, version: Version, column: str | None) -> Effect:
    """The effect of ``column`` on what the ``version`` answers.

    Raises `InvalidInput` for a column that it does not read, `NotFound` if its data were deleted, `Conflict` if they
    are on another platform, `InvalidData` if they have no value there, and `Damaged`.
    """
    predictor = read_predictor(store, version.model, version.version, version.answers)
    names = predictor.schema.names
    if column is None or column not in names:
        near = get_close_matches(column or "", names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it reads {', '.join(names[:10])}"
        what = "name a column" if column is None else f"the version reads no column {column[:64]!r}"
        raise InvalidInput(f"{what}; {hint}", field="column")
    data = find.data_of(store, version)
    part = next(iter(source_of(store, data).parts()))
    rows = part.take(some_rows(part.rows, MOST_VARIED_ROWS)).select(names)
    return effect(predictor, rows, column)
