"""The tables of dataset versions, as they lie in the store."""

from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core.artifact import read_container
from lepton_core.table import (
    Schema,
    Table,
    unpack_table,
)


def read_table(store: Workspace, version: DatasetVersion) -> Table:
    """The table of a dataset version."""
    return unpack_table(*read_container(store.blobs.get(version.table)))


def read_schema(store: Workspace, version: DatasetVersion) -> Schema:
    """The columns of a dataset version with their types and levels."""
    return read_table(store, version).schema
