"""The mark of a store that a backup is being put into."""

from datetime import datetime

import msgspec

from functions.storage import RecordKind


class Restore(msgspec.Struct, frozen=True):
    """A backup with this digest is being put into the store; the mark goes when that has ended."""

    backup: str
    since: datetime


RESTORES = RecordKind("restores", Restore)  # 'under-way' (in SYSTEM)
