"""What kind a column is, from its cells alone."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table.spelling.decision import MOST_MISFITS, Decision
from lepton_core.table.spelling.missing import MISSING_SPELLINGS
from lepton_core.table.spelling.numbers import NumberNotation, read_number
from lepton_core.table.spelling.recognise import recognise
from tests.support.sampling import examples

RNG = np.random.default_rng(0)
AMOUNTS = RNG.gamma(2.0, 1000.0, size=400).round(2)


def of(cells: Iterable[object]) -> Decision:
    texts = Counter(map(str, cells))
    return recognise(texts, rows=sum(texts.values()))


@pytest.mark.parametrize(
    ("cells", "kind", "notation"),
    [
        (["", "NA", "?"], "empty", ""),
        (AMOUNTS, "number", ""),
        ([f"${x:,.2f}" for x in AMOUNTS], "number", ".,$"),
        ([f"{x:,.2f}" for x in AMOUNTS], "number", ".,"),
        ([f"{x:.2f}".replace(".", ",") for x in AMOUNTS], "number", ",_"),
        ([f"{x:.1f}%" for x in AMOUNTS], "number", "._%"),
        (RNG.integers(18, 90, 1000), "integer", ""),
        (["True", "FALSE", "1", "true"] * 5, "boolean", ""),
        (["31.12.2024", "1.2.2024"] * 5, "date", "dmy none"),
        ([f"2024-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 29)], "date", ""),
        (["1 days", "2 days", "0 days 06:00:00", "3 days"] * 50, "duration", ""),
        (["01010", "90210", "10001", "02134"] * 50, "category", ""),
        (["001.9", "036.2", "250.01", "780.6"] * 50, "category", ""),  # of ICD-9
        (["7", "007", "8"] * 50, "category", ""),
        (["01", "02"] * 50, "category", ""),
        (["A01.1", "B20", "C34.9"] * 50, "category", ""),
        (["2", "3", "4", "5more"] * 400, "category", ""),
        (["Bonn", "Ulm", "Bonn"], "category", ""),
        ([f"C{i:05}" for i in range(3000)], "identifier", ""),
        ([f"A-{i:05}" for i in range(20)], "identifier", ""),
        (["C1", *(f"C{i}" for i in range(30))], "category", ""),
        ([f"{'AB'[i % 2]}{i:04}" for i in range(30)], "category", ""),
        (["Ja", "nein"] * 5, "boolean", ""),
        (["ДА", "нет", ""] * 5, "boolean", ""),
        (["ja", "non"] * 5, "category", ""),
        (["S", "N"] * 5, "category", ""),
        (["da"] * 5, "category", ""),
        ([f"someone{i}@example.org" for i in range(3000)], "identifier", ""),
        ([f"{i:08x}-1111-4111-8111-{i:012x}" for i in range(50)], "identifier", ""),
        (range(1, 3001), "identifier", ""),
        ([2**53 + 3 * i for i in range(1000)], "identifier", ""),
        ([f"the room was clean and the bed was good, number {i}" for i in range(300)], "text", "sentences"),
        ([f"https://example.org/pages/{i}/index.html" for i in range(300)], "text", "url"),
    ],
)
def test_the_kind_of_a_column(cells: Iterable[object], kind: str, notation: str) -> None:
    found = of(cells)
    assert (found.kind, found.notation) == (kind, notation), found
    assert found.reason


@pytest.mark.parametrize("word", sorted(MISSING_SPELLINGS - {""}))
def test_a_missing_cell_in_any_spelling_leaves_numbers_numbers(word: str) -> None:
    found = of([word] * 60 + [repr(x) for x in AMOUNTS.tolist()])
    assert (found.kind, dict(found.misfits), found.doubt) == ("number", {}, "")


@pytest.mark.parametrize("word", ["T", "2100 - 2850", "NV", "missing", "xx"])
def test_few_words_among_numbers_are_named(word: str) -> None:
    found = of([word, *AMOUNTS])
    assert found.kind == "number"
    assert dict(found.misfits) == {word: 1}
    assert repr(word) in found.doubt


def test_words_and_numbers_as_they_are_found() -> None:
    found = of(["<=5", "NV", "missing", "xx", "DD", "1,254.15", *AMOUNTS])
    assert found.kind == "number"
    assert read_number("1,254.15", NumberNotation.from_text(found.notation)) == 1254.15
    assert set(found.misfits) == {"NV", "missing", "xx", "DD"}
    assert "'<=5'" in found.doubt


def test_at_most_twenty_misfits_are_named_the_most_frequent_first() -> None:
    words = [word for i in range(1, 30) for word in [f"word{i}"] * i]
    found = of(words + RNG.normal(size=9000).tolist())
    assert list(found.misfits.values()) == sorted(range(30 - MOST_MISFITS, 30), reverse=True)


def test_a_column_that_never_changes_is_constant() -> None:
    assert of(["x"] * 9 + [""]).constant
    assert of(["5"] * 9).constant
    assert not of(["5", "6"] * 9).constant


def test_a_word_is_a_value_where_a_person_says_so() -> None:
    cells = {"NA": 50, "x": 50}
    assert recognise(cells, rows=100).constant
    found = recognise(cells, rows=100, missing=MISSING_SPELLINGS - {"NA"})
    assert (found.kind, found.constant) == ("category", False)


def test_lost_dates_are_said() -> None:
    found = of(["##########"] * 50)
    assert (found.kind, found.constant) == ("date", False)
    assert "export it again" in found.doubt


def test_what_was_guessed_is_said() -> None:
    assert "which number is the day" in of(["1/2/2024", "3/4/2024"]).doubt
    assert of(["1/2/2024", "3/24/2024"]).doubt == ""
    assert "decimal sign" in of(["1,200", "3,150", "7,500"]).doubt
    assert "the unit 'kg'" in of(["5 kg", "6 kg", "7"]).doubt


@pytest.mark.parametrize(("decimal", "kind"), [(",", "integer"), (".", "number")])
def test_what_a_person_says_of_the_decimal_sign_is_no_doubt(decimal: str, kind: str) -> None:
    said = recognise({"1.200": 1, "3.150": 1}, rows=2, decimal=decimal)
    assert (said.kind, said.doubt) == (kind, "")


def test_a_sample_is_said() -> None:
    assert "(of 2 of 100 rows)" in recognise({"1.5": 1, "2.5": 1}, rows=100).reason


def test_few_whole_numbers_stay_numbers() -> None:
    for cells in ([1, 2, 3], [31, 22, 45], [3, 5, 3, 5], ["1.5", "", "2.5", "3"]):
        found = of(cells)
        assert (found.kind in {"integer", "number"}, found.doubt) == (True, "")


@settings(deadline=None, max_examples=examples(150))
@given(st.dictionaries(st.text(max_size=12), st.integers(1, 10**6), max_size=12))
def test_whatever_the_cells_there_is_a_decision_and_each_misfit_is_a_cell(texts: dict[str, int]) -> None:
    found = recognise(texts, rows=sum(texts.values()))
    assert found.reason
    assert found.misfits.items() <= texts.items()
    assert recognise(texts, rows=sum(texts.values())) == found


@settings(deadline=None, max_examples=examples(50))
@given(
    st.dictionaries(st.text("01?.,-/: aT$%", max_size=10), st.integers(1, 9), min_size=1, max_size=9),
    st.data(),
)
def test_blanks_around_cells_change_nothing_that_is_read(texts: dict[str, int], data: st.DataObject) -> None:
    stripped = Counter()
    for text, count in texts.items():
        stripped[text.strip()] += count
    spaced = {f" {text} ": count for text, count in stripped.items()}
    first, second = (recognise(one, rows=sum(texts.values())) for one in (stripped, spaced))
    if first.kind in {"date", "duration", "number", "integer", "boolean", "empty"}:
        assert (first.kind, first.notation) == (second.kind, second.notation)


def _names(seed: int, shared: bool) -> list[str]:
    rng = np.random.default_rng(seed)

    def letters(count: int) -> str:
        return "".join(rng.choice(list("abcdefghiklmnoprstu"), size=count)).capitalize()

    often = [letters(6) for _ in range(8)]
    return [
        f"{letters(rng.integers(4, 9))}, {letters(3)} {rng.choice(often) if shared else letters(6)} {letters(7)}"
        for _ in range(400)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_names_in_doubt_are_a_text_if_they_share_words_and_else_identifiers(seed: int) -> None:
    for shared in (True, False):
        found = recognise(Counter(_names(seed, shared)), rows=400)
        assert found.kind == ("text" if shared else "identifier")
        assert found.is_open


@pytest.mark.parametrize("seed", range(3))
def test_what_looks_like_names_of_rows_is_a_text_too_if_half_of_them_share_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdefghiklmnoprstu"), size=6)) for _ in range(800)]
    names = [
        f"{one.capitalize()} {other.capitalize()}"
        for one, other in zip(words[:400], words[400:], strict=True)
    ]
    houses = [f"{one.capitalize()} {('Hotel', 'Inn', 'House')[at % 3]}" for at, one in enumerate(words[:400])]

    assert recognise(Counter(names), rows=400).kind == "identifier"
    assert recognise(Counter(houses), rows=400).kind == "text"
    assert recognise(Counter([*houses[:150], *names[:250]]), rows=400).kind == "identifier"
