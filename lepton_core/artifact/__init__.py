"""Model files: arrays and a JSON header in a data-only container, and their digest."""

from lepton_core.artifact.container import (
    MAX_HEADER_BYTES,
    MAX_HEADER_VALUES,
    digest,
    is_container,
    read_container,
    write_container,
)

__all__ = [
    "MAX_HEADER_BYTES",
    "MAX_HEADER_VALUES",
    "digest",
    "is_container",
    "read_container",
    "write_container",
]
