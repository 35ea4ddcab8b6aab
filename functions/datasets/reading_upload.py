"""A file that was uploaded, read as its upload says and as the versions before were."""

from dataclasses import replace
from functools import partial
from typing import TypeAlias

from functions.datasets.large_files import LargeTaken, PartWriter, replacing_large
from functions.datasets.parts import read_columns
from functions.datasets.taking import Taken, appending, replacing
from functions.records.files import pieces
from functions.records.kinds import DatasetVersion, Upload
from functions.storage import Workspace
from lepton_core import table as tables
from lepton_core.remedy import call
from lepton_core.table import ReadingOptions, described_schema
from lepton_core.table.cells import shown
from lepton_core.table.files import Note
from lepton_core.table.row_keys import NEWEST_FORM

UploadedFile: TypeAlias = "bytes | str | tables.Read"
"""All of it, the key under which it lies if it is read some of it at a time, or what was read of it already."""


def read_upload(
    store: Workspace,
    upload: Upload,
    file: UploadedFile,
    reading: ReadingOptions,
    newest: DatasetVersion | None,
    memory_bytes: int,
) -> Taken | LargeTaken:
    """The file as a table. Its label is the announced one, else that of the newest version, else an inferred one.

    Its cells are read as those of the newest version, unless the upload says otherwise. ``reading`` is all that was
    said of it and of those before. If there is a second file in it, its rows are held out. Raises `InvalidData`, and
    `TooLarge` for a file that needs more than ``memory_bytes``; 0: nobody knows how many there are.
    """
    known = () if newest is None else read_columns(store, newest)
    earlier = ReadingOptions() if newest is None else newest.reading
    label = upload.label if upload.label is not None or newest is None else newest.label
    columns = described_schema(known).columns
    if isinstance(file, tables.Read):
        return replacing(store, file, known, reading, newest)
    if isinstance(file, str):
        writer = PartWriter(
            store,
            (upload.dataset, upload.id),
            memory_bytes,
            size=store.blobs.size(file) or 0,
            before=[column.name for column in known],
            form=NEWEST_FORM if newest is None else newest.key_form,
        )
        found = tables.read_large_file(
            partial(pieces, store.blobs, file),
            writer,
            upload.reading,
            label=label,
            earlier=earlier,
            known=columns,
        )
        return replacing_large(store, writer.taken(_with_left_out(found.read)), known, reading, newest)
    end = len(file) - upload.held_out
    read = tables.read_file(file[:end], upload.reading, label=label, earlier=earlier, known=columns)
    read = _with_left_out(read)
    if upload.held_out:
        read = tables.with_held_out(read, file[end:], reading)
    if upload.mode == "append" and newest is not None:
        return appending(store, read, reading, newest)
    return replacing(store, read, known, reading, newest)


def _with_left_out(read: "tables.Read") -> "tables.Read":
    """With a note on columns that the file has, and that are left out because an earlier upload said so."""
    if not read.left_out:
        return read
    names = ", ".join(map(shown, read.left_out))
    note = Note("left_out", f"left out, as said before: {names}; to read it again", (call(exclude=[]),))
    return replace(read, notes=(*read.notes, note))
