"""Words of a file that count as missing are named where they make gaps, and where they may be values."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.report import make_report
from lepton_core.table import ReadingOptions, read_file
from tests.lepton_core.report.test_make import MANY, numbers, report, rows
from tests.support.sampling import examples

MEASURED = numbers(50)
WORDS = st.sampled_from(["None", "NA", "-", "null", "?", "N/A"])


@given(
    st.sampled_from([["Pave"], ["7"], ["7.5", "8"], ["red", "blue"], [], ["1.2.2024"], MEASURED]),
    st.lists(WORDS, min_size=1, max_size=3, unique=True),
    st.booleans(),
)
@settings(deadline=None, max_examples=examples(60))
def test_words_that_make_the_gaps_of_a_column_are_named_wherever_its_gaps_are_spoken_of(
    values: list[str], words: list[str], blank: bool
) -> None:
    gaps = [*words, *([""] if blank else [])]
    cells = [
        values[i // 8 % len(values)] if values and i % 8 == 0 else gaps[i % len(gaps)] for i in range(MANY)
    ]
    lines = rows({"x": numbers(MANY), "gappy": cells}, MANY)
    found = [one for one in report(lines).findings if one.column == "gappy"]
    told = [one for one in found if one.code in {"empty", "constant", "nearly_constant", "many_missing"}]
    assert told
    for one in told:
        for word in words:
            assert f"{word!r} ({cells.count(word)}" in one.message, one
        if "if that is a value, say so" in one.message:
            assert "'gappy': []" in one.remedy
            again = eval(one.remedy.replace("Data.from_csv(path", "dict(path=0"))  # noqa: S307  (our own call)
            options = {name: again[name] for name in again.keys() - {"path", "label"}}
            read = read_file("\n".join(lines).encode(), ReadingOptions(**options), label="y")
            assert read.table["gappy"].missing.sum() == cells.count("")
        else:
            assert values == MEASURED and one.remedy.endswith("exclude=['gappy'])")
    silent = report(lines, missing={"gappy": tuple(words)}).findings
    assert not [one for one in silent if one.column == "gappy" and "as missing" in one.message]


@pytest.mark.parametrize(
    ("values", "words", "named"),
    [
        (["EU", "AS", "AF"], ["NA"], ["NA"]),
        (["mild", "severe"], ["none", "NULL", "nan"], ["none", "NULL", "nan"]),
        (["EU", "AS", "AF"], ["NA", "-", "?", "#N/A", "N/A"], ["NA"]),
        (["+", "++", "?!"], ["-"], ["-"]),
        (["+", "++", "?!"], ["-", "NA"], ["-", "NA"]),
        (["EU", "AS", "AF"], ["-"], []),
        (["EU", "AS", "AF"], ["?"], []),
        (["EU", "AS", "AF"], [""], []),
        (["yes", "no"], ["NA"], []),
        (MEASURED, ["NA"], []),
        (["1.2.2024", "2.2.2024", "13.2.2024"], ["None"], []),
        ([f"Mr. {place} of Town {place}" for place in range(400)], ["None"], []),
    ],
)
def test_a_word_for_missing_that_may_be_one_of_few_values_is_named_with_the_call_that_keeps_it(
    values: list[str], words: list[str], named: list[str]
) -> None:
    many = 900
    cells = [words[i // 9 % len(words)] if i % 9 == 0 else values[i * 7 % len(values)] for i in range(many)]
    lines = rows({"x": numbers(many), "some": cells}, many)
    found = [one for one in report(lines).findings if one.code == "word_for_missing"]
    if not named:
        assert not found
        return
    [note] = found
    assert (note.column, note.level) == ("some", "note")
    for word in {*named, *words}:
        assert (f"{word!r} ({cells.count(word)}" in note.message) is (word in named)
    assert note.remedy == "Data.from_csv(path, label='y', missing={'some': []})"
    again = report(lines, missing={"some": ()})
    assert not [one for one in again.findings if one.code == "word_for_missing"]
    for said in ((words[0],), {"some": (words[0],)}):
        assert "word_for_missing" not in report(lines, missing=said).codes()


def test_of_a_long_file_it_is_said_of_which_rows_the_words_are_counted() -> None:
    many = 20_000
    found = report(rows({"x": numbers(many), "gappy": ["NA" if i % 4 else "a" for i in range(many)]}, many))
    [finding] = [one for one in found.findings if one.code == "many_missing"]
    counted = re.search(r"'NA' \((\d+) of the first (\d+) rows\) counts as missing", finding.message)
    assert counted is not None and int(counted[1]) == int(counted[2]) * 3 // 4


def test_a_later_version_names_the_words_too() -> None:
    lines = rows(
        {"x": numbers(MANY), "gappy": ["None" if i % 4 else "ab"[i % 8 > 0] for i in range(MANY)]}, MANY
    )
    read = read_file("\n".join(lines).encode(), label="y")
    later = read_file("\n".join(lines).encode(), label="y", known=read.table.schema.columns)
    messages = [
        next(one.message for one in make_report(one).findings if one.code == "many_missing")
        for one in (read, later)
    ]
    assert messages[0] == messages[1] and "'None' (300 rows)" in messages[0]
