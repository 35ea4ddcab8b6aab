"""A complete file on this machine: taken in, then moved out of ``incoming`` with a report beside it."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from uuid import uuid4

import msgspec

from functions.context import Context, log
from functions.records import find
from functions.records.kinds import Upload
from functions.records.names import all_names, name_of, renamed_to
from functions.records.readable_key import readable_key
from functions.storage import Workspace, posix
from functions.storage.checks import is_blob_key
from infra.local.watcher import signature_of
from lepton_core.errors import Failure

LARGE_BYTES = 32 << 20
"""From here on a file is a large one, which takes so long that nobody waits for what becomes of it."""


class IntakeReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The report on one file: ``version`` of its dataset, or the ``error`` for which it was rejected.

    ``note``: what somebody may have overlooked, such as that no model learns from that dataset.
    """

    file: str
    dataset: str
    upload: str
    state: Literal["accepted", "rejected"]
    settled: datetime
    version: int | None = None
    error: Failure | None = None
    note: str = ""


@dataclass(frozen=True)
class Intake:
    """Takes in the files of ``blobs/WORKSPACE/incoming/DATASET``.

    An accepted file becomes ``blobs/WORKSPACE/done/DATASET/UPLOAD.csv``, a rejected one goes to ``rejected`` likewise,
    each with its `IntakeReport` in ``UPLOAD.json``. The move is the last step: a process that dies before it leaves the
    file where it was, and the next process that takes it in comes to the same result.
    """

    context: Context
    blobs: Path
    take_in: Callable[[str], Upload | None]
    """As `functions.datasets.ingest.landed`, in this process or in another."""

    def __call__(self, path: Path) -> None:
        """Take the file in, unless it is gone or another thread is at it; raises whatever keeps it from being taken."""
        try:
            before = path.lstat()
        except FileNotFoundError:
            return
        report = self._settle(path)
        if report is None:
            return
        folder = self._folder(path, report)
        moved = folder / f"{report.upload}.csv"
        _write(folder / f"{report.upload}.json", msgspec.json.format(msgspec.json.encode(report), indent=2))
        try:
            path.rename(moved)
        except FileNotFoundError:
            return  # moved by another process, which came to the same result
        if signature_of(moved.lstat()) != signature_of(before):
            # Somebody replaced the file, or wrote on, while it was taken in: what was moved is news.
            with suppress(FileExistsError):
                posix.publish(moved, path)
            moved.unlink()

    def _settle(self, path: Path) -> IntakeReport | None:
        key = path.relative_to(self.blobs).as_posix()
        if not is_blob_key(key):
            return self._refused(path, "its name has letters that no name of a file may have")
        upload = self.take_in(key)
        return None if upload is None else self._report(path, upload)

    def _report(self, path: Path, upload: Upload) -> IntakeReport | None:
        if upload.state == "waiting":
            return None
        now = self.context.clock()
        store = self.context.workspace(path.relative_to(self.blobs).parts[0])
        note = self._unheard(path, store, upload.dataset) if upload.state == "accepted" else ""
        dataset = name_of(store, upload.dataset)
        return IntakeReport(
            path.name, dataset, upload.id, upload.state, now, upload.version, upload.error, note
        )

    def _unheard(self, path: Path, store: Workspace, key: str) -> str:
        """That no model learns from the dataset, and which one may have been meant; empty if one does."""
        known = find.learned_from(store)
        if key in known:
            return ""
        dataset, names = name_of(store, key), all_names(store)
        renamed = renamed_to(store, dataset)
        near = get_close_matches(dataset, [names.get(one, one) for one in known], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "create one that does"
        if renamed is not None:
            hint = f"the one that had this name is called {renamed!r} now"
        note = f"no model learns from the dataset {dataset!r}; {hint}"
        log.warning("%r is taken in, but %s", str(path.relative_to(self.blobs)), note)
        return note

    def _refused(self, path: Path, why: str) -> IntakeReport:
        log.warning("%r is rejected: %s", str(path.relative_to(self.blobs)), why)
        name = os.fsencode(path.name)
        shown = name.decode(errors="backslashreplace")
        identity = readable_key(shown, name + b"\n" + str(path.lstat().st_mtime_ns).encode())
        now = self.context.clock()
        return IntakeReport(
            shown, path.parent.name, identity, "rejected", now, error=Failure("invalid_input", why)
        )

    @staticmethod
    def _folder(path: Path, report: IntakeReport) -> Path:
        room = "done" if report.state == "accepted" else "rejected"
        folder = path.parents[2] / room / path.parent.name
        posix.make_private_folder(folder)
        return folder


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with posix.new_private_file(draft) as file:
            file.write(content)
            posix.sync_file(file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
