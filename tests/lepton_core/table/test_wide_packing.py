"""Tables with very many columns or levels are stored too, and all others as before."""

import tracemalloc
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lepton_core.artifact import digest, pack_document, read_container, write_container
from lepton_core.errors import InvalidArtifact, NewerFormat
from lepton_core.table import Categories, Numbers, Table, Texts, pack_table, split_parts, unpack_table
from lepton_core.table.source import stored_bytes

COLUMNS = 16_000


def of_width(columns: int) -> Table:
    """Numbers, and a column each of categories, texts and missing cells among them."""
    rng = np.random.default_rng(0)
    numbers = [Numbers(f"x{i}", rng.normal(size=3)) for i in range(columns - 3)]
    town = Categories.of("town, or village", ["rome", None, "oslo"])
    note = Texts.of("note", ["some words", None, "more, of them"])
    return Table((*numbers[:7], town, note, *numbers[7:], Numbers("gone", np.full(3, np.nan))))


WIDE = of_width(COLUMNS)
PACKED = pack_table(WIDE)


@pytest.mark.slow
def test_a_wide_table_comes_back_as_it_was() -> None:
    arrays, meta = PACKED
    assert meta == {"format": 3, "rows": 3}
    back = unpack_table(*read_container(write_container(arrays, meta)))
    assert back == WIDE
    assert back.schema == WIDE.schema


@pytest.mark.slow
def test_a_table_of_which_a_header_can_tell_is_stored_as_before() -> None:
    arrays, meta = pack_table(of_width(14_000))
    assert meta["format"] == 2 and len(arrays) == 14_002
    assert write_container(arrays, meta)


@pytest.mark.slow
def test_the_bytes_of_a_wide_table_stay_the_same() -> None:
    """Of such bytes is the digest by which a version is known."""
    numbers = [Numbers(f"x{i}", np.array([i, np.nan, -1.5])) for i in range(COLUMNS)]
    table = Table(
        (*numbers, Categories.of("town", ["rome", None, "oslo"]), Texts.of("note", ["a", None, "b"]))
    )
    data = write_container(*pack_table(table))
    assert digest(data) == "sha256:5c6272419e979b2e63541b8aa1c0e708ea57b7c6038d50692ffab7b35e39802f"
    assert unpack_table(*read_container(data)) == table


@pytest.mark.slow
def test_very_many_levels_are_stored() -> None:
    table = Table((Categories.of("id", [f"name {i:07d}" for i in range(180_000)]),))
    assert unpack_table(*read_container(write_container(*pack_table(table)))) == table


@pytest.mark.slow
def test_the_bytes_of_a_wide_table_are_known_before() -> None:
    table = Table((Categories.of("id", [f"{i:x}" for i in range(160_000)]),))
    for one in (WIDE, table):
        assert len(write_container(*pack_table(one))) <= stored_bytes(one)


@pytest.mark.slow
def test_a_wide_table_is_cut_into_parts() -> None:
    parts = list(split_parts(WIDE, stored_bytes(WIDE) - 1))
    assert [part.rows for part in parts] == [1, 1, 1] or [part.rows for part in parts] == [1, 2]
    assert all(unpack_table(*pack_table(part)) == part for part in parts)


@pytest.mark.slow
def test_reading_takes_memory_in_proportion_to_the_file() -> None:
    data = write_container(*PACKED)
    tracemalloc.start()
    unpack_table(*read_container(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(data)


def _with(**changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {**PACKED[0], **{name.replace("_", "."): array for name, array in changed.items()}}, PACKED[1]


def _changed(name: str, at: int, value: int) -> Any:
    array = PACKED[0][name].copy()
    array[at] = value
    return array


DAMAGE: Mapping[str, tuple[dict[str, Any], Any]] = {
    "a length too many": _with(lengths=np.append(PACKED[0]["lengths"], 3)),
    "a length below 0": _with(lengths=_changed("lengths", 0, -3)),
    "a length that is too large": _with(lengths=_changed("lengths", 0, 2**62)),
    "a length that overflows": _with(lengths=np.full(len(PACKED[0]["lengths"]), 2**62)),
    "lengths of another dtype": _with(lengths=PACKED[0]["lengths"].astype(np.int32)),
    "a type that is not there": _with(types=_changed("types", 0, 200)),
    "another type": _with(types=_changed("types", 0, 1)),
    "cells too few": _with(cells_float64=PACKED[0]["cells.float64"][1:]),
    "cells as a matrix": _with(cells_float64=PACKED[0]["cells.float64"][None]),
    "an infinity": _with(cells_float64=np.full(len(PACKED[0]["cells.float64"]), np.inf)),
    "cells that nothing tells of": _with(cells_int16=np.zeros(3, dtype=np.int16)),
    "an array that nothing tells of": _with(weights=np.zeros(3)),
    "no schema": ({name: its for name, its in PACKED[0].items() if "document" not in name}, PACKED[1]),
    "another schema": ({**PACKED[0], **pack_document({"columns": [{"name": "a"}]})}, PACKED[1]),
    "a column less": (
        {**PACKED[0], **pack_document({"columns": WIDE.schema.as_dict()["columns"][1:]})},
        PACKED[1],
    ),
    "rows too few": (PACKED[0], {"format": 3, "rows": 2}),
    "a schema in the header": (PACKED[0], {"format": 3, "rows": 3, "schema": WIDE.schema.as_dict()}),
    "the format of before": (PACKED[0], {"format": 2, "rows": 3}),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_wide_table_is_refused(case: str) -> None:
    with pytest.raises(InvalidArtifact):
        unpack_table(*DAMAGE[case])


def test_a_later_format_is_refused_as_such() -> None:
    with pytest.raises(NewerFormat):
        unpack_table(PACKED[0], {"format": 4, "rows": 3})
