"""What a Parquet file grows to, told before its values are written out.

A page has a text once, and for each cell the number of its text: a few bytes may stand for gigabytes.
"""

from typing import Any

import numpy as np

from lepton_core.errors import TooLarge

_TEXTS = "BYTE_ARRAY"
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8, _TEXTS: 4}
_DECIMAL = 32
_DELTAS = {"DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"}
_BATCH = 65_536


def text_leaves(metadata: Any) -> list[str]:
    """The paths of the leaves that are texts or bytes, also within structs and lists, and can be read as codes."""
    told = _told_by_neighbours(metadata)
    return [path for path in _texts(metadata) if path not in told]


def _texts(metadata: Any) -> list[str]:
    leaves = map(metadata.schema.column, range(metadata.num_columns))
    return [one.path for one in leaves if one.physical_type == _TEXTS and one.logical_type.type != "DECIMAL"]


def _told_by_neighbours(metadata: Any) -> dict[str, int]:
    """The leaves whose texts say how they differ from the one before, each with the bytes of its largest group."""
    known, found = set(_texts(metadata)), dict[str, int]()
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for chunk in map(group.column, range(metadata.num_columns)):
            if chunk.path_in_schema in known and not _DELTAS.isdisjoint(chunk.encodings):
                octets = max(found.get(chunk.path_in_schema, 1), chunk.total_uncompressed_size)
                found[chunk.path_in_schema] = octets
    return found


def demand_neighbours(pa: Any, data: bytes, most: int) -> float:
    """Bytes of the texts that say how they differ from the one before. Raises `TooLarge` for more than ``most``.

    No text is longer than all that is written of them, so a few are read at a time.
    """
    metadata = pa.parquet.read_metadata(pa.BufferReader(data))
    octets = 0.0
    for path, largest in _told_by_neighbours(metadata).items():
        rows = max(1, min(_BATCH, most // largest))
        file = pa.parquet.ParquetFile(pa.BufferReader(data))
        for batch in file.iter_batches(batch_size=rows, columns=[path], use_threads=False):
            octets += batch.nbytes
            _demand(octets, most)
    return octets


def demand_written_out(pa: Any, data: bytes, most: int) -> None:
    """Raise `TooLarge` if all values of the Parquet file ``data``, written out, take more than ``most`` bytes.

    Of ``pa``, pyarrow, it reads texts as codes, a group of rows at a time.
    """
    metadata = pa.parquet.read_metadata(pa.BufferReader(data))
    leaves = text_leaves(metadata)
    octets = demand_neighbours(pa, data, most)
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for at in range(metadata.num_columns):
            leaf, chunk = metadata.schema.column(at), group.column(at)
            width = _WIDTHS.get(leaf.physical_type, leaf.length)
            octets += chunk.num_values * (_DECIMAL if leaf.logical_type.type == "DECIMAL" else width)
        _demand(octets, most)
    file = pa.parquet.ParquetFile(pa.BufferReader(data), read_dictionary=leaves)
    for at in range(metadata.num_row_groups if leaves else 0):
        for column in file.read_row_group(at, columns=leaves, use_threads=False).columns:
            octets += sum(_octets(pa, chunk) for chunk in column.chunks)
        _demand(octets, most)


def _demand(octets: float, most: int) -> None:
    if octets > most:
        raise TooLarge(
            f"the Parquet file unpacks to more than {most} bytes, which the size of the file hardly tells; "
            "send it as CSV, or fewer rows"
        )


def _octets(pa: Any, array: Any) -> float:
    """Bytes of the texts that the codes of an array, or of its parts, stand for."""
    if pa.types.is_struct(array.type):
        return sum(_octets(pa, part) for part in array.flatten())
    if pa.types.is_map(array.type):
        return _octets(pa, array.keys) + _octets(pa, array.items)
    if pa.types.is_dictionary(array.type):
        sizes = pa.compute.binary_length(array.dictionary).to_numpy(zero_copy_only=False)
        codes = array.indices.drop_null().to_numpy(zero_copy_only=False)
        return float(np.bincount(codes, minlength=len(sizes)) @ sizes) if len(codes) else 0.0
    return _octets(pa, array.flatten()) if hasattr(array, "flatten") else float(array.nbytes)
