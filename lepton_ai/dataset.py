"""Data sets of the platform: their versions, what is to know of each, and what is done with them."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from lepton_ai.connect import connect
from lepton_ai.data import Data
from lepton_ai.data_diff import DataDescription, DataDiff
from lepton_ai.data_report import DataReport
from lepton_ai.errors import Forbidden, NotFound
from lepton_ai.follow import follow_upload
from lepton_ai.progress import reporter, say
from lepton_ai.remedies import reading_files
from lepton_ai.replies import read
from lepton_ai.results import Upload, rows_of
from lepton_ai.transport import Transport, checked_name, pages
from lepton_ai.upload_notes import kept_label
from lepton_core.errors import Failure
from lepton_core.report import Difference, Report
from lepton_core.table import ReadingOptions

_BIG_UPLOAD = 4 << 20


class DataVersion(msgspec.Struct, frozen=True):
    """One version of a data set; ``state`` is 'held' as long as no model is trained on it by itself.

    The last ``held_out`` of its rows are those of a second file, which no training sees.
    """

    dataset: str
    version: int
    rows: int
    label: str
    column_count: int
    created: datetime
    digest: str
    state: str = "open"
    held_out: int = 0

    def __str__(self) -> str:
        """One line."""
        held = "" if self.state == "open" else f", {self.state}"
        return (
            f"data {self.dataset} version {self.version}: {rows_of(self.rows, self.held_out)}, "
            f"{self.column_count} columns, label {self.label}{held}"
        )


class DataSummary(msgspec.Struct, frozen=True):
    """A data set as a list has it; ``latest`` is the number of its newest version, which has ``rows`` and ``state``."""

    name: str
    label: str
    latest: int
    created: datetime
    tags: tuple[str, ...] = ()
    rows: int = 0
    state: str = "open"
    models: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line."""
        tags = f", {' '.join(self.tags)}" if self.tags else ""
        return f"{self.name}: version {self.latest}, label {self.label}{tags}"


class RejectedFile(msgspec.Struct, frozen=True):
    """A file that became no version: the ``id`` of its upload, and the ``error`` that says why."""

    id: str
    error: Failure

    def __str__(self) -> str:
        """One line."""
        return f"{self.id} was rejected: {self.error.message}"


class Dataset:
    """The data set ``name`` of the platform that the environment names."""

    def __init__(self, name: str, *, transport: Transport | None = None) -> None:
        self._name = checked_name(name)
        self._transport = connect() if transport is None else transport

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def _path(self) -> str:
        return f"/v1/datasets/{quote(self._name, safe='')}"

    def __repr__(self) -> str:
        return f"<Dataset {self._name!r}, at {self._transport.address}>"

    @property
    def latest(self) -> int:
        """The number of its newest version, as of now."""
        return read(self._transport.call("GET", self._path), DataSummary).latest

    @property
    def models(self) -> list[str]:
        """The names of the models that learn from it, as of now."""
        return list(self._transport.call("GET", self._path)["models"])

    @property
    def tags(self) -> list[str]:
        """The words by which it is found, as of now."""
        return list(read(self._transport.call("GET", self._path), DataSummary).tags)

    def tag(self, *tags: str) -> None:
        """Give it these tags, words or ``key=value``, in place of those that it has.

        Errors: ``InvalidInput`` for more than 50, or one that is too long or has other characters than letters, digits
        and ``_.:/@+-``.
        """
        self._transport.call("PUT", f"{self._path}/tags", body={"tags": list(tags)})

    def rename(self, name: str) -> None:
        """Call it ``name`` from now on. Models that learn from it go on to do so, and nothing of it changes.

        The name that it had is free then: what is uploaded under that is another data set.

        Errors: ``Conflict`` if there is a data set of that name already, or a model that waits for one.
        """
        self._transport.call("PUT", f"{self._path}/name", body={"name": checked_name(name)})
        self._name = name

    def versions(self) -> list[DataVersion]:
        """All versions, the oldest first."""
        return [read(one, DataVersion) for one in pages(self._transport, f"{self._path}/versions")]

    def rejected(self) -> list[RejectedFile]:
        """The files that became no version, whether they were sent or put into its folder."""
        found = pages(self._transport, f"{self._path}/uploads")
        return [read(one, RejectedFile) for one in found if one["state"] == "rejected"]

    def upload(self, data: Data, *, append: bool = False, quiet: bool = False) -> Upload:
        """Upload ``data`` as the next version, and wait until it is accepted; see `Model.upload_data`.

        Where nobody said a label it is that of the version before, which is said on stderr unless ``quiet``.

        With ``append`` its rows are joined to those of the newest version. A row is known by what it holds and by how
        manyth copy of that it is: those that are there already are not added, and ``added`` and ``repeated`` of the
        answer count both. Without a new row there is no new version. Rows that were held out stay so, and so do those
        of a second file of ``data``; its others are rows to train on.
        """
        content, start = data.body, f"{self._path}/upload"
        asked = {"size": content.size, **({"mode": "append"} if append else {}), **data.said}
        upload = read(self._transport.call("POST", start, body=asked), Upload)
        path = f"{start}/{quote(upload.id, safe='')}"
        shown = reporter(f"uploading {self._name}", "byte", quiet=quiet or content.size < _BIG_UPLOAD)
        try:
            # A platform within this process need not read the file once more.
            with data.handed_over():
                self._transport.call(
                    "PUT",
                    upload.url or path,
                    body=content,
                    content_type=data.content_type,
                    sent=lambda count: shown.update(count, content.size),
                )
        finally:
            shown.close()
        with data.wording():
            done = follow_upload(self._transport, path, upload)
        try:
            found = self.report(done.version)
        except NotFound:  # the platform is of before there were reports
            return done
        if data.is_no_text:
            found = msgspec.structs.replace(found, report=reading_files(found.report))
        if "label" not in data.said and (label := kept_label(found.report, data.label)):
            say(label, quiet=quiet)
        return msgspec.structs.replace(done, report=found)

    def read_again(self, version: int | None = None, **said: Any) -> Upload:
        """Read the file of ``version`` (default: the newest) again, as is ``said`` here, and wait for the new version.

        It is read as by `Data.from_file`: ``label``, ``kinds``, ``exclude``, ``missing``, ``decimal``, ``delimiter``,
        ``header`` and so on; what is left out is as before. Nothing is sent. Rows that were appended are joined to the
        newest version again.

        Errors: ``NotFound`` if the platform has not kept the file, ``TooLarge`` for one that has to be sent again,
        ``Conflict`` for appended rows that are not the newest, ``InvalidData`` for a file that cannot be read so.
        """
        which = self.latest if version is None else version
        path = f"{self._path}/versions/{which}/read"
        upload = read(self._transport.call("POST", path, body=said), Upload)
        return follow_upload(self._transport, f"{self._path}/upload/{quote(upload.id, safe='')}", upload)

    def said_if_held(self, version: int) -> str:
        """A line that says that ``version`` is held; empty if it is not."""
        found = read(self._transport.call("GET", f"{self._path}/versions/{version}"), DataVersion)
        if found.state != "held":
            return ""
        return f"data {self._name} version {version} is held: see Dataset({self._name!r}).report({version})"

    def report(self, version: int | None = None) -> DataReport:
        """What is to know of ``version`` (default: the newest). Errors: ``NotFound`` if there is no report of it."""
        which = self.latest if version is None else version
        path = f"{self._path}/versions/{which}"
        found = read(self._transport.call("GET", f"{path}/report"), Report)
        held = bool(found.held) and read(self._transport.call("GET", path), DataVersion).state == "held"
        return DataReport(self._name, which, found, held)

    def head(self, rows: int = 10, version: int | None = None) -> list[dict[str, Any]]:
        """The first ``rows`` of ``version`` (default: the newest), each as a dict that `Model.predict` takes."""
        which = self.latest if version is None else version
        path, asked = f"{self._path}/versions/{which}/head", {"rows": str(rows)}
        found = self._transport.call("GET", path, query=asked)
        made = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
        while made and len(made[0]) < found.get(
            "column_count", 0
        ):  # of a wide one an answer has some columns
            found = self._transport.call("GET", path, query={**asked, "column": str(len(made[0]))})
            for whole, row in zip(made, found["rows"], strict=True):
                whole.update(zip(found["columns"], row, strict=True))
        return made

    def release(self, version: int) -> None:
        """Let models be trained by themselves on a ``version`` that is held."""
        self._transport.call("POST", f"{self._path}/versions/{version}/release")

    def describe(self, version: int | None = None) -> DataDescription:
        """Everything that is kept of ``version`` (default: the newest)."""
        which = self.latest if version is None else version
        path = f"{self._path}/versions/{which}/describe"
        found = read(self._transport.call("GET", path), DataDescription)
        while len(found.columns) < found.column_count:  # of a wide one an answer has some columns
            more = self._transport.call("GET", path, query={"column": str(len(found.columns))})
            columns = (*found.columns, *read(more, DataDescription).columns)
            found = msgspec.structs.replace(found, columns=columns)
        return found

    def kept_reading(self) -> ReadingOptions:
        """What was said of how its files are read; nothing if there is no version, or the key may not read.

        Errors: those of the platform.
        """
        try:
            path = f"{self._path}/versions/{self.latest}/describe"
            return read(self._transport.call("GET", path), DataDescription).reading
        except (Forbidden, NotFound):
            return ReadingOptions()

    def diff(self, since: int, version: int | None = None) -> DataDiff:
        """What changed from version ``since`` to ``version`` (default: the newest)."""
        which = self.latest if version is None else version
        answer = self._transport.call("GET", f"{self._path}/versions/{which}/diff/{since}")
        return DataDiff(self._name, read(answer, Difference))

    def delete(self, version: int | None = None, *, force: bool = False) -> None:
        """Delete ``version``, or, without one, the whole data set. Its files are freed, and no number is given again.

        Errors: ``Conflict`` naming who uses it: runs under way, versions of models that were trained on it, models that
        learn from it. With ``force`` only the first counts. A model goes on to serve in any case.
        """
        path = self._path if version is None else f"{self._path}/versions/{version}"
        self._transport.call("DELETE", path, query={"force": "true"} if force else {})


def datasets(tag: str | None = None, search: str | None = None) -> list[DataSummary]:
    """All data sets of the platform that the environment names, or those with a ``tag``, or with a text in the name."""
    query = {**({} if tag is None else {"tag": tag}), **({} if search is None else {"search": search})}
    return [read(one, DataSummary) for one in pages(connect(), "/v1/datasets", query)]
