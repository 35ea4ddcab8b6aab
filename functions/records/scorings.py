"""Files of rows on their way to be scored: announced, or put into a folder, until a run has taken each up."""

from datetime import datetime
from typing import Literal

import msgspec

from functions.storage import RecordKind, Workspace
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


def landing_key(store: Workspace, model: str, name: str) -> str:
    """Where an announced file lands."""
    return store.blob("scoring", model, name)


def is_result(name: str) -> bool:
    """Whether a file in the folder of a model is one that the platform put there.

    >>> is_result("rows.scored.csv"), is_result("rows.csv.error.txt"), is_result("rows.csv")
    (True, True, False)
    """
    return SCORED in name or name.endswith(WHY_NOT)
