"""The data of models: files that arrive become versions, whose tables lie in parts."""

from typing import TYPE_CHECKING

from lepton_core.later import later

if TYPE_CHECKING:
    from functions.datasets.large_files import (
        LargeTaken,
        PartWriter,
        demand_memory,
        is_large,
        replacing_large,
        unpacks_to_large,
    )
    from functions.datasets.reading_upload import UploadedFile, read_upload
    from functions.datasets.sent import draft_of_sent
    from functions.datasets.taking import Taken

__all__ = [
    "LargeTaken",
    "PartWriter",
    "Taken",
    "UploadedFile",
    "demand_memory",
    "draft_of_sent",
    "is_large",
    "read_upload",
    "replacing_large",
    "unpacks_to_large",
]

__getattr__ = later(
    __name__,
    {
        "LargeTaken": "large_files",
        "PartWriter": "large_files",
        "demand_memory": "large_files",
        "draft_of_sent": "sent",
        "is_large": "large_files",
        "Taken": "taking",
        "UploadedFile": "reading_upload",
        "read_upload": "reading_upload",
        "replacing_large": "large_files",
        "unpacks_to_large": "large_files",
    },
)
