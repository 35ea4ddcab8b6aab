"""Tensors of the Open Inference Protocol: JSON or raw bytes to the cells of columns, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidInput

_DTYPES = {
    "BOOL": "?", "INT8": "<i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "UINT8": "<u1", "UINT16": "<u2",
    "UINT32": "<u4", "UINT64": "<u8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip

DATATYPES = (*_DTYPES, "BYTES")

_LENGTH = 4
"""Bytes of the length that stands before each text of a raw tensor."""

_MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class Tensor:
    """Cells of a column, (m,), or of a matrix, (m, d), row by row; None where one is missing.

    Raw ones of FP64 stay an array if each of them is finite.
    """

    name: str
    shape: tuple[int, ...]
    cells: Sequence[Any] | NDArray[np.float64]


def from_values(name: str, shape: tuple[int, ...], datatype: str, data: Any) -> Tensor:
    """A tensor whose ``data`` came as JSON, flat or nested. Raises `InvalidInput` naming the tensor."""
    cells = _flat(name, data)
    _demand_size(name, shape, len(cells))
    check = _CHECKS.get(datatype, _is_float)
    for cell in cells:
        if cell is not None and not check(cell):
            raise InvalidInput(f"holds a cell that is no {datatype}", field=name)
    if datatype == "BOOL":
        return Tensor(name, shape, [None if cell is None else bool(cell) for cell in cells])
    if datatype in ("FP16", "FP32"):
        with np.errstate(over="ignore"):
            return Tensor(name, shape, _floats(np.array(list(map(_number, cells))).astype(_DTYPES[datatype])))
    return Tensor(name, shape, cells)


def from_bytes(name: str, shape: tuple[int, ...], datatype: str, data: bytes) -> Tensor:
    """A tensor whose ``data`` came raw. Raises `InvalidInput` naming the tensor."""
    if datatype == "BYTES":
        texts = _texts(name, data)
        _demand_size(name, shape, len(texts))
        return Tensor(name, shape, texts)
    dtype = np.dtype(_DTYPES[datatype])
    if len(data) % dtype.itemsize:
        raise InvalidInput(f"{len(data)} bytes are no whole number of {datatype}", field=name)
    _demand_size(name, shape, len(data) // dtype.itemsize)
    if datatype == "BOOL":
        return Tensor(name, shape, (np.frombuffer(data, dtype=np.uint8) != 0).tolist())
    values = np.frombuffer(data, dtype=dtype)
    if datatype == "FP64" and np.isfinite(values).all():
        return Tensor(name, shape, values)  # in a list each cell would be an object
    return Tensor(name, shape, _floats(values) if dtype.kind == "f" else values.tolist())


def to_bytes(datatype: str, values: Sequence[Any]) -> bytes:
    r"""The raw bytes of a tensor of texts (BYTES) or of numbers (FP64).

    >>> to_bytes("BYTES", ["ab"]), len(to_bytes("FP64", [0.5, 1.0]))
    (b'\x02\x00\x00\x00ab', 16)
    """
    if datatype == "BYTES":
        texts = [text.encode() for text in values]
        return b"".join(len(text).to_bytes(_LENGTH, "little") + text for text in texts)
    return np.array(values, dtype="<f8").tobytes()


def checked_shape(name: str, shape: Any) -> tuple[int, ...]:
    """``shape`` as the sizes of a tensor. Raises `InvalidInput` naming the tensor."""
    sizes = isinstance(shape, list) and all(type(one) is int and 0 <= one < 2**31 for one in shape)
    if not sizes or not 1 <= len(shape) <= _MOST_DIMENSIONS:
        raise InvalidInput("its shape must be a list of whole numbers, such as [1] or [1, 4]", field=name)
    return tuple(shape)


def _demand_size(name: str, shape: tuple[int, ...], cells: int) -> None:
    if math.prod(shape) != cells:
        raise InvalidInput(f"has the shape {list(shape)} and {cells} cells", field=name)


def _flat(name: str, data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise InvalidInput("its data must be a list", field=name)
    cells: list[Any] = data
    for _ in range(_MOST_DIMENSIONS):
        nested = [type(one) is list for one in cells]
        if not any(nested):
            return cells
        if not all(nested):
            break
        cells = [cell for one in cells for cell in one]
    raise InvalidInput("its data must be a list of cells, or lists of one depth", field=name)


def _floats(values: Any) -> list[float | None]:
    """Floats as numbers, None for NaN; short ones as the shortest decimal number that stands for them."""
    numbers = values.astype("U").astype(np.float64) if values.dtype.itemsize < 8 else values
    return [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124  (NaN)


def _texts(name: str, data: bytes) -> list[str]:
    found, at = [], 0
    while at < len(data):
        begin = at + _LENGTH
        end = begin + int.from_bytes(data[at:begin], "little")
        if begin > len(data) or end > len(data):
            raise InvalidInput("its bytes end in the middle of a text", field=name)
        try:
            found.append(data[begin:end].decode())
        except UnicodeDecodeError:
            raise InvalidInput(f"text {len(found) + 1} is not in UTF-8", field=name) from None
        at = end
    return found


def _number(cell: float | None) -> float:
    try:
        return math.nan if cell is None else float(cell)
    except OverflowError:  # an integer that is larger than any float
        return math.inf


def _is_float(cell: Any) -> bool:
    return type(cell) is float or type(cell) is int


def _is_bool(cell: Any) -> bool:
    return type(cell) is bool or (type(cell) is int and cell in (0, 1))


def _of_range(datatype: str) -> Any:
    limits = np.iinfo(_DTYPES[datatype])
    return lambda cell: type(cell) is int and limits.min <= cell <= limits.max


_CHECKS: dict[str, Any] = {
    "BYTES": lambda cell: isinstance(cell, str),
    "BOOL": _is_bool,
    **{name: _of_range(name) for name in _DTYPES if "INT" in name},
}
