"""What is done from time to time, and when that was done last."""

from datetime import datetime

import msgspec

from functions.storage import RecordKind


class Schedule(msgspec.Struct, frozen=True):
    """When what is done from time to time was done last, and whether somebody is at it.

    ``done`` is when the last turn that was finished began, ``begun`` when one did that is not finished yet.
    """

    done: datetime | None = None
    begun: datetime | None = None


SCHEDULES = RecordKind("schedules", Schedule)  # name (in SYSTEM)
