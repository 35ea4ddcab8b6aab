"""A JSON document too long for a container's header, as arrays: what a file brings bounds what it takes in memory.

document.tokens    uint8    what each value is, in the order of the text; an object is its size, its keys and values
document.integers  int64    the whole numbers
document.floats    float64  the other numbers
document.sizes     int64    of each list and each object
document.words     int64    the place of each text among the different ones
document.ends      int64    where each of the different texts ends
document.text      uint8    these, one after the other, as UTF-8
"""

from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise, repeat
from math import isfinite
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lepton_core.errors import InvalidArtifact, TooLarge

MAX_DOCUMENT_VALUES = 8_000_000
"""Most values of a document, keys included: 50,000 columns with all that a model keeps of each are 3,000,000."""

_NONE, _FALSE, _TRUE, _INTEGER, _FLOAT, _TEXT, _LIST, _OBJECT = range(8)
_DTYPES: dict[str, Any] = {
    "document.tokens": np.uint8,
    "document.integers": np.int64,
    "document.floats": np.float64,
    "document.sizes": np.int64,
    "document.words": np.int64,
    "document.ends": np.int64,
    "document.text": np.uint8,
}


def pack_document(document: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays (k,) of ``document`` (JSON: string keys, no NaN), in the dtypes above; equal ones give equal arrays.

    Raises `TooLarge` for more than `MAX_DOCUMENT_VALUES`, ``ValueError`` or ``TypeError`` for what is not JSON.

    >>> arrays = pack_document({"names": ["a", "b"], "mean": 1.5})
    >>> unpack_document(arrays)
    {'names': ['a', 'b'], 'mean': 1.5}
    """
    written = _Writer()
    written.write(document)
    texts = [text.encode() for text in written.places]
    parts: dict[str, Any] = {
        "document.tokens": written.tokens,
        "document.integers": written.integers,
        "document.floats": written.floats,
        "document.sizes": written.sizes,
        "document.words": written.words,
        "document.ends": np.cumsum([len(text) for text in texts], dtype=np.int64),
        "document.text": np.frombuffer(b"".join(texts), dtype=np.uint8),
    }
    return {name: np.array(part, dtype=_DTYPES[name]) for name, part in parts.items()}


def unpack_document(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """What `pack_document` packed, each array (k,); others are passed over.

    Raises `InvalidArtifact`, whatever the arrays are; memory is at most some hundred times the bytes of the arrays,
    and `MAX_DOCUMENT_VALUES` bound both.
    """
    for name, dtype in _DTYPES.items():
        part = arrays.get(name)
        if part is None or part.dtype != dtype or part.ndim != 1:
            _refuse(f"{name} is not there, or of another form")
    if len(arrays["document.tokens"]) > MAX_DOCUMENT_VALUES:
        _refuse(f"it has more than {MAX_DOCUMENT_VALUES} values")
    reader = _Reader(arrays)
    try:
        value = reader.read()
    except (StopIteration, IndexError, RecursionError):
        _refuse("its parts do not fit together")
    if not isinstance(value, dict) or not reader.is_at_end:
        _refuse("its parts do not fit together")
    return value


def is_document(name: str) -> bool:
    """Whether the array ``name`` is part of a document.

    >>> is_document("document.tokens"), is_document("weights")
    (True, False)
    """
    return name in _DTYPES


class _Writer:
    """The parts of a document, as far as it is written."""

    def __init__(self) -> None:
        self.tokens = bytearray()
        self.integers, self.sizes, self.words = array("q"), array("q"), array("q")
        self.floats = array("d")
        self.places: dict[str, int] = {}

    def write(self, value: Any) -> None:
        """Append one value."""
        if len(self.tokens) >= MAX_DOCUMENT_VALUES:
            raise TooLarge(f"names and meta hold more than {MAX_DOCUMENT_VALUES} values")
        if value is None or isinstance(value, bool):
            self.tokens.append(_NONE if value is None else _TRUE if value else _FALSE)
        elif isinstance(value, str):
            self.tokens.append(_TEXT)
            self.words.append(self.places.setdefault(value, len(self.places)))
        elif isinstance(value, int):
            self.tokens.append(_INTEGER)
            self.integers.append(value)
        elif isinstance(value, float):
            if not isfinite(value):
                raise ValueError(f"cannot be stored: {value} in a document")
            self.tokens.append(_FLOAT)
            self.floats.append(value)
        else:
            self._write_many(value)

    def _write_many(self, value: Any) -> None:
        if isinstance(value, Mapping):
            self._begin(_OBJECT, len(value))
            for key, one in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"cannot be stored: the key {key!r} in a document")
                self.write(key)
                self.write(one)
        elif isinstance(value, list | tuple):
            self._begin(_LIST, len(value))
            for one in value:
                self.write(one)
        else:
            raise TypeError(f"cannot be stored: a {type(value).__name__} in a document")

    def _begin(self, token: int, size: int) -> None:
        self.tokens.append(token)
        self.sizes.append(size)


class _Reader:
    """Reads the values of a document, one after the other."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        if not np.isfinite(arrays["document.floats"]).all():
            _refuse("a number is out of range")
        texts = _texts(arrays["document.ends"], arrays["document.text"])
        places = arrays["document.words"]
        if len(places) and (places.min() < 0 or places.max() >= len(texts)):
            _refuse("there is no such text")
        self._tokens = iter(arrays["document.tokens"].tobytes())
        self._integers, self._floats, self._sizes = (
            _each(arrays[f"document.{name}"]) for name in ("integers", "floats", "sizes")
        )
        self._words = map(texts.__getitem__, places.tolist())
        # In the order of the tokens.
        self._leaves = (
            *map(repeat, (None, False, True)), self._integers, self._floats, self._words
        )  # fmt: skip

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        rest = (self._tokens, self._integers, self._floats, self._sizes, self._words)
        return all(next(part, None) is None for part in rest)

    def read(self) -> Any:
        """The next value. Raises ``StopIteration`` if there is none."""
        token = next(self._tokens)
        if token == _LIST:
            return [self.read() for _ in range(self._size())]
        if token == _OBJECT:
            return self._object()
        if token >= len(self._leaves):
            _refuse(f"there is no kind {token} of values")
        return next(self._leaves[token])

    def _object(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(self._size()):
            key = self.read()
            if not isinstance(key, str) or key in made:
                _refuse("a key is no text, or stands twice in one object")
            made[key] = self.read()
        return made

    def _size(self) -> int:
        size: int = next(self._sizes)
        if size < 0:
            _refuse("a list has less than no values")
        return size


def _each(values: NDArray[Any]) -> Iterator[Any]:
    return iter(values.tolist())


def _texts(ends: NDArray[np.int64], text: NDArray[np.uint8]) -> list[str]:
    marks = [0, *ends.tolist()]
    if marks[-1] != len(text) or any(end < begin for begin, end in pairwise(marks)):
        _refuse("its texts do not fit their ends")
    octets = text.tobytes()
    try:
        return [octets[begin:end].decode() for begin, end in pairwise(marks)]
    except UnicodeDecodeError:
        _refuse("a text is not UTF-8")


def _refuse(message: str) -> NoReturn:
    raise InvalidArtifact(f"the file's document is damaged: {message}")
