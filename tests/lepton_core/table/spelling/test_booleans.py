"""Yes and no in many languages, each pair by itself."""

import pytest

from lepton_core.table.kinds.boolean import BOOLEAN
from lepton_core.table.spelling.booleans import _FAMILIES, _LANGUAGES, are_booleans, boolean_of

PAIRS = [pair for pairs in _LANGUAGES.values() for pair in pairs]


@pytest.mark.parametrize(("no", "yes"), PAIRS)
@pytest.mark.parametrize("case", [str.lower, str.title, str.upper])
def test_a_pair_is_read_and_spelled_as_it_was_given(no: str, yes: str, case: "type[str]") -> None:
    cells = [case(no), case(yes)]
    if case is str.upper and "ı" in no:
        cells[0] = no  # without a locale its capital is another letter
    assert are_booleans(cells) and [boolean_of(cell) for cell in cells] == [False, True]
    notation = BOOLEAN.find_notation({cells[1]: 3, cells[0]: 2}, ())
    assert [BOOLEAN.spelled(value, notation) for value in (0.0, 1.0)] == cells
    assert BOOLEAN.reads(notation)


@pytest.mark.parametrize(("no", "yes"), PAIRS)
def test_of_one_word_the_other_is_known(no: str, yes: str) -> None:
    for word, truth in ((no, False), (yes, True)):
        notation = BOOLEAN.find_notation({word: 1}, ())
        assert BOOLEAN.reads(notation) and BOOLEAN.spelled(float(truth), notation) == word


def test_no_word_means_yes_in_one_language_and_no_in_another() -> None:
    assert not {no for no, _ in PAIRS} & {yes for _, yes in PAIRS}
    for family in _FAMILIES:
        assert {boolean_of(text) for text in family} == {False, True}
