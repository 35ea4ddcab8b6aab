"""A long document comes back as it was, and hostile arrays are refused in proportion to their size."""

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.artifact import is_document, pack_document, read_container, unpack_document, write_container
from lepton_core.artifact.document import MAX_DOCUMENT_VALUES
from lepton_core.errors import InvalidArtifact

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
LEAVES = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=30)
DOCUMENTS = st.dictionaries(TEXTS, VALUES)

SMALL = {"names": ["a", "b", "a"], "mean": 1.5, "rows": 3, "kept": True, "more": {"left": None}}


def same(one: Any, other: Any) -> bool:
    """Equal in value and type: to Python 1 is 1.0 and True, and 0.0 is -0.0."""
    return repr(one) == repr(other)


@pytest.mark.slow
@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was(document: dict[str, Any]) -> None:
    arrays = pack_document(document)
    assert all(is_document(name) for name in arrays)
    back, _ = read_container(write_container(arrays, {}))
    assert same(unpack_document(back), document)


@pytest.mark.slow
@given(DOCUMENTS)
def test_equal_documents_give_equal_bytes(document: dict[str, Any]) -> None:
    assert write_container(pack_document(document), {}) == write_container(pack_document(dict(document)), {})


@pytest.mark.slow
@given(DOCUMENTS, st.data())
def test_whatever_the_arrays_are_they_are_read_or_refused(
    document: dict[str, Any], data: st.DataObject
) -> None:
    arrays = pack_document(document)
    name = data.draw(st.sampled_from(sorted(arrays)))
    octets = bytearray(arrays[name].tobytes())
    for _ in range(data.draw(st.integers(1, 3))):
        if octets:
            octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    size = arrays[name].itemsize
    kept = data.draw(st.integers(0, len(octets) // size)) * size
    damaged = np.frombuffer(bytes(octets[:kept]), dtype=arrays[name].dtype)
    with suppress(InvalidArtifact):
        assert isinstance(unpack_document({**arrays, name: damaged}), dict)


DAMAGE = {
    "nothing": {"document.tokens": np.zeros(0, dtype=np.uint8)},
    "no object": {"document.tokens": np.zeros(1, dtype=np.uint8)},
    "an unknown kind": {"document.tokens": np.array([200], dtype=np.uint8)},
    "another dtype": {"document.sizes": np.zeros(3, dtype=np.int32)},
    "a matrix": {"document.floats": np.zeros((1, 1))},
    "a number out of range": {"document.floats": np.array([np.inf])},
    "a text that is not there": {"document.words": np.full(8, 99)},
    "less than no values": {"document.sizes": np.array([-1, 3, 1])},
    "a list without its end": {"document.sizes": np.array([5, 2**62, 1])},
    "texts behind their end": {"document.ends": np.array([2**40])},
    "no UTF-8": {"document.text": np.full(28, 255, dtype=np.uint8)},
    "nested without end": {
        "document.tokens": np.full(100_000, 6, dtype=np.uint8),
        "document.sizes": np.ones(100_000, dtype=np.int64),
    },
    "too many values": {"document.tokens": np.zeros(MAX_DOCUMENT_VALUES + 1, dtype=np.uint8)},
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_document_is_refused(case: str) -> None:
    with pytest.raises(InvalidArtifact, match="document is damaged"):
        unpack_document({**pack_document(SMALL), **DAMAGE[case]})


def test_an_array_too_few_is_refused() -> None:
    arrays = pack_document(SMALL)
    for name in arrays:
        with pytest.raises(InvalidArtifact):
            unpack_document({other: array for other, array in arrays.items() if other != name})


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"a": float("nan")}, ValueError),
        ({"a": object()}, TypeError),
        ({1: "a"}, TypeError),
        ({"a": 2**63}, OverflowError),
    ],
)
def test_what_is_no_document_is_not_packed(document: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        pack_document(document)
