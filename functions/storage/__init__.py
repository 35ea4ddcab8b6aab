"""The only door to state: write-once files (`Blobs`) and conditional records (`Records`).

Two implementations pass one contract suite: `disk_records` with `disk_blobs`, and `aws`.
"""

from functions.storage.protocols import (
    MAX_RECORD_BYTES,
    MAX_WRITES,
    BlobExists,
    BlobMissing,
    Blobs,
    Check,
    Delete,
    Draft,
    Lost,
    Put,
    Record,
    Records,
    Write,
)
from functions.storage.record_codec import RecordKind, Upgrade
from functions.storage.workspace import SYSTEM, Stored, Workspace

__all__ = [
    "MAX_RECORD_BYTES",
    "MAX_WRITES",
    "SYSTEM",
    "BlobExists",
    "BlobMissing",
    "Blobs",
    "Check",
    "Delete",
    "Draft",
    "Lost",
    "Put",
    "Record",
    "RecordKind",
    "Records",
    "Stored",
    "Upgrade",
    "Workspace",
    "Write",
]
