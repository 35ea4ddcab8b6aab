"""A line of units or types below the names: refused, or read and said, with the call that leaves it out."""

import pytest

from lepton_core.errors import InvalidData
from tests.lepton_core.table.files.test_found import codes, read


def test_a_second_line_of_units_can_be_left_out_by_the_call_that_is_offered():
    text = "time,posx,posy\ns,m,m\n0,1,2\n1,3,4\n2,5,6\n"
    with pytest.raises(InvalidData, match="if line 2 has units or types, leave it out: ") as caught:
        read(text)
    sheet, rows = read(text, **caught.value.remedies[-1].body)
    assert (sheet.names, rows) == (
        ("time", "posx", "posy"),
        [["0", "1", "2"], ["1", "3", "4"], ["2", "5", "6"]],
    )


@pytest.mark.parametrize("second", ["years,name,yes/no", "[a],-,bool", ",text,text"])
def test_a_second_line_of_words_that_is_no_header_for_sure_is_a_row_and_said(second):
    rows = [f"{31 + at % 9},{('Bonn', 'Ulm')[at % 2]},{('no', 'yes')[at % 3 == 0]}" for at in range(40)]
    text = "\n".join(["age,town,paid", second, *rows, ""])
    sheet, found = read(text)
    [note] = [one for one in sheet.notes if one.code == "second_header"]
    assert (len(found), note.line) == (41, 2)
    again, others = read(text, **note.remedies[0].body)
    assert (again.names, len(others), codes(again)) == (("age", "town", "paid"), 40, [])
    for usual in ("old,Bonn,no", "31,Jena,never", rows[5]):
        assert not codes(read(text.replace(second, usual))[0])
