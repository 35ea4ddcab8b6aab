"""The tables of dataset versions, as they lie in the store."""

from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core.artifact import read_container
from lepton_core.table import Table, unpack_table


def read_table(store: Workspace, version: DatasetVersion) -> Table:
    """The table of a dataset version."""
    return unpack_table(*read_container(store.blobs.get(version.table)))
