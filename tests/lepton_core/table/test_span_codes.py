"""Texts under numbers: each text has one, and the texts from a number on are those that came after it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table.span_codes import cell_codes

pytestmark = pytest.mark.usefixtures("either_reader")

TEXTS = st.lists(st.text(max_size=3) | st.text("ab", min_size=30, max_size=40), max_size=30)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4), st.data())
def test_the_texts_from_a_code_on_are_those_that_came_after_it(
    blocks: list[list[str]], data: st.DataObject
) -> None:
    known = cell_codes()
    wanted: list[str] = []
    for block in blocks:
        before = len(known)
        codes = known.codes_of(block).tolist()
        wanted = list(dict.fromkeys([*wanted, *block]))
        assert [wanted[code] for code in codes] == block
        assert known.texts_from(before) == wanted[before:]
    code = data.draw(st.integers(0, len(wanted)))
    assert known.texts_from(code) == wanted[code:]
    assert known.texts_from(len(known)) == [] and known.texts_from(0) == known.texts == wanted
