"""Missing cells and truth values."""

from hypothesis import given
from hypothesis import strategies as st
from pandas._libs.parsers import STR_NA_VALUES

from lepton_core.table.spelling.booleans import are_booleans, boolean_of
from lepton_core.table.spelling.missing import MISSING_SPELLINGS, is_missing, typical

WORDS = {"true": True, "t": True, "yes": True, "y": True, "on": True, "1": True} | {
    "false": False, "f": False, "no": False, "n": False, "off": False, "0": False
}  # fmt: skip


def test_whatever_pandas_takes_for_missing_is_missing() -> None:
    assert STR_NA_VALUES <= MISSING_SPELLINGS


@given(st.sampled_from(sorted(MISSING_SPELLINGS)), st.text(" \t", max_size=3))
def test_blanks_around_a_cell_mean_nothing(word: str, blanks: str) -> None:
    assert is_missing(blanks + word + blanks)


def test_a_word_is_a_value_where_a_person_says_so() -> None:
    assert not is_missing("NA", frozenset({""}))
    assert is_missing("-", frozenset({"-"}))
    assert is_missing("", frozenset())


def test_words_that_are_values() -> None:
    for word in ("Na", "0", "unknown", "missing", "nope", "no", "x", "-1", "N"):
        assert not is_missing(word)


@given(st.sampled_from(sorted(WORDS)), st.data())
def test_truth_is_told_in_any_case(word: str, data: st.DataObject) -> None:
    cased = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in word)
    assert boolean_of(cased) is WORDS[word]


def test_one_pair_is_a_column_of_truth_values() -> None:
    assert are_booleans(["True", "TRUE", "false", "1", "f"])
    assert are_booleans(["Y", "no"])
    assert not are_booleans(["yes", "true"])
    assert not are_booleans(["M", "F"])
    assert not are_booleans(["F"])
    assert not are_booleans([])


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 9), max_size=200))
def test_typical_cells_are_of_the_column_and_few(texts: dict[str, int]) -> None:
    chosen = typical(texts)
    assert chosen.items() <= texts.items()
    assert len(chosen) == min(len(texts), 64)
