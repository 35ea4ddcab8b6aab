"""Lists within cells, as `Drama;Action`, are told from cells by the names above them."""

import re

import pytest

from lepton_core.table.files import Options, open_sheet


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("name,genres,paid", "Film {0},Drama;Action;War,{1}"),
        ("name,genres,paid", "Film {0},Drama|Action|War,{1}"),
        ("tags|paid", "a;b;c|{1}"),
        ("pos;speed;paid", "{0}.5,{0}.2;0.1,0.3;{1}"),
        ("pos;speed;paid", "({0}.5,{0}.2);(0.1,0.3);{1}"),
        ("a;b;c;paid", "u,v,w;red|blue;{{2,3}};{1}"),
    ],
)
def test_the_cells_are_as_many_as_the_names(header, row):
    names = tuple(re.split("[,;|]", header))
    text = header + "\n" + "".join(row.format(i, i % 2) + "\n" for i in range(30))
    sheet = open_sheet(text.encode(), Options())
    rows = [cells for chunk in sheet.chunks(7) for cells in chunk]
    assert sheet.names == names
    assert {len(cells) for cells in rows} == {len(names)}
    assert rows[1][-1] == "1"
