"""Reads and writes the safetensors format.

    8 bytes       N, the length of the header, little-endian
    N bytes       header: {"name": {"dtype": "F64", "shape": [2, 3], "data_offsets": [begin, end]}, ...,
                           "__metadata__": {"lepton": "<JSON>"}}, padded with spaces to a multiple of 8
    the rest      the arrays, C order, little-endian, without a gap or an overlap; offsets count from here

Source: https://github.com/huggingface/safetensors#format. There is nothing in it to execute, and its
size is known before anything is allocated. What we add: equal contents give equal bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from lepton_core.artifact import strict_json
from lepton_core.errors import InvalidArtifact, TooLarge

MAX_HEADER_BYTES = 16 * 2**20
"""Longest header."""

MAX_HEADER_VALUES = 250_000
"""Most commas and opening brackets in a header: short JSON can take thirty times its length in memory."""

HEADER_AT = 8
"""Where the header of a container begins; before it stands its length."""

_MAX_DIMENSIONS = 16
_MAX_BYTES = 2**62
_METADATA = "__metadata__"
_OURS = "lepton"
_DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U32": np.dtype("<u4"),
    "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}


class ArrayPlace(NamedTuple):
    """An array: where it begins behind the header, and ends."""

    begin: int
    end: int
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


class ContainerLayout(NamedTuple):
    """What a header says: the arrays in their order, the bytes that they take, and the meta."""

    entries: tuple[ArrayPlace, ...]
    size: int
    meta: dict[str, Any]


def digest(data: bytes | memoryview) -> str:
    """The SHA-256 of ``data`` in the form that records hold.

    >>> digest(b"")
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def write_container(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> bytes:
    """One file of ``arrays`` (any shape; floats, integers, bools) and ``meta`` (JSON: string keys, no NaN).

    Equal contents give equal bytes, in whatever order the arrays stand in their mapping; ``meta`` keeps the
    order of its keys. Raises `TooLarge` when names and meta take more than `MAX_HEADER_BYTES` or
    `MAX_HEADER_VALUES`, ``ValueError`` or ``TypeError`` for another dtype, a reserved name, a meta that is
    not JSON.

    >>> data = write_container({"w": np.array([1.0, 2.0])}, {"kind": "example"})
    >>> arrays, meta = read_container(data)
    >>> arrays["w"], meta
    (array([1., 2.]), {'kind': 'example'})
    """
    return b"".join(container_pieces(arrays, meta))


def container_pieces(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> list[bytes | memoryview]:
    """What `write_container` writes, one behind the other; the arrays, (n,) bytes each, are not copied.

    Raises what that does: `TooLarge`, ``ValueError``, ``TypeError``.

    >>> pieces = container_pieces({"w": np.array([1.0, 2.0])}, {})
    >>> b"".join(pieces) == write_container({"w": np.array([1.0, 2.0])}, {})
    True
    """
    ready = {name: _little_endian(name, array) for name, array in arrays.items()}
    # Wide elements first: every array then begins at a multiple of its element's size.
    order = sorted(ready, key=lambda name: (-ready[name].itemsize, name))
    header: dict[str, Any] = {_METADATA: {_OURS: _dump(dict(meta))}}
    end = 0
    for name in order:
        array = ready[name]
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": _CODES[array.dtype], "shape": array.shape, "data_offsets": (begin, end)}
    text = _dump(header).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER_BYTES:
        raise TooLarge(f"names and meta take {len(text)} bytes; at most {MAX_HEADER_BYTES} are possible")
    if (values := _values(text)) > MAX_HEADER_VALUES:
        raise TooLarge(f"names and meta hold {values} values; at most {MAX_HEADER_VALUES} are possible")
    octets = [ready[name].reshape(-1).view(np.uint8).data for name in order]
    return [len(text).to_bytes(8, "little"), text, *octets]


def read_container(data: bytes | memoryview) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays, of any shape, as read-only views into ``data`` without a copy, and the meta.

    A file that another safetensors writer made has the meta ``{}``. Everything is checked before an array is
    made: a damaged or hostile file raises `InvalidArtifact`, in time and memory proportional to its header.

    >>> read_container(b"not a model")
    Traceback (most recent call last):
    lepton_core.errors.InvalidArtifact: not a model file: its header would be 8029109312199880558 bytes long
    """
    text = header_text(data)
    layout, start = layout_of(text), HEADER_AT + len(text)
    if layout.size != len(data) - start:
        _refuse(f"the arrays take {layout.size} bytes of {len(data) - start}")
    return {entry.name: _view(data, start, entry) for entry in layout.entries}, layout.meta


def header_text(data: bytes | memoryview) -> bytes:
    """The header of a container, which begins at `HEADER_AT`. Raises `InvalidArtifact`."""
    if len(data) < HEADER_AT:
        _refuse(f"not a model file: only {len(data)} bytes")
    length = int.from_bytes(data[:HEADER_AT], "little")
    if length > min(len(data) - HEADER_AT, MAX_HEADER_BYTES):
        _refuse(f"not a model file: its header would be {length} bytes long")
    text = bytes(data[HEADER_AT : HEADER_AT + length])
    if not text.startswith(b"{"):
        _refuse("not a model file: its header does not begin with '{'")
    return text


def layout_of(text: bytes) -> ContainerLayout:
    """What a header says, checked by itself. Raises `InvalidArtifact`."""
    header = _parse(text, "header")
    meta = _meta(header.pop(_METADATA, {}))
    entries = sorted(_entry(name, fields) for name, fields in header.items())
    reached = 0
    for entry in entries:
        if entry.begin != reached:
            _refuse(f"array {entry.name[:80]!r} begins at {entry.begin} where {reached} was expected")
        reached = entry.end
    return ContainerLayout(tuple(entries), reached, meta)


def is_container(data: bytes) -> bool:
    """Whether ``data`` begins as a container does; no text begins so.

    >>> is_container(write_container({}, {})), is_container(b"age,sex"), is_container("age,sex".encode("utf-16"))
    (True, False, False)
    """
    length = int.from_bytes(data[:8], "little")
    return len(data) > 8 and length <= MAX_HEADER_BYTES and data[8:9] == b"{"


def _little_endian(name: str, array: NDArray[Any]) -> NDArray[Any]:
    dtype = array.dtype.newbyteorder("<")
    if name == _METADATA or dtype not in _CODES:
        raise ValueError(f"cannot be stored: array {name!r} of dtype {array.dtype}")
    if array.ndim > _MAX_DIMENSIONS:
        raise ValueError(f"cannot be stored: array {name!r} of {array.ndim} dimensions")
    return np.asarray(array, dtype=dtype, order="C")


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _values(text: bytes) -> int:
    return sum(map(text.count, (b",", b"[", b"{")))


def _parse(text: bytes, what: str) -> dict[str, Any]:
    if _values(text) > MAX_HEADER_VALUES:
        _refuse(f"the {what} holds more than {MAX_HEADER_VALUES} values")
    try:
        value = strict_json.parse(text.decode())
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are such
        raise InvalidArtifact(f"the {what} cannot be read: {error}") from None
    if not isinstance(value, dict):
        _refuse(f"the {what} is not an object")
    return value


def _meta(fields: Any) -> dict[str, Any]:
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        _refuse(f"{_METADATA} is not an object of strings")
    return _parse(fields.get(_OURS, "{}").encode(), "meta")


def _entry(name: str, fields: Any) -> ArrayPlace:
    if not isinstance(fields, dict) or fields.keys() != {"dtype", "shape", "data_offsets"}:
        _refuse(f"array {name[:80]!r}: dtype, shape and data_offsets were expected")
    code, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    if not isinstance(code, str) or code not in _DTYPES:
        _refuse(f"array {name[:80]!r}: dtype {str(code)[:20]!r} is not supported")
    if not _naturals(shape) or len(shape) > _MAX_DIMENSIONS:
        _refuse(f"array {name[:80]!r}: the shape is not a list of at most {_MAX_DIMENSIONS} whole numbers")
    if not _naturals(offsets) or len(offsets) != 2:
        _refuse(f"array {name[:80]!r}: data_offsets is not a pair of whole numbers")
    dtype, (begin, end) = _DTYPES[code], offsets
    # numpy counts the bytes of an empty array as if its zeros were ones.
    if prod(size or 1 for size in shape) * dtype.itemsize > _MAX_BYTES:
        _refuse(f"array {name[:80]!r}: the shape is too large")
    if end - begin != prod(shape) * dtype.itemsize:
        _refuse(f"array {name[:80]!r}: {end - begin} bytes do not make dtype {code} and shape {shape}")
    return ArrayPlace(begin, end, name, dtype, tuple(shape))


def _naturals(values: Any) -> bool:
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value <= _MAX_BYTES for value in values
    )


def _view(data: bytes | memoryview, start: int, entry: ArrayPlace) -> NDArray[Any]:
    view: NDArray[Any] = np.ndarray(entry.shape, entry.dtype, buffer=data, offset=start + entry.begin)
    if entry.dtype == np.bool_ and view.size and view.view(np.uint8).max() > 1:
        _refuse(f"array {entry.name[:80]!r}: a byte other than 0 and 1 among bools")
    view.flags.writeable = False
    return view


def _refuse(message: str) -> NoReturn:
    raise InvalidArtifact(message)
