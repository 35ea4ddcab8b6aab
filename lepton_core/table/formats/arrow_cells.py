"""The cells of an Arrow column, as a program would hold them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lepton_core.errors import InvalidData, TooLarge
from lepton_core.remedy import argument
from lepton_core.table.files import MOST_BYTES
from lepton_core.table.formats.library import pyarrow

Cells = npt.NDArray[Any] | list[Any]

_MOST_DEPTH = 8
_UUID = "extension<arrow.uuid>"

_TEXTS = ("is_string", "is_large_string", "is_string_view")
_MOMENTS = ("is_timestamp", "is_date", "is_duration")
_TAKEN = ("is_null", "is_boolean", "is_integer", "is_floating", "is_decimal", "is_time", *_MOMENTS, *_TEXTS)
_BYTES = ("is_binary", "is_large_binary", "is_binary_view", "is_fixed_size_binary")

_MOST_SECONDS = 400_000_000_000
"""Twelve thousand years from 1970, in seconds: what is beyond does not fit when it is counted in microseconds."""

_A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000, "D": 1 / 86_400}


def demand_readable(form: Any, name: str, depth: int = 1) -> None:
    """Raise `InvalidData` naming the column if cells of this Arrow type are none here."""
    form = _plain(form)
    if _is(form, ("is_struct",)):
        if depth > _MOST_DEPTH:
            raise InvalidData(f"structs are nested deeper than {_MOST_DEPTH}", column=name)
        for place in range(form.num_fields):
            part = form.field(place)
            demand_readable(part.type, f"{name}.{part.name}", depth + 1)
        return
    if _is(form, ("is_dictionary",)):
        form = _plain(form.value_type)
    if _is(form, _BYTES):
        raise InvalidData("its cells are bytes; decode them to text first", column=name)
    if not _is(form, _TAKEN) and str(form) != _UUID:
        way = argument(exclude=[name])
        raise InvalidData(
            f"cells of type {str(form)[:80]} are not taken; leave the column out with {way}",
            column=name,
            remedies=(way,),
        )


class Room:
    """How many bytes the texts of a file may take when they are written out, all columns together: ``most``."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._taken = 0.0

    def take(self, octets: float, name: str) -> None:
        """Take some of it for column ``name``. Raises `TooLarge` where so much is not left."""
        self._taken += octets
        if self._taken > self._most:
            raise TooLarge(
                f"column {name[:80]!r}: with it the texts take more than {self._most} bytes; send the table as CSV, or "
                "fewer rows"
            )


def cells_of(name: str, chunks: list[Any], room: Room) -> Iterator[tuple[str, Cells]]:
    """The column ``name`` of these pieces as what `lepton_core.table.given_column` takes, (m,); of a struct all its
    parts.

    Raises `InvalidData` naming the column for a date beyond the years that are known, `TooLarge` for texts for which
    there is no ``room`` when they are written out.
    """
    chunks = [_storage(chunk) for chunk in chunks]
    if chunks and _is(chunks[0].type, ("is_struct",)):
        parts = [chunk.flatten() for chunk in chunks]
        for place in range(chunks[0].type.num_fields):
            called = chunks[0].type.field(place).name.strip() or f"column_{place + 1}"
            yield from cells_of(f"{name}.{called}", [one[place] for one in parts], room)
        return
    yield name, _joined([_cells(chunk, name, room) for chunk in chunks])


def _joined(pieces: list[Cells]) -> Cells:
    arrays = [piece for piece in pieces if isinstance(piece, np.ndarray)]
    if pieces and len(arrays) == len(pieces):
        return np.concatenate(arrays)
    return [cell for piece in pieces for cell in _listed(piece)]


def _cells(array: Any, name: str, room: Room) -> Cells:
    if _is(array.type, ("is_dictionary",)):
        return _of_dictionary(array, name, room)
    if _is(array.type, _TEXTS):
        room.take(float(_octets(array).sum()), name)
        return _listed(array.to_numpy(zero_copy_only=False))
    if _is(array.type, _MOMENTS):
        return _moments(array, name)
    whole = array.null_count == 0 and _is(array.type, ("is_integer", "is_boolean"))
    if whole or _is(array.type, ("is_floating",)):
        found: Cells = array.to_numpy(zero_copy_only=False)
        return found
    cells: list[Any] = array.to_pylist()
    return cells


def _of_dictionary(array: Any, name: str, room: Room) -> Cells:
    """Each cell is the very object that stands in the dictionary: many cells of one value take little room."""
    if array.null_count == len(array):
        return [None] * len(array)
    levels = _storage(array.dictionary)
    codes = array.indices.cast("int64").fill_null(len(levels)).to_numpy(zero_copy_only=False)
    if _is(levels.type, _TEXTS):
        room.take(float(np.append(_octets(levels), 0)[codes].sum(dtype=np.float64)), name)
    known = [*_listed(_cells(levels, name, Room())), None]
    return [known[code] for code in codes.tolist()]


def _listed(cells: Cells) -> list[Any]:
    """As a list; dates, durations and short floats stay what numpy has, for nothing in Python is as fine."""
    if isinstance(cells, list):
        return cells
    return list(cells) if cells.dtype.kind in "mMf" else cells.tolist()


def _octets(array: Any) -> npt.NDArray[np.int64]:
    """How long each text is, in bytes; where a cell is missing, whatever stands there."""
    viewed = _is(array.type, ("is_string_view",))
    width = 8 if _is(array.type, ("is_large_string",)) else 4
    numbers = np.frombuffer(array.buffers()[1] or b"", dtype=f"<i{width}").astype(np.int64)
    if viewed:
        return numbers[4 * array.offset : 4 * (array.offset + len(array)) : 4]
    return np.diff(numbers[array.offset : array.offset + len(array) + 1])


def _moments(array: Any, name: str) -> Cells:
    found: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    there = found[~np.isnat(found)].astype(np.int64)
    most = _MOST_SECONDS * _A_SECOND[np.datetime_data(found.dtype)[0]]
    if (there > most).any() or (there < -most).any():
        raise InvalidData("a date is beyond the years that are known", column=name)
    return found


def _storage(array: Any) -> Any:
    while hasattr(array, "storage") and str(array.type) != _UUID:
        array = array.storage
    return array


def _plain(form: Any) -> Any:
    while hasattr(form, "storage_type") and str(form) != _UUID:
        form = form.storage_type
    return form


def _is(form: Any, names: tuple[str, ...]) -> bool:
    types = pyarrow("an Arrow file").types
    return any(getattr(types, name)(form) for name in names)
