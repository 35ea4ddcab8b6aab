"""A program that uploads bad files, each in a process of its own, and prints how far the peak of its memory rises.

It names the cases of the standard input, see `tests.support.rises`. A file lies where files land; it is read, and its
report is made, as that of each upload.
"""

import gzip
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from functions.context import Context
from functions.datasets.ingest import landed
from functions.records.find import dataset_version
from functions.settings import Settings
from functions.storage.disk_blobs import DiskBlobs
from functions.storage.disk_records import DiskRecords
from tests.lepton_core.table.files.bad import (
    amounts,
    archives,
    encodings,
    formats,
    large,
    layouts,
    names,
    others,
    rows,
    unseen,
    values,
)
from tests.lepton_core.table.files.bad.made import GOOD
from tests.support.clocks import Clock
from tests.support.rises import measure

TEXTS = (GOOD.encode(), GOOD.encode("latin-1"), gzip.compress(GOOD.encode()))
TYPED = (b'{"a": 1, "y": 2}\n' * 9, formats.PARQUET, formats.EXCEL)
"""Good files of each form: what is loaded once for all that follow is no part of a rise."""

FILES: dict[str, Callable[[], bytes]] = {
    **{
        f"{group.__name__.rpartition('.')[2]}: {name}": lambda its=its: its[0]  # type: ignore[misc]
        for group in (rows, encodings, names, layouts, amounts, values, archives, formats, unseen)
        for name, its in group.FILES.items()
    },
    **{f"others: {name}": lambda its=its: its for name, its in others.FILES.items()},  # type: ignore[misc]
    **{f"large: {name}": its.made for name, its in large.FILES.items()},
}


def begun(case: str) -> Callable[[Path], str]:
    """A fresh platform that has taken up good files; what it returns says what becomes of another one."""
    folder = Path(tempfile.mkdtemp(dir="."))
    context = Context(
        blobs=DiskBlobs(folder / "blobs"),
        records=DiskRecords(folder / "records.sqlite"),
        clock=Clock(),
        new_id=str,
        settings=Settings(),
    )
    is_typed = any(form in case for form in ("formats", "JSON", "Parquet", "Excel"))
    for place, data in enumerate(TYPED if is_typed else TEXTS):
        context.blobs.put(f"default/incoming/warm/{place}", data)
        landed(context, f"default/incoming/warm/{place}")

    def read(file: Path) -> str:
        path = folder / "blobs/default/incoming/m/file"
        path.parent.mkdir(parents=True)
        file.rename(path)
        found = landed(context, "default/incoming/m/file")
        assert found is not None
        if found.error is not None:
            return f"{found.error.code}: {found.error.message}"
        version = dataset_version(context.workspace("default"), "m", 1).value
        assert version.report is not None
        return f"{version.rows} rows"

    return read


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        begun("text")  # what is imported here a fork need not import
        begun("JSON")
        measure(lambda case: FILES[case](), begun)
        os.chdir("/")
