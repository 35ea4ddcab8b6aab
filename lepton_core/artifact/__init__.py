"""Model files: arrays and a JSON header in a data-only container, and their digest."""

from typing import TYPE_CHECKING

from lepton_core.artifact.container import (
    MAX_HEADER_BYTES,
    MAX_HEADER_VALUES,
    container_pieces,
    digest,
    is_container,
    read_container,
    write_container,
)
from lepton_core.later import later

if TYPE_CHECKING:
    from lepton_core.artifact.document import is_document, pack_document, unpack_document

__all__ = [
    "MAX_HEADER_BYTES",
    "MAX_HEADER_VALUES",
    "container_pieces",
    "digest",
    "is_container",
    "is_document",
    "pack_document",
    "read_container",
    "unpack_document",
    "write_container",
]

_OF_DOCUMENTS = ("is_document", "pack_document", "unpack_document")

__getattr__ = later(__name__, dict.fromkeys(_OF_DOCUMENTS, "document"))
