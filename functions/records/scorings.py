"""Files of rows on their way to be scored: announced, or put into a folder, until a run has taken each up."""

from datetime import datetime
from typing import Literal

import msgspec

from functions.storage import RecordKind, Workspace
from functions.storage.checks import is_blob_key
from lepton_core.errors import Failure
from lepton_core.table import ReadingOptions
from lepton_core.table.reading_options import NOTHING_SAID


class Scoring(msgspec.Struct, frozen=True):
    """A file of rows that ``model`` is to predict, called ``name``; ``size`` was announced, in bytes.

    An accepted one is scored by ``run``. ``version`` was wished for; None: the one that serves. ``digest`` is that of
    the file that settled it.
    """

    id: str
    model: str
    name: str
    state: Literal["waiting", "accepted", "rejected"]
    created: datetime
    size: int | None = None
    version: int | None = None
    reading: ReadingOptions = NOTHING_SAID
    error: Failure | None = None
    digest: str | None = None
    run: str | None = None


SCORINGS = RecordKind("scorings", Scoring)  # model, file id

SCORED, WHY_NOT = ".scored.", ".error.txt"
"""In the names of files that the platform puts beside those that it is to score: none of them is scored itself."""

_LONGEST_ENDING = ".scored.parquet"


def has_room_beside(key: str) -> bool:
    """Whether a file can lie at ``key`` of a store, and its result beside it.

    >>> has_room_beside("w/predict/m/rows.csv"), has_room_beside("w/predict/m/"), has_room_beside("w/" + "x" * 250)
    (True, False, False)
    """
    return is_blob_key(key) and is_blob_key(key + _LONGEST_ENDING)


def name_beside(name: str, scored: str) -> str:
    """What the result, called ``scored``, of the file ``name`` is called beside it, where others may lie.

    >>> name_beside("rows.csv", "rows.scored.csv"), name_beside("rows.xlsx", "rows.scored.csv")
    ('rows.scored.csv', 'rows.xlsx.scored.csv')
    """
    stem, _, ending = scored.rpartition(SCORED)
    return scored if f"{stem}.{ending}" == name else f"{name}{SCORED}{ending}"


def landing_key(store: Workspace, model: str, name: str) -> str:
    """Where an announced file lands."""
    return store.blob("scoring", model, name)


def is_result(name: str) -> bool:
    """Whether a file in the folder of a model is one that the platform put there.

    >>> is_result("rows.scored.csv"), is_result("rows.csv.error.txt"), is_result("rows.csv")
    (True, True, False)
    """
    return SCORED in name or name.endswith(WHY_NOT)
