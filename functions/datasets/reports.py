"""The reports of dataset versions, as JSON beside their parts, and the difference of two versions."""

import msgspec

from functions.context import log
from functions.datasets.parts import read_table
from functions.records import find
from functions.records.files import File, decoded, read_file, write_once
from functions.records.kinds import DatasetVersion
from functions.records.names import name_of
from functions.storage import Workspace
from lepton_core import report as reporting
from lepton_core.artifact import digest
from lepton_core.errors import Damaged, NewerFormat, NotFound
from lepton_core.format_check import check_format
from lepton_core.report.values import FORMAT, Difference, Report

_REPORT = msgspec.json.Decoder(Report)


class _Mark(msgspec.Struct, frozen=True):
    format: int = 1


_MARK = msgspec.json.Decoder(_Mark)


def write(store: Workspace, report: Report, *path: str) -> File:
    """Write a report below ``tables/path``; a second time changes nothing."""
    data = msgspec.json.encode(report)
    return write_once(store, store.blob("tables", *path, f"report-{digest(data).replace(':', '-')}"), data)


def read(store: Workspace, version: DatasetVersion) -> Report:
    """The report of a version.

    Raises `NotFound` for a version from before there were reports, `Damaged` for a report that is gone or not what was
    written, `NewerFormat` for one that a newer program wrote.
    """
    if version.report is None:
        raise NotFound(
            f"version {version.version} of dataset {name_of(store, version.dataset)!r} was uploaded before there "
            "were reports; upload the file again"
        )
    what = f"the report of version {version.version} of dataset {version.dataset!r}"
    data = read_file(store, version.report, what)
    check_format(decoded(data, _MARK, what).format, FORMAT, what)
    return decoded(data, _REPORT, what)


def newest(store: Workspace, latest: DatasetVersion | None, label: str) -> "reporting.Earlier | None":
    """The report to compare the version after ``latest`` with, which predicts ``label``.

    It is that of the newest version that is not held and predicts the same, if it has any.
    """
    if latest is None:
        return None
    fits = latest.state != "held" and latest.label == label
    version = latest if fits else find.newest_open(store, latest.dataset, label)
    if version is None:
        return None
    report = of_version(store, version)
    return None if report is None else reporting.Earlier(version.version, report)


def of_version(store: Workspace, version: DatasetVersion) -> Report | None:
    """The report of a version; None if there is none, or it cannot be read."""
    try:
        return read(store, version)
    except NotFound:
        return None
    except (Damaged, NewerFormat) as error:
        # A new file is worth more than what could be said of it.
        log.warning("%s", error.message)
        return None


def difference(store: Workspace, before: DatasetVersion, now: DatasetVersion) -> Difference:
    """What changed from version ``before`` to ``now``. Raises `Damaged`."""
    try:
        earlier = reporting.Earlier(before.version, read(store, before))
    except NotFound:
        earlier = None
    return reporting.difference(
        read_table(store, before),
        read_table(store, now),
        (before.label, now.label),
        (before.version, now.version),
        earlier,
    )
