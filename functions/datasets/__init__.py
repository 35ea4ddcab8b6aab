"""The data of models: files that arrive become versions, whose tables lie in parts."""

from typing import TYPE_CHECKING

from lepton_core.later import later

if TYPE_CHECKING:
    from functions.datasets.large_files import (
        LargeTaken,
        PartWriter,
        demand_memory,
        is_text,
        replacing_large,
    )

__all__ = ["LargeTaken", "PartWriter", "demand_memory", "is_text", "replacing_large"]

__getattr__ = later(
    __name__,
    {
        "LargeTaken": "large_files",
        "PartWriter": "large_files",
        "demand_memory": "large_files",
        "is_text": "large_files",
        "replacing_large": "large_files",
    },
)
