"""The header of a message tells what it unpacks to, before anything is unpacked."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import InvalidData
from lepton_core.table.formats.arrow_sizes import message_sizes
from tests.support.written_files import arrow_stream, feather

TABLE = pa.table({"a": np.zeros(1000), "b": np.zeros(1000, dtype=np.int32)})


def messages(stream: bytes) -> list[tuple[bytes, memoryview]]:
    return [
        (one.metadata.to_pybytes(), memoryview(one.body or b""))
        for one in pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
    ]


@pytest.mark.parametrize(("compression", "octets"), [("uncompressed", 0), ("lz4", 12_000), ("zstd", 12_000)])
def test_rows_columns_and_bytes(compression, octets):
    schema, batch = messages(feather(TABLE, compression=compression)[8:])
    assert message_sizes(*schema) == (0, 0, 0)
    assert message_sizes(*batch) == (1000, 2, octets)


def test_a_dictionary_is_counted_too():
    stream = arrow_stream(pa.table({"t": pa.array(["x", "y", "x"]).dictionary_encode()}))
    assert [message_sizes(*one)[:2] for one in messages(stream)] == [(0, 0), (2, 1), (3, 1)]


@given(st.data())
def test_a_broken_header_is_named(data):
    header, body = messages(feather(TABLE, compression="lz4")[8:])[1]
    changed = bytearray(header)
    for _ in range(3):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        sizes = message_sizes(bytes(changed[: data.draw(st.integers(0, len(changed)))]), body)
    except InvalidData as error:
        assert "a header is broken" in str(error)
    else:
        assert min(sizes) >= 0
