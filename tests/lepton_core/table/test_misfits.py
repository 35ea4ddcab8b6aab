"""What is offered for a later file whose label is spelled in another way reads it as it was meant."""

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions, kind_of, read_file

MANY = 60


def file_of(*labels: str) -> bytes:
    rows = (f"{place * 37 % 91 / 7},{labels[place % len(labels)]}\n" for place in range(MANY))
    return ("x,y\n" + "".join(rows)).encode()


@pytest.mark.parametrize(
    "labels",
    [("no", "yes"), ("0", "yes"), ("no", "1"), ("FALSE", "TRUE"), ("0", "1", "no", "yes"), ("nein", "ja")],
)
def test_yes_and_no_after_zeros_and_ones_are_the_same_classes(labels: tuple[str, ...]) -> None:
    before = read_file(file_of("0", "1"))
    assert before.table["y"].kind == "integer"
    with pytest.raises(InvalidData) as refused:
        read_file(file_of(*labels), label="y", known=before.table.schema.columns)
    assert list(map(str, refused.value.remedies)) == ["kinds={'y': 'boolean'}"]
    said = ReadingOptions(kinds={"y": "boolean"})
    now = read_file(file_of(*labels), said, label="y", known=before.table.schema.columns).table["y"]
    wanted = [float(labels[place % len(labels)] in ("1", "yes", "TRUE", "ja")) for place in range(MANY)]
    assert now.values.tolist() == wanted
    assert len(kind_of(now).names(now)) == 2


@pytest.mark.parametrize(
    "labels", [("5", "yes"), ("low", "high"), ("0", "1", "maybe"), ("1", "2", "3", "no")]
)
def test_other_words_are_no_truth_values(labels: tuple[str, ...]) -> None:
    before = read_file(file_of("0", "1"))
    with pytest.raises(InvalidData) as refused:
        read_file(file_of(*labels), label="y", known=before.table.schema.columns)
    assert "kinds={'y': 'boolean'}" not in map(str, refused.value.remedies)
