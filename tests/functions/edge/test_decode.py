"""JSON that is read leniently, to say where it is wrong."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import edge


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9" * 399, int("9" * 399)),
        (b"-" + b"9" * 5000, -math.inf),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[Infinity, 1e999]", [math.inf, math.inf]),
        (b"", None),
        (b"{", None),
        (b"1 2", None),
        (b"inf", None),
        (b'"\xff"', None),
        ("[1]".encode("utf-16"), None),
        (b"[" * 100_000 + b"]" * 100_000, None),
    ],
)
def test_json_is_read_leniently_but_for_what_is_none(body: bytes, value: Any) -> None:
    assert edge.leniently(body) == value


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_json_can_say_is_read_as_it_is(value: Any) -> None:
    assert edge.leniently(json.dumps(value).encode()) == value


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=64))
def test_any_bytes_are_survived(body: bytes) -> None:
    edge.leniently(body)
