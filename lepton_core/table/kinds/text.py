"""Texts that hardly repeat: prose, and what only tells rows apart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lepton_core import fields
from lepton_core.errors import InvalidArtifact, InvalidData
from lepton_core.table.cells import Faults, demand_unicode, shown, written
from lepton_core.table.columns import Categories, Column, IndexArray, Texts
from lepton_core.table.hashing import HashArray, HashForm, text_hashes
from lepton_core.table.kinds.base import (
    ColumnFigures,
    DefaultStep,
    Drawing,
    Known,
    Values,
    figures_of,
    is_absent,
)
from lepton_core.table.kinds.bins import Bins
from lepton_core.table.kinds.text_bins import TextBins
from lepton_core.table.spelling import MISSING_SPELLINGS

if TYPE_CHECKING:
    from lepton_core.table.kinds.text_reader import TextReader

_TEXTS = frozenset({str, type(None)})

WORD_PLACES = 1 << 16
"""In so many places words of texts are counted: few of them share one."""

MOST_WORDS, MOST_WORDS_OF_OTHERS, MOST_WORDS_OF_TREES = 8192, 1024, 64
"""How many of them are kept."""


@dataclass(frozen=True)
class TextFigures:
    """How many cells are missing, and how long the others are, in bytes of UTF-8."""

    missing: int
    present: int
    octets: int

    def merge(self, other: "TextFigures") -> "TextFigures":
        """Those of both parts."""
        return TextFigures(
            self.missing + other.missing, self.present + other.present, self.octets + other.octets
        )

    def describe(self, column: Known) -> ColumnFigures:
        """The mean length, if a cell is there."""
        found = figures_of(column, self.missing)
        return replace(found, mean=self.octets / self.present) if self.present else found


class Text:
    """See `Kind`. Cells are `Texts`."""

    name = "text"
    quantitative = False
    has_levels = False
    arrays: tuple[str, ...] = ("offsets", "octets", "missing")
    left_out = ""
    wider = ""
    notation_options: frozenset[str] = frozenset()
    is_open = False
    given_notation: str | None = ""
    given_type = str
    given_decides = False
    moves = True
    recurs = False

    def reads(self, notation: str) -> bool:
        """A word for what kind of texts they are."""
        return notation in ("", "list", "url", "sentences")

    def find_notation(
        self,
        counts: Mapping[str, int],
        missing: Collection[str],
        *,
        decimal: str = "",
        day_first: bool | None = None,
    ) -> str:
        """The empty one."""
        return ""

    def reader(self, column: Known, rows: int = 0) -> "TextReader":
        """Takes every cell."""
        from lepton_core.table.kinds.text_reader import TextReader  # noqa: PLC0415  (as `Quantity.reader`)

        return TextReader(self.name, column, rows)

    def check_given(self, column: Texts) -> None:
        """Every text is one of this kind."""

    def without_words(self, column: Texts, words: Collection[str]) -> Texts:
        """The column: its texts are asked when they are read."""
        return column

    def from_given(self, column: Column, known: Known) -> Texts | None:
        """None: a text is read, and a number has first to be written as one."""
        return None

    def given_cells(self, column: Texts) -> list[str | None]:
        """Those of `cells`."""
        return self.cells(column)

    def from_cells(self, cells: Sequence[Sequence[Any]], columns: Sequence[Known]) -> list[Texts]:
        """Texts; a number or a bool stands for its text."""
        faults, made = Faults(), []
        for own, column in zip(cells, columns, strict=True):
            if (plain := _plain(own, column, self.name)) is not None:
                made.append(plain)
                continue
            texts = []
            for row, cell in enumerate(own, start=1):
                try:
                    texts.append(_text(cell, row, column))
                except InvalidData as error:
                    faults.add(error)
            if len(texts) == len(own):
                made.append(_texts(column, texts, self.name))
        faults.demand_none()
        return made

    def from_typed(self, column: Column, cell_type: type, known: Known) -> Texts | None:
        """None: each cell is looked at."""
        return None

    def cells(self, column: Texts) -> list[str | None]:
        """The texts."""
        return column.as_list()

    def usual_cell(self, column: Known, bins: Bins | None) -> str:
        """Some text."""
        return "text"

    def pack(self, column: Texts) -> dict[str, npt.NDArray[Any]]:
        """``offsets`` (m + 1,), ``octets`` (n,) and ``missing`` (m,) as 0 and 1."""
        return {"offsets": column.offsets, "octets": column.octets, "missing": column.gone.view(np.uint8)}

    def unpack(self, arrays: Mapping[str, npt.NDArray[Any]], column: Known, rows: int) -> Texts:
        """Raises `InvalidArtifact` for offsets (m + 1,) that do not rise from 0 to n, and for no UTF-8, too."""
        offsets, octets, missing = (arrays[part] for part in self.arrays)
        for array, dtype in ((offsets, np.int64), (octets, np.uint8), (missing, np.uint8)):
            if not isinstance(array, np.ndarray) or array.dtype != dtype or array.ndim != 1:
                raise InvalidArtifact(f"column {column.name!r} is not {rows} texts")
        if offsets.shape != (rows + 1,) or missing.shape != (rows,) or (missing > 1).any():
            raise InvalidArtifact(f"column {column.name!r} is not {rows} texts")
        if offsets[0] != 0 or offsets[-1] != len(octets) or (offsets[1:] < offsets[:-1]).any():
            raise InvalidArtifact(f"the texts of column {column.name!r} do not fit their offsets")
        if not _is_utf8(offsets, octets):
            raise InvalidArtifact(f"column {column.name!r} holds a text that is not UTF-8")
        gone = missing.view(np.bool_)
        return Texts(column.name, offsets, octets, gone, self.name, column.notation, column.missing_words)

    def concatenate(self, columns: Sequence[Texts], levels: tuple[str, ...]) -> Texts:
        """All texts."""
        starts = np.cumsum([0, *(len(column.octets) for column in columns)])
        offsets = [column.offsets[:-1] + start for column, start in zip(columns, starts, strict=False)]
        return replace(
            columns[0],
            offsets=np.concatenate([*offsets, starts[-1:]]),
            octets=np.concatenate([column.octets for column in columns]),
            gone=np.concatenate([column.gone for column in columns]),
        )

    def compact(self, column: Texts) -> Texts:
        """The column itself."""
        return column

    def figures(self, column: Texts) -> TextFigures:
        """The mean length."""
        missing = int(column.gone.sum())
        return TextFigures(missing, len(column) - missing, int(column.offsets[-1]))

    def only_value(self, figures: ColumnFigures) -> str | None:
        """The figures do not say."""
        return None

    def only_named(self, name: str) -> str:
        """It is a class."""
        return f"class ({shown(name)})"

    def distinct(self, column: Texts) -> tuple[Values, IndexArray]:
        """The texts that occur, sorted, and their places (m,)."""
        texts = self.texts(column)
        return texts.levels, texts.codes.astype(np.int64)

    def names(self, column: Texts) -> tuple[str, ...]:
        """The texts."""
        return self.texts(column).levels

    def texts(self, column: Texts) -> Categories:
        """The texts by code."""
        made = Categories.of(column.name, column.as_list())
        return replace(made, missing_words=column.missing_words)

    def one_by_one(self, column: Texts) -> Texts:
        """The column itself."""
        return column

    def is_constant(self, column: Texts) -> bool:
        """Compares octets."""
        there = column if not column.gone.any() else column.take(np.flatnonzero(~column.gone))
        sizes = np.diff(there.offsets)
        if not len(there) or (sizes != sizes[0]).any():
            return not len(there)
        return bool((there.octets.reshape(len(there), -1) == there.octets[: sizes[0]]).all())

    def cell_hashes(self, column: Texts, form: HashForm = 1) -> HashArray:
        """See `text_hash`, (m,)."""
        return text_hashes(column.octets, column.offsets, column.gone, form)

    def reference(self, column: Texts) -> TextBins:
        """Bins of the words."""
        return TextBins.of_words(column)

    def histogram(self, column: Texts) -> TextBins:
        """Bins of the lengths."""
        return TextBins.of_lengths(column)

    def read_bins(self, given: Mapping[str, Any], name: str) -> TextBins:
        """As bins of numbers, and the checksums of some words."""
        edges = fields.rising(fields.part(given, "edges"), f"{name}.edges")
        counts = fields.counts(fields.part(given, "counts"), f"{name}.counts", len(edges) + 2)
        words = fields.counts(given.get("words", []), f"{name}.words")
        usual = fields.counts(given.get("usual", []), f"{name}.usual")
        return TextBins(name, edges, counts, self.name, words, usual)

    def default_steps(
        self, column: Texts, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """Hashed words that most texts have: few for algorithms that look at one column at a time, as trees do."""
        most = MOST_WORDS if sparse else MOST_WORDS_OF_TREES if missing else MOST_WORDS_OF_OTHERS
        return (DefaultStep("TextHash", (("size", WORD_PLACES), ("most", most))),)

    def draw(self, column: Texts) -> Drawing:
        """How many there are."""
        missing = int(column.gone.sum())
        return Drawing((), (), others=len(column) - missing, missing=missing)


class Identifier(Text):
    """Texts, or numbers written out, that only tell rows apart: keys, addresses, hashes."""

    name = "identifier"
    left_out = "only tells rows apart"
    given_notation = None

    def default_steps(
        self, column: Texts, *, scaled: bool, missing: bool, most_codes: int, sparse: bool
    ) -> tuple[DefaultStep, ...]:
        """None: it is no feature."""
        return ()


TEXT = Text()
IDENTIFIER = Identifier()


def _texts(column: Any, texts: Sequence[str | None], kind: str) -> Texts:
    made = Texts.of(column.name, texts, kind)
    return replace(made, missing_words=column.missing_words)


def _plain(cells: Sequence[Any], column: Known, kind: str) -> Texts | None:
    """The column, if all cells are texts or None, and can be stored; None if each must be looked at."""
    if not _TEXTS.issuperset(map(type, cells)):
        return None
    words = column.missing_words
    gone = {"", *(MISSING_SPELLINGS if words is None else words)}
    texts = [None if cell is None or (text := cell.strip()) in gone else text for cell in cells]
    try:
        return _texts(column, texts, kind)
    except UnicodeEncodeError:
        return None


def _text(cell: object, row: int, column: Known) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        if is_absent(cell, column):
            return None
        demand_unicode(cell, row, column.name)
        return cell.strip()
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float) and np.isfinite(cell):
        return written(cell)
    raise InvalidData(f"{shown(cell)} is neither text nor a number", row=row, column=column.name)


def _is_utf8(offsets: IndexArray, octets: npt.NDArray[np.uint8]) -> bool:
    # Valid as a whole, and no text begins within a character.
    try:
        octets.tobytes().decode()
    except UnicodeDecodeError:
        return False
    starts = offsets[:-1][offsets[:-1] < len(octets)]
    return not ((octets[starts] & 0xC0) == 0x80).any()
