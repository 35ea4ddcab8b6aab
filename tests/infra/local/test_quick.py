"""A row of plain numbers is answered to the bits of the ordinary way, or left to that."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app import app
from functions.context import Platform
from infra.local.gateway import call
from infra.local.quick import QuickAnswers
from lepton_core.predict import Predictor
from lepton_core.table import Numbers, Table, read_rows
from lepton_core.train import Recipe, train
from tests.infra.local.service.kit import Made

PREDICT = "/v1/models/m/predict"

numbers = [
    "0", "-0", "-0.0", "1", "2.5", "-1e3", "1E5", "0.1", "9007199254740993", "123456789012345678901234567890",
    "1" * 320, "1e308", "-1e308", "5e-324", "1e-400", "1e400",
]  # fmt: skip
other_cells = [
    "NaN", "-Infinity", "null", "true", "01", "1.", "+1", ".5", "1_0", '"1"', '"a:b"', '"\\ud800"', "[1]", "{}",
    '{"a": 1}',
]  # fmt: skip
near_keys = [
    '"a"',
    '"b"',
    '"a"',
    '"b"',
    '"\\u0061"',
    '" a"',
    '"A"',
    '"c"',
    '"a:"',
    '"rows"',
    '"\\u003a"',
    "a",
]
spaces = st.sampled_from(["", "", "", "", " ", "\n", "\t\r\n", "\x0b", "\xa0", "\ufeff", "/**/"])
cells = st.one_of(st.sampled_from(numbers), st.sampled_from(numbers), st.sampled_from(other_cells))
tails = ["", "", "", "", ', "explain": false', ', "explain": true', ', "columns": null', ', "rows": []', ","]


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """A body that is, or nearly is, one row of the columns a and b."""
    keys = draw(st.sampled_from([['"a"', '"b"'], ['"b"', '"a"'], ['"\\u0061"', '"b"'], None]))
    keys = keys or draw(st.lists(st.sampled_from(near_keys), max_size=4))
    pairs = [f"{draw(spaces)}{key}:{draw(spaces)}{draw(cells)}" for key in keys]
    rows = draw(st.sampled_from(["[{}]", "[{}]", "[{}]", "[{},]", "[{}, {}]", "{}", "[[{}]]"])).replace(
        "{}", "{" + ",".join(pairs) + "}"
    )
    text = f'{draw(spaces)}{{"rows":{draw(spaces)}{rows}{draw(st.sampled_from(tails))}}}{draw(spaces)}'
    raw = text.encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(raw) - 1))
        raw = raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]
    return raw


@pytest.mark.slow
def test_whatever_a_body_holds_it_is_answered_to_the_same_bits_or_not_at_all(made: Made) -> None:
    platform = made.stack.platform
    quick, loaded = QuickAnswers(platform, print, watched=False), platform.loaded.get("default", "m")
    met = set[bool]()

    @settings(max_examples=600, deadline=None)
    @given(hostile())
    @example(b'{"rows":[{"\\u0061":1,"b":-0}]}')
    @example(b'{"rows":[{"a":1,"\\u0061":2,"b":1}]}')
    @example(b'{"rows":[{"a":1e400,"b":2}]}')
    def alike(raw: bytes) -> None:
        ours = quick.sent(loaded, "m", raw)
        met.add(ours is None)
        if ours is not None:
            theirs = call(
                app, platform, "POST", PREDICT, headers={"content-type": "application/json"}, body=raw
            )
            assert (ours.status, ours.body) == (theirs.status, theirs.body)

    alike()
    assert met == {True, False}


@dataclass(eq=False)
class Loaded:
    """A version that nobody watches."""

    predictor: Predictor
    version: int = 1
    digest: str = "sha256:0"
    rule: None = None


@pytest.mark.parametrize(
    ("names", "is_quick"),
    [
        (("a", "b"), True),
        (("\u00e9\u2028", "\U0001f600 x"), True),
        (("a:b", "c"), False),
        (('5" wide', "b"), False),
        (("back\\slash", "b"), False),
        (("tab\there", "b"), False),
        (("\x00", "\x7f"), False),
    ],
)
def test_columns_may_be_called_anything(platform: Platform, names: tuple[str, str], is_quick: bool) -> None:
    values = np.random.default_rng(0).normal(size=(40, 2))
    columns = [Numbers(name, values[:, at].copy()) for at, name in enumerate(names)]
    predictor = train(
        Recipe("linear_regression", "y", {}), Table((*columns, Numbers("y", values.sum(1)))), np.arange(40)
    )
    quick = QuickAnswers(platform, print, watched=False)
    loaded: Any = Loaded(predictor)
    for ascii_only in (True, False):
        row = dict.fromkeys(names, 0.5)
        raw = json.dumps({"rows": [row]}, ensure_ascii=ascii_only).encode()
        sent = quick.sent(loaded, "m", raw)
        assert (sent is not None) is is_quick
        if sent is not None:
            wanted = predictor.predict(read_rows([row], predictor.schema).table).tolist()
            assert [one["value"] for one in json.loads(sent.body)["predictions"]] == wanted
