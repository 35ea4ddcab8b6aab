"""Each listed table through Lepton's whole life, as its publisher wrote it, with nothing said but the label."""

import csv
import io
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from lepton_ai import Data, InvalidData, LeptonError, Model, Predictions
from lepton_ai.embedded import embedded_transport
from lepton_core.table.files import Sheet, open_sheet
from tests.benchmarks.real_tables.listed import Listed
from tests.benchmarks.real_tables.raw import label_of

MORE = 10
"""A later file has all rows and each that many-th again; the file that is appended has those alone, twice."""
SENT = 50
"""So many rows of the file are predicted on the way."""


@dataclass(frozen=True)
class Life:
    """How far a file came: ``stopped`` is the step that it did not take, with what was said; empty if it took all.

    ``notes`` counts what was said of the file when it was read.
    """

    notes: int
    stopped: str


def life(table: Listed, found: bytes, algorithm: str) -> Life:
    """The file through every step with this algorithm."""
    notes, step = 0, "read"
    with tempfile.TemporaryDirectory() as place:
        transport = embedded_transport(Path(place))
        try:
            notes = len(read(found, table).notes)
            model = Model(algorithm, name="life", quiet=True, transport=transport)
            for step in _steps(model, table, found):  # noqa: B007  (the last one is told)
                pass
        except LeptonError as error:
            # The file was copied to a folder that has another name each time.
            return Life(notes, f"{step}: {re.sub(r'^/[^:]*/', '', str(error))}")
        finally:
            transport.close()
    return Life(notes, "")


def _steps(model: Model, table: Listed, found: bytes) -> Iterator[str]:
    """The name of each step, before it is taken."""
    yield "upload"
    data = read(found, table)
    model.upload_data(data)
    yield "train"
    model.train()
    yield "evaluate"
    model.evaluate()
    yield "deploy"
    model.deploy()
    yield "predict"
    sheet = open_sheet(found)
    rows = list(chain.from_iterable(sheet.chunks()))
    features = [(at, name) for at, name in enumerate(sheet.names) if name != data.label]
    predicted(model, [{name: row[at] for at, name in features} for row in rows[:SENT]])
    yield "append"
    model.upload_data(read(later(sheet, rows[::MORE], 1), table), append=True)
    yield "upload of a later file"
    model.upload_data(read(later(sheet, rows, MORE), table))
    yield "update"
    model.update()
    yield "retire"
    model.retire()


def predicted(model: Model, rows: list[dict[str, str]]) -> Predictions:
    """What the model answers to these rows; a cell that it refuses by name is left out, as a client would do."""
    while True:
        try:
            return model.predict(rows)
        except InvalidData as error:
            if error.row is None or error.column is None:
                raise
            del rows[error.row - 1][error.column]


def later(sheet: Sheet, rows: list[list[str]], step: int) -> bytes:
    """A file like that of ``sheet`` with these rows, and each ``step``-th again; without a header if that has none."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if not sheet.names_made_up:
        writer.writerow(sheet.names)
    writer.writerows(rows)
    writer.writerows(rows[::step])
    return text.getvalue().encode()


def read(found: bytes, table: Listed) -> Data:
    """The file as the SDK reads it from the disk, under the name that it was published with."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / Path(table.path).name
        path.write_bytes(found)
        return Data.from_csv(path, label=label_of(table), quiet=True)
