"""The difference between two versions of a dataset, from their tables and the report of the earlier one."""

from functions.datasets import reports
from functions.datasets.parts import read_table
from functions.records.kinds import DatasetVersion
from functions.storage import Workspace
from lepton_core import report as reporting
from lepton_core.errors import NotFound
from lepton_core.report import Difference


def between(store: Workspace, before: DatasetVersion, now: DatasetVersion) -> Difference:
    """What changed from version ``before`` to ``now``. Raises `Damaged`."""
    try:
        earlier = reporting.Earlier(before.version, reports.read(store, before))
    except NotFound:
        earlier = None
    return reporting.difference(
        read_table(store, before),
        read_table(store, now),
        (before.label, now.label),
        (before.version, now.version),
        earlier,
    )
