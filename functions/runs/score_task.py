"""The tasks of a run that scores a file, and their results."""

from typing import Any

import msgspec

from functions.records.files import File
from functions.records.kinds import SketchDocument
from lepton_core.table.row_form import RowForm


class CutTask(msgspec.Struct, frozen=True, tag="cut"):
    """Read the file of rows to be scored, and cut it into parts."""


class PartTask(msgspec.Struct, frozen=True, tag="part"):
    """Predict the rows of part ``number``, which lie in ``file``."""

    number: int
    file: File


class JoinTask(msgspec.Struct, frozen=True, tag="join"):
    """Join the ``parts``, in their order, into one file of this ``form``; ``refused``: some rows have no prediction."""

    parts: list[File]
    form: RowForm
    refused: bool


OF_FILES = (CutTask, JoinTask)
"""The tasks that read, and write, a file of any form. What has no reader of some forms leaves them to what has all."""


class CutRows(msgspec.Struct, frozen=True, tag="cut"):
    """A file of ``rows`` to be scored, in ``parts``, and the ``form`` in which it came.

    The names of its columns, of which there may be more than a record holds, are in each part.
    """

    parts: list[File]
    rows: int
    form: RowForm


class ScoredPart(msgspec.Struct, frozen=True, tag="part"):
    """The ``rows`` of a part with their predictions, as a ``file``; ``refused`` of them have none.

    ``ignored`` are columns that the model does not read, ``filled`` those with missing cells.
    """

    file: File
    rows: int
    refused: int
    ignored: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


class FirstRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the first rows of a scored file: its ``cells``, a ``label`` with its ``probability``, or a ``value``.

    A row without a prediction says in ``error`` why. Of a long text there is the beginning.
    """

    cells: list[Any]
    label: str | None = None
    probability: float | None = None
    value: float | None = None
    error: str | None = None


class JoinedRows(msgspec.Struct, frozen=True, omit_defaults=True, tag="join"):
    """The scored file, and what was counted of its rows for those who watch the version.

    ``first`` are its first rows, whose cells are in the ``columns``, and ``errors`` say of the first refused ones why.
    """

    file: File
    sketch: SketchDocument
    columns: list[str] = []
    first: list[FirstRow] = []
    errors: list[str] = []
