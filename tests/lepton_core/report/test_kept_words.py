"""Words for a missing cell among the values of a typed table are named, with the call that makes gaps of them."""

import pytest

from lepton_core.report import make_report
from lepton_core.table import Read, ReadingOptions, Table, given_column, read_file

MANY = 90


def read(label: list[str], feature: list[str], reading: ReadingOptions = ReadingOptions()) -> Read:  # noqa: B008
    cells = {
        "x": [place * 37 % 91 / 7 for place in range(MANY)],
        "some": [feature[place * 7 % len(feature)] for place in range(MANY)],
        "y": [label[place * 5 % len(label)] for place in range(MANY)],
    }
    given = Table(tuple(given_column(name, its) for name, its in cells.items()))
    return read_file(given, reading, label="y")


@pytest.mark.parametrize(
    ("label", "feature", "wanted"),
    [
        (["yes", "no", "n/a"], ["a", "b", "c"], {"y": ("warning", ["n/a"])}),
        (["yes", "no", "-"], ["a", "b", "c"], {"y": ("warning", ["-"])}),
        (["EU", "AS", "NA"], ["a", "b", "c"], {"y": ("note", ["NA"])}),
        (["p", "q"], ["a", "b", "?", "NULL"], {"some": ("note", ["?", "NULL"])}),
        (["+", "-"], ["+", "-", "++"], {}),
        (["p", "q"], ["a", "b", "c"], {}),
    ],
)
def test_a_word_that_may_stand_for_a_missing_cell_is_named(
    label: list[str], feature: list[str], wanted: dict[str, tuple[str, list[str]]]
) -> None:
    found = [
        one
        for one in make_report(read(label, feature), frame=True).findings
        if one.code == "word_for_missing"
    ]
    assert {one.column: one.level for one in found} == {name: level for name, (level, _) in wanted.items()}
    for one in found:
        assert one.column is not None
        words = wanted[one.column][1]
        assert one.remedy == f"Data.from_pandas(frame, label='y', missing={ {one.column: words} })"
        said = ReadingOptions(missing={one.column: tuple(words)})
        again = read(label, feature, said)
        assert not set(again.table[one.column].levels) & set(words)
        assert "word_for_missing" not in make_report(again, said, frame=True).codes()


def test_a_label_of_yes_and_no_is_one_once_the_word_is_said() -> None:
    assert read(["yes", "no", "n/a"], ["a", "b"]).table["y"].kind == "category"
    said = ReadingOptions(missing=("n/a",))
    assert read(["yes", "no", "n/a"], ["a", "b"], said).table["y"].kind == "boolean"


def test_a_word_that_is_meant_is_not_named() -> None:
    said = ReadingOptions(missing={"y": ()})
    assert (
        "word_for_missing" not in make_report(read(["EU", "NA"], ["a", "b"], said), said, frame=True).codes()
    )
