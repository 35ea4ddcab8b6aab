"""What is wrong with a body, and where; JSON that is read leniently, to say so."""

import json
import math
from typing import Annotated, Any, Literal, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import edge
from functions.edge.decode import body_decoder
from functions.edge.shapes import Name
from lepton_core.errors import InvalidInput

PATTERN = get_args(Name)[1].pattern
NAMED = "must be 1 to 63 letters, digits, '_', '-' or '.', beginning with a letter or digit"


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: Literal["auto", "manual"] = "auto"
    size: int = 0


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    inner: Inner = Inner()
    rows: list[dict[str, float]] = []
    counts: dict[Name, int] = {}


@pytest.mark.parametrize(
    ("body", "text", "field", "message"),
    [
        (
            {"name": 1},
            "Expected `str`, got `int` - at `$.name`",
            "name",
            "name must be a text, not a whole number",
        ),
        (
            {"name": "m", "inner": {"size": "x"}},
            "Expected `int`, got `str` - at `$.inner.size`",
            "inner.size",
            "inner.size must be a whole number, not a text",
        ),
        (
            {"name": "m", "rows": [{}, {"a": None}]},
            "Expected `float`, got `null` - at `$.rows[1][...]`",
            "rows[1][...]",
            "rows[1][...] must be a number, not null",
        ),
        (
            {"name": "m", "counts": {"-": 1}},
            f"Expected `str` matching regex {PATTERN!r} - at `key` in `$.counts`",
            "counts",
            NAMED,
        ),
        (
            {"name": "m", "inner": {"mode": "x"}},
            "Invalid enum value 'x' - at `$.inner.mode`",
            "inner.mode",
            "must be one of auto, manual, not 'x'",
        ),
        (
            {"name": "m", "inner": {"other": 1}},
            "Object contains unknown field `other` - at `$.inner`",
            "inner.other",
            "'other' is no field of inner; there are: mode, size",
        ),
        (
            {"inner": {}},
            "Object missing required field `name`",
            "name",
            "name must be there",
        ),
        ({"name": "-"}, f"Expected `str` matching regex {PATTERN!r} - at `$.name`", "name", NAMED),
        ([], "Expected `object`, got `array`", None, "the body must be an object, not a list"),
    ],
)
def test_an_error_names_its_field_by_what_the_installed_msgspec_says(
    body: Any, text: str, field: str | None, message: str
) -> None:
    raw = json.dumps(body).encode()
    with pytest.raises(msgspec.ValidationError) as foreign:
        msgspec.json.decode(raw, type=Body)
    assert str(foreign.value) == text
    with pytest.raises(InvalidInput) as ours:
        body_decoder(Body)(raw)
    assert (ours.value.field, ours.value.message) == (field, message)


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


class Costs(msgspec.Struct, frozen=True):
    costs: dict[str, Annotated[float, msgspec.Meta(ge=0)]] | None = None
    label: str = ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("ten", "costs of 'no fraud' must be a number, not a text: 'ten'"),
        (None, "costs of 'no fraud' must be a number, not null: None"),
        (-1, "costs of 'no fraud' must be a number >= 0.0: -1"),
        (["x" * 99], f"costs of 'no fraud' must be a number, not a list: {str(['x' * 99])[:64]}"),
    ],
)
def test_of_an_object_of_numbers_the_wrong_entry_is_named(wrong: Any, said: str) -> None:
    body = {"label": "a", "costs": {"yes": 2, "no fraud": wrong, "other": 3}}
    with pytest.raises(InvalidInput) as refused:
        body_decoder(Costs)(json.dumps(body).encode())
    assert (refused.value.field, refused.value.message) == ("costs", said)
