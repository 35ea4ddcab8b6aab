"""Dashes for a minus, marks that nobody sees, a backslash for a yen, and bounds that are classes of a label."""

from collections import Counter

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table.files import Options, open_sheet
from lepton_core.table.spelling.numbers import NumberNotation, read_number
from lepton_core.table.spelling.recognise import recognise


@pytest.mark.parametrize("sign", "-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d")
def test_a_dash_before_a_number_is_a_minus(sign):
    assert read_number(f"{sign}4.5") == -4.5
    assert recognise(Counter(f"{sign}{at}.5" for at in range(40)), rows=40).kind == "number"
    assert read_number(f"3{sign}4") is None
    assert read_number(f"12.{sign}") == 12


@pytest.mark.parametrize("mark", "\u200b\u200e\u200f\u2060\ufeff")
def test_a_mark_without_a_width_hides_no_number(mark):
    assert read_number(f"4.5{mark}") == read_number(f"{mark}4.5") == 4.5
    assert recognise(Counter(f"{at}.5{mark}" for at in range(40)), rows=40).kind == "number"


def test_a_backslash_is_the_yen_of_cp932():
    assert read_number("\\1,234", NumberNotation(".", ",", "\\")) == 1234
    found = recognise(Counter(f"\\{at},{at + 100}" for at in range(1, 40)), rows=39)
    assert (found.kind, found.notation) == ("integer", ".,\\")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["<5", "5", ">5"], "category"),
        (["1", "2", "3", "≥3"], "category"),
        (["1", "2", "3", ">4"], "integer"),
        (["<0.1", "0.1", "0.3", "0.7"], "number"),
        (["<9", *map(str, range(30))], "integer"),
    ],
)
def test_a_bound_is_another_class_than_the_number(cells, kind):
    assert recognise(Counter(cells * 20), rows=20 * len(cells), is_label=True).kind == kind


@pytest.mark.parametrize("head", ["@relation iris\n", "% of 1988\n%\n\n@RELATION iris\n"])
def test_a_file_of_weka_is_called_so(head):
    with pytest.raises(InvalidData, match="this is an ARFF file"):
        open_sheet(f"{head}@attribute a numeric\n@attribute b {{x,y}}\n@data\n1,x\n2,y\n".encode(), Options())
