"""Numbers in everyday clothes are read whole or not at all, and by one way of writing for a column."""

import math
import struct
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.errors import InvalidInput
from lepton_core.table.spelling.numbers import (
    CANONICAL,
    NumberNotation,
    is_guess,
    number_notation,
    read_later_number,
    read_number,
    read_numbers,
)

SETTINGS = settings(deadline=None, max_examples=200)
NOTATIONS = st.builds(
    NumberNotation,
    st.sampled_from(".,"),
    st.sampled_from(["", ",", ".", " ", "'"]),
    st.sampled_from(["", "$", "€", "%", "kg", "km/h", "US$", "CHF", "°C", "m²"]),
).filter(lambda one: one.decimal != one.group)
PREFIXES = {"$", "€", "US$", "CHF"}
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)
LARGE = st.one_of(
    st.decimals(places=2, min_value=10**6, max_value=10**12),
    st.decimals(places=2, min_value=-(10**12), max_value=-(10**6)),
)


def spelled(amount: Decimal, notation: NumberNotation, bracketed: bool = False, blank: str = "") -> str:
    """An amount as people write it, by Python's own formatting."""
    text = f"{abs(amount):,.2f}".replace(",", "G").replace(".", notation.decimal).replace("G", notation.group)
    if notation.unit in PREFIXES:
        text = notation.unit + blank + text
    elif notation.unit:
        text = text + blank + notation.unit
    if amount.is_signed():
        return f"({text})" if bracketed else f"-{text}"
    return text


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@pytest.mark.slow
@SETTINGS
@given(AMOUNTS, NOTATIONS, st.sampled_from(["-", " -", "\u2212"]), st.sampled_from(["", " EUR", " €"]))
def test_a_minus_behind_an_amount_is_its_sign(
    amount: Decimal, notation: NumberNotation, sign: str, unit: str
) -> None:
    plain = NumberNotation(notation.decimal, notation.group, unit.strip())
    text = spelled(abs(amount), NumberNotation(notation.decimal, notation.group)) + sign + unit
    assert read_number(text, plain) == -float(abs(amount))


@SETTINGS
@given(st.integers(0, 10**9), NOTATIONS, st.sampled_from(["-", "--", "–", "—"]), st.sampled_from(["", " €"]))
def test_a_dash_in_place_of_cents_is_none(
    amount: int, notation: NumberNotation, dash: str, unit: str
) -> None:
    plain = NumberNotation(notation.decimal, notation.group, unit.strip())
    text = f"{amount:,}".replace(",", notation.group) + notation.decimal + dash + unit
    assert read_number(text, plain) == amount


@SETTINGS
@given(AMOUNTS, NOTATIONS, st.booleans(), st.sampled_from(["", " "]))
def test_a_number_in_any_notation_is_the_same_number(
    amount: Decimal, notation: NumberNotation, bracketed: bool, blank: str
) -> None:
    value = read_number(spelled(amount, notation, bracketed, blank), notation)
    assert value is not None
    assert bits(value) == bits(float(amount))


@pytest.mark.slow
@SETTINGS
@given(st.lists(LARGE, min_size=1, max_size=20), NOTATIONS)
def test_the_notation_is_found_from_all_cells(amounts: list[Decimal], notation: NumberNotation) -> None:
    texts = [spelled(amount, notation) for amount in amounts]
    found = number_notation(dict.fromkeys(texts, 1))
    assert found is not None
    assert read_numbers(texts, found).tolist() == [float(amount) for amount in amounts]
    assert found == notation


@SETTINGS
@given(LARGE, NOTATIONS)
def test_groups_that_no_earlier_cell_showed_are_read(amount: Decimal, notation: NumberNotation) -> None:
    assert read_later_number(spelled(amount, notation), replace(notation, group="")) == float(amount)


@SETTINGS
@given(st.text("0123456789.,' -+()$%€eE<>=kg", max_size=12), NOTATIONS)
def test_a_later_cell_is_read_as_all_cells_if_that_is_possible(text: str, notation: NumberNotation) -> None:
    first, later = read_number(text, notation), read_later_number(text, notation)
    assert later == first if first is not None or notation.group else True


@SETTINGS
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_canonical_number_is_read_as_float_reads_it(value: float) -> None:
    for text in (repr(value), f"{value:.17e}", f" {value!r}\t"):
        read = read_number(text)
        whole = text.strip().lstrip("-").isdigit()
        assert read is not None or whole
        assert read is None or bits(read) == bits(float(text))


@SETTINGS
@given(st.integers(-(10**30), 10**30))
def test_an_integer_is_read_if_it_loses_nothing(value: int) -> None:
    read = read_number(str(value))
    assert read == (float(value) if int(float(value)) == value else None)


@SETTINGS
@given(st.text("0123456789.,' -+()$%€eE<>=kg_٣１x", max_size=12), NOTATIONS)
def test_a_cell_is_read_whole_or_not_at_all(text: str, notation: NumberNotation) -> None:
    value = read_number(text, notation)
    if value is None:
        return
    assert math.isfinite(value)
    # Every sign that is not of the notation, and every digit, is found again in the value.
    rest = text.strip()
    for sign in (notation.unit, notation.group, "$", "€", "%", " ", "<=", ">=", "<", ">", "k", "g"):
        rest = rest.replace(sign, "") if sign and sign != notation.decimal else rest
    minus = "(" in rest or "-" in rest.partition("e")[0].partition("E")[0]
    rest = rest.replace("(", "").replace(")", "").replace(notation.decimal, ".").lstrip("+-")
    if rest.rstrip("-").endswith("."):  # a dash in place of cents
        minus, rest = minus and text.strip().startswith("-"), rest.rstrip("-")
    rest = rest.removesuffix("-")
    assert value == float(rest) * (-1 if minus else 1)


@pytest.mark.parametrize(
    "text",
    ["１２", "٣", "1_000", "infinity", "inf", "nan", "1e400", "01010", "007", "00", "-01", "1 2", "1,2,3", "12,34", "",
     "1.2.3", "1-2", "2100 - 2850", "$", "$1 €", "(5", "5)", "--5", "(-5)", "1e", "0x1", "1/2", "9007199254740993",
     "2-", "2 -", "-5.5-", "(5.5-)", "5.5-inch", "5.5- inch", "5.5--", "5-.", "5.---"],
)  # fmt: skip
def test_what_is_no_number_is_not_half_read(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("cells", "notation", "values"),
    [
        (["$1,200", "$80"], ".,$", [1200, 80]),
        (["1.234,56", "7"], ",.", [1234.56, 7]),
        (["4.5%", "10%"], "._%", [4.5, 10]),
        (["1 000", "1\u00a0000", "1\u202f000"], ". ", [1000, 1000, 1000]),
        (["1'000.5", "1’000.5"], ".'", [1000.5, 1000.5]),
        (["12,34,567.5", "1"], ".,", [1234567.5, 1]),
        (["(300)", "−5", "+3"], "", [-300, -5, 3]),
        (["<=5", ">3", "4"], "", [5, 3, 4]),
        (["1,254.15", "300"], ".,", [1254.15, 300]),
        (["1,50", "2,25"], ",_", [1.5, 2.25]),
        (["1,200", "1,5"], ",_", [1.2, 1.5]),
        (["1,200", "1.5"], ".,", [1200, 1.5]),
        (["$395K", "$2K"], "._$K", [395, 2]),
        (["1.234,56-", "80,00"], ",.", [-1234.56, 80]),
        (["1.200,-", "80,-", "7,50"], ",.", [1200, 80, 7.5]),
        (["CHF 12.--", "CHF 7.50"], "._CHF", [12, 7.5]),
    ],
)
def test_the_cells_decide_together(cells: list[str], notation: str, values: list[float]) -> None:
    found = number_notation(dict.fromkeys(cells, 1))
    assert found is not None
    assert found.as_text() == notation
    assert read_numbers(cells, found).tolist() == values


@pytest.mark.parametrize(
    "cells",
    [["01010", "90210"], ["5 kg", "7 ft"], ["12345678901234567", "1"], ["A01", "1"], ["2-", "2", "3-"]],
)
def test_codes_and_mixed_units_are_no_numbers(cells: list[str]) -> None:
    assert number_notation(dict.fromkeys(cells, 5)) is None


@pytest.mark.parametrize("cells", [["<=50K", ">50K"], ["<50K", ">= 50K"], ["≤ 3", "≥ 3"], ["<5"]])
def test_where_all_are_bounds_they_name_ranges_and_stay_apart(cells: list[str]) -> None:
    assert number_notation(dict.fromkeys(cells, 100)) is None
    assert number_notation({**dict.fromkeys(cells, 1), "4": 1, "5": 100}) is not None


def test_few_words_among_many_numbers_are_borne() -> None:
    numbers = {str(i): 1 for i in range(97)}
    assert number_notation(numbers | {"T": 1, ">x": 1, "NV": 1}) == CANONICAL
    assert number_notation({str(i): 1 for i in range(30)} | {"No Data": 25}) == CANONICAL
    assert number_notation({"1": 1, "2": 1, "x": 1}) is None


def test_what_no_cell_decides_is_a_guess() -> None:
    assert is_guess(["1,200", "300"], NumberNotation(".", ","))
    assert is_guess(["1.200", "3.500"], NumberNotation())
    assert not is_guess(["1.254", "3.519"], NumberNotation())
    assert not is_guess(["1,200", "1,200,000"], NumberNotation(".", ","))
    assert not is_guess(["1", "2"], NumberNotation())


@SETTINGS
@given(NOTATIONS)
def test_a_notation_comes_back_from_its_text(notation: NumberNotation) -> None:
    assert NumberNotation.from_text(notation.as_text()) == notation


@pytest.mark.parametrize("text", [".", "..", "x_", ".x"])
def test_another_text_is_no_notation(text: str) -> None:
    with pytest.raises(InvalidInput, match="no notation of numbers"):
        NumberNotation.from_text(text)
