"""Texts are told by their words: others of the same length are a drift, new ones of the same words are none."""

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.drift import Profile, profile
from lepton_core.drift.statistics.psi import PSI
from lepton_core.table import Table, Texts
from lepton_core.table.kinds import TEXT
from lepton_core.table.kinds.text_bins import MOST_TEXT_ROWS, TextBins
from tests.support.sampling import examples

FEATURES = 30
THRESHOLD = 0.2

words = st.sampled_from(
    ["good", "Bad", "ÄRGER", "日本", "x_1", "K", "İ", "\n", "ÿ", "\x00", "-", "a", "aB" * 1100]
)
texts = st.lists(
    st.none() | st.text("ab ,é中", max_size=12) | st.lists(words, max_size=4).map(" ".join), max_size=60
)


def sentences(rng: np.random.Generator, rows: int, *, first: int = 0, words: int = 3000) -> list[str]:
    """Sentences of 4 to 24 words; word number k of the language that begins at ``first`` comes as 1 / (k + 1) does."""
    chances = 1 / np.arange(1, words + 1)
    drawn = rng.choice(words, size=(rows, 24), p=chances / chances.sum())
    sizes = rng.integers(4, 25, size=rows)
    return [
        " ".join(f"w{first + word:05d}" for word in row[:size])
        for row, size in zip(drawn.tolist(), sizes, strict=True)
    ]


def note(cells: Sequence[str | None]) -> Texts:
    return Texts.of("note", list(cells))


def drifts(bins: TextBins, cells: Sequence[str | None]) -> bool:
    """Whether `assess` would call it a drift, beside thirty other features."""
    seen = bins.tally(note(cells))
    n, m, used = sum(bins.counts), int(seen.sum()), np.count_nonzero(np.array(bins.counts) + seen)
    line = PSI.noise(1 - 0.001 / (FEATURES + 1), int(used), n, m)
    return PSI.distance(bins.counts, seen) > max(THRESHOLD, line)


@given(texts, texts)
def test_every_row_is_in_one_bin_whatever_counts_it(before: list[str | None], now: list[str | None]) -> None:
    bins, column = TEXT.reference(note(before)), note(now)
    find = bins.finder()
    places = [find(column, row) % len(bins.counts) for row in range(len(now))]
    assert places == bins.places_of(column).tolist()
    assert np.bincount(places, minlength=len(bins.counts)).tolist() == bins.tally(column).tolist()
    assert (sum(bins.counts), bins.counts[-1]) == (len(before), before.count(None))
    stored = json.loads(json.dumps(Profile((bins,), bins).as_dict()))
    assert Profile.from_dict(stored).features == (bins,)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [200, 1000])
def test_new_texts_of_the_same_words_are_no_drift(rows: int) -> None:
    """By the line of one feature alone at 0.95, and by 0.2 alone, at most one draw in ten and in twenty is above."""
    above, drifted, draws = np.zeros(2), 0, examples(100)
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        bins = TEXT.reference(note(sentences(rng, rows)))
        cells = sentences(rng, 200)
        seen = bins.tally(note(cells))
        distance = PSI.distance(bins.counts, seen)
        above += distance > np.array([PSI.noise(0.95, len(bins.counts) - 1, rows, 200), THRESHOLD])
        drifted += drifts(bins, cells)
    assert above[0] <= 0.1 * draws
    assert above[1] <= 0.05 * draws
    assert drifted == 0


def every(step: int) -> Callable[[np.random.Generator, list[str]], list[str]]:
    """Every so manyth text is of other words and exactly as long."""

    def change(rng: np.random.Generator, cells: list[str]) -> list[str]:
        return [text.replace("w0", "w9") if row % step == 0 else text for row, text in enumerate(cells)]

    return change


CHANGES = {
    "all are of other words and as long": every(1),
    "half of them are": every(2),
    "a third is": every(3),
    "one text in all rows": lambda rng, cells: cells[:1] * len(cells),
    "cut to half": lambda rng, cells: [text[: len(text) // 2] for text in cells],
    "two joined": lambda rng, cells: [f"{a} {b}" for a, b in zip(cells, cells[::-1], strict=True)],
    "other words are frequent": lambda rng, cells: [
        " ".join(f"w{(int(word[1:]) + 40) % 3000:05d}" for word in text.split()) for text in cells
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.sampled(3)
@pytest.mark.parametrize("change", CHANGES)
def test_other_texts_are_a_drift(change: str) -> None:
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        bins = TEXT.reference(note(sentences(rng, 1000)))
        found += drifts(bins, CHANGES[change](rng, sentences(rng, 200)))
    assert found >= 19


def test_of_few_rows_a_complete_change_is_seen() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        bins = TEXT.reference(note(sentences(rng, 100)))
        assert drifts(bins, every(1)(rng, sentences(rng, 100)))


def test_texts_that_are_all_of_the_same_words_are_told_from_others() -> None:
    before = [f"{'all is fine with' if i % 2 else 'it came late in'} box {i:03d}" for i in range(200)]
    bins = TEXT.reference(note(before))
    assert not drifts(bins, [text.replace(" box ", " box 7") for text in before])
    assert drifts(bins, [text for text in before if text.startswith("all")] * 2)
    assert drifts(bins, ["xxx xx xxxx xxxx" + text[-8:] for text in before])


def test_texts_that_all_have_the_same_words_are_told_by_their_length_and_from_others() -> None:
    before = [f"{'x' * (i % 12)}{i}@mail.example" for i in range(400)]
    bins = TEXT.reference(note(before))
    assert (len(bins.words), len(bins.usual)) == (0, 2)
    assert not drifts(bins, [text.replace("x", "y") for text in before])
    assert drifts(bins, [f"{'x' * 12}{text}" for text in before])
    assert drifts(bins, [text.replace("mail.example", "liam.elpmaxe") for text in before])


def test_texts_without_a_common_word_are_told_by_their_length() -> None:
    bins = TEXT.reference(note([f"{i * 2654435761 % 2**32:08x}" + "0" * (i % 16) for i in range(400)]))
    assert bins.words == bins.usual == ()
    assert drifts(bins, ["f" * 30] * 200)


def test_no_word_is_kept_by_its_name_and_none_of_few_rows_at_all() -> None:
    cells = [f"dear anna and number {i}" for i in range(20)] + ["berta wrote"] * 4
    bins = TEXT.reference(note(cells))
    assert (len(bins.words), len(bins.usual)) == (0, 4)
    assert "anna" not in json.dumps(bins.as_dict())


def test_words_are_those_of_any_script_in_lower_case() -> None:
    before = [*["今日は大変"] * 20, *["Größe ÄRGER"] * 20]
    bins = TEXT.reference(note(before))
    assert len(bins.words) == 7
    [found] = set(bins.places_of(note(["ärger!", "x. GRÖSSE, Ärger"])).tolist())
    assert found in bins.places_of(note(before)).tolist()


def test_a_large_table_is_looked_at_in_part() -> None:
    rng = np.random.default_rng(0)
    some = sentences(rng, 2000)
    bins = TEXT.reference(note(some * 15))
    assert sum(bins.counts) == MOST_TEXT_ROWS < 30_000
    assert not drifts(bins, sentences(rng, 500))


def test_a_profile_of_lengths_counts_lengths() -> None:
    cells = ["a b c", "a b", None]
    old = {"name": "note", "kind": "text", "edges": [3.5], "counts": [1, 1, 1]}
    bins = TEXT.read_bins(old, "note")
    assert bins.as_dict() == old
    assert bins.tally(note(cells)).tolist() == [1, 1, 1]
    find = bins.finder()
    assert [find(note(cells), row) for row in range(3)] == [1, 0, -1]


def test_a_profile_has_the_least_format_that_it_needs() -> None:
    made = [
        profile(Table((note(cells),)), np.zeros(len(cells))).as_dict() for cells in (["a", "b"], ["a b"] * 9)
    ]
    assert [one.get("format", 1) for one in made] == [1, 3]
