"""The store of one machine: files and SQLite, durable, safe for several processes and threads."""

from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords

__all__ = ["DiskBlobs", "DiskRecords"]
