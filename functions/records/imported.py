"""Versions that come out of a file: what is kept of where they were trained, and a file on its way to become one."""

from datetime import datetime
from typing import Literal

import msgspec

from functions.records.files import File
from functions.storage import RecordKind
from lepton_core.errors import Failure
from lepton_core.table import ReadingOptions
from lepton_core.table.reading_options import NOTHING_SAID


class Imported(msgspec.Struct, frozen=True):
    """Where a version was trained that came out of a file: as ``version`` of ``model``, at ``created``.

    ``label`` is the column that it predicts, ``data`` and ``data_version`` name what it learnt from there, and
    ``reading`` what was said of how to read that. ``judged`` is the digest of its judged fit: where another one
    serves, the file has that one alone. ``head`` and ``card`` are as they came, to be exported again.
    """

    model: str
    version: int
    created: datetime
    label: str
    data: str
    data_version: int
    judged: str
    head: File
    card: File
    reading: ReadingOptions = NOTHING_SAID


class Import(msgspec.Struct, frozen=True):
    """The file of an exported version on its way to become one of ``model``; ``size`` was announced, in bytes.

    ``dataset`` names the data set that a new model learns from. An accepted one is ``version``, and ``made`` it
    if the model did not have it before. ``digest`` is that of the file that settled it.
    """

    id: str
    model: str
    dataset: str
    state: Literal["waiting", "accepted", "rejected"]
    created: datetime
    size: int
    version: int | None = None
    made: bool = False
    error: Failure | None = None
    digest: str | None = None


IMPORTS = RecordKind("imports", Import)  # model, import id
