"""What stands for a missing cell, is written in two ways, or is in some rows only, and is said."""

import pytest

from lepton_core.report import make_report
from lepton_core.report.make import Earlier
from lepton_core.table import ReadingOptions, read_file

ROWS = 240


def findings(cells, **options):
    """The findings on a column of these cells, beside an even one and a label, by code."""
    lines = [f"{cell};{at % 7};{'pq'[at // 3 % 2]}" for at, cell in enumerate(cells)]
    reading = ReadingOptions(**options)
    read = read_file("\n".join(["x;z;y", *lines, ""]).encode(), reading, label="y")
    return {one.code: one for one in make_report(read, reading).findings if one.column == "x"}, read


@pytest.mark.parametrize(
    ("usual", "word"),
    [
        ("0.{:03}", "-999"),
        ("0.{:03}", "-999.0"),
        ("{}", "9999"),
        ("0,{:03}", "-99,00"),
        ("{}.5", "99999.000"),
        ("2024-{0:02}-1{1}", "1900-01-01"),
        ("2024-{0:02}-1{1}", "9999-12-31"),
        ("1{1}.{0}.2024", "01.01.1900"),
    ],
)
def test_a_number_of_nines_and_a_day_without_meaning_far_from_the_others_are_said(usual, word):
    cells = [usual.format(at % 12 + 1, at % 10) if at % 8 else word for at in range(ROWS)]
    found, before = findings(cells)
    assert before.table["x"].missing.sum() == 0
    assert found["sentinel"].message.startswith("30 rows of 'x' have ")
    words = found["sentinel"].request.body["missing"]
    after, read = findings(cells, missing=words)
    assert "sentinel" not in after
    assert read.table["x"].missing.sum() == 30


@pytest.mark.parametrize(
    ("usual", "word"),
    [("{}", "99"), ("{2}", "999"), ("0.{:03}", "-1"), ("2024-{0:02}-1{1}", "1983-07-03"), ("0.{:03}", "777")],
)
def test_values_that_are_not_alone_or_of_no_such_form_are_not(usual, word):
    cells = [usual.format(at % 12 + 1, at % 10, at * 4) if at % 8 else word for at in range(ROWS)]
    if usual == "{}":
        cells = [str(at % 90) if at % 8 else word for at in range(ROWS)]
    assert "sentinel" not in findings(cells)[0]


@pytest.mark.parametrize("said", [None, {"x": ["NA"]}, ("NA", "9999"), {"z": ["?"], "x": ["none", "none"]}])
def test_calls_that_are_pasted_one_behind_the_other_name_each_word_once(said):
    odd = {0: "9999", 1: "-999", 2: "NA", 3: "none", 4: "k. A."}
    cells = [odd.get(at % 12, f"0.{at:03}") for at in range(ROWS)]
    missing, pasted = said, 0
    while True:
        found, read = findings(cells, missing=missing)
        ways = [one.request.body["missing"] for code, one in found.items() if code in ("sentinel", "mixed")]
        if not ways:
            break
        missing = ways[0] if isinstance(ways[0], dict) else tuple(ways[0])
        words = missing["x"] if isinstance(missing, dict) else missing
        assert len(words) == len(set(words))
        pasted += 1
        assert pasted < 9
    assert pasted > 1
    assert read.table["x"].missing.sum() == 5 * ROWS // 12
    assert not isinstance(said, dict) or said.keys() <= missing.keys()


def test_four_rows_are_too_few():
    assert "sentinel" not in findings(["-999"] * 4 + [f"0.{at:03}" for at in range(ROWS)])[0]


@pytest.mark.parametrize("share", [10, 3])
def test_shares_of_one_among_percentages_are_a_warning(share):
    cells = [f"{at % 90 + 5}%" if at % share else f"0.{at % 90 + 5}" for at in range(ROWS)]
    found, _ = findings(cells)
    assert found["shares"].level == "warning"
    assert "cells without the unit '%', read as if they had it" in found["shares"].message
    assert "shares" not in findings([f"{at % 90}%" if at % share else str(at % 90) for at in range(ROWS)])[0]


@pytest.mark.parametrize("word", ["x", "1", "yes", "2024-01-31"])
def test_a_box_that_is_ticked_in_some_rows_is_no_constant_to_be_left_out(word):
    found, _ = findings([word if at % 3 else "" for at in range(ROWS)])
    assert found["constant"].level == "note"
    assert "or is missing: a model reads which it is" in found["constant"].message
    assert findings([word if at > 2 else "" for at in range(ROWS)])[0]["constant"].level == "warning"


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        (["yes", "no"], ["yes", "no", "maybe"], "'maybe'"),
        (["a", "b"], ["a", "b", "B"], "'B'"),
        (["0", "1"], ["0", "1", "9"], "'9'"),
        (["yes", "no"], ["ja", "nein"], None),
        (["a", "b", "c"], ["a", "b"], None),
    ],
)
def test_classes_that_a_version_before_lacks_are_a_warning(before, now, new):
    def file(classes):
        rows = [f"{at % 11},{at % 7},{classes[at % len(classes)]}" for at in range(ROWS)]
        return "\n".join(["x,z,y", *rows, ""]).encode()

    reading = ReadingOptions()
    first = read_file(file(before), reading, label="y")
    earlier = Earlier(1, make_report(first, reading))
    read = read_file(file(now), reading, label="y", known=first.table.schema.columns)
    found = [one for one in make_report(read, reading, earlier=earlier).findings if one.code == "new_classes"]
    assert [one.level for one in found] == ["warning"] * (new is not None)
    assert new is None or f"lacks: {new} (80)" in found[0].message


@pytest.mark.parametrize(
    ("label", "rare"),
    [
        ("c{0}", True),
        ("person{0}@example.org", True),
        ("k{1}", True),
        ("k{2}", False),
        ("{0}", False),
    ],
)
def test_a_label_with_hardly_a_row_of_each_class_is_a_warning(label, rare):
    rows = [f"{at % 11},{at % 7},{label.format(at, at // 2, at % 40)}" for at in range(ROWS)]
    read = read_file("\n".join(["x,z,y", *rows, ""]).encode(), ReadingOptions(), label="y")
    found = [one.level for one in make_report(read).findings if one.code == "rare_classes"]
    assert found == ["warning"] * rare


@pytest.mark.parametrize("sign", "./-")
def test_dates_in_two_orders_are_said_and_no_call_reads_them_wrong(sign):
    orders = ("{1:02}{2}{0:02}{2}2024", "{0:02}{2}{1:02}{2}2024")
    cells = [orders[at % 2].format(at % 12 + 1, at % 28 + 1, sign) for at in range(ROWS)]
    found, _ = findings(cells)
    assert "text_dates" not in found
    assert found["notations"].remedy == ""
    assert "its cells are dates, but not written in one way" in found["notations"].message
    few = [orders[at % 20 == 0].format(at % 12 + 1, 13 + at % 12, sign) for at in range(ROWS)]
    found, read = findings(few)
    assert read.table["x"].missing.sum() == ROWS // 20
    assert "in these the month is first, unlike in the others" in found["mixed"].message


@pytest.mark.parametrize(
    ("last", "said"),
    [(",{0},{1},q", True), ("Mean,{0},{1},q", True), ("c,{0},5,q", False), ("c,3,{1},q", False)],
)
def test_a_last_row_of_sums_without_a_word_is_a_warning(last, said):
    rows = [f"{'ab'[at % 2]},{at},{at / 4},{'pq'[at // 3 % 2]}" for at in range(60)]
    total = last.format(sum(range(60)), sum(range(60)) / 4)
    read = read_file("\n".join(["n,x,z,y", *rows, total, ""]).encode(), ReadingOptions(), label="y")
    found = [one.level for one in make_report(read).findings if one.code == "sums"]
    assert found == ["warning"] * said
