"""What a model's traffic of past hours adds up to, so that nobody has to read all of its windows."""

from datetime import datetime

import msgspec

from functions.records.kinds import SketchDocument
from functions.storage import RecordKind


class Totals(msgspec.Struct, frozen=True):
    """The calls of each version of a model in the hours before ``until``, without the counts of features."""

    model: str
    until: datetime
    versions: dict[int, SketchDocument]


TOTALS = RecordKind("totals", Totals)  # model
