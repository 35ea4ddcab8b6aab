"""The store of one machine: files and SQLite, durable, safe for several processes and threads."""

from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_folder import API_KEY, Folder, open_folder
from functions.storage.disk_records import DiskRecords

__all__ = ["API_KEY", "DiskBlobs", "DiskRecords", "Folder", "open_folder"]
