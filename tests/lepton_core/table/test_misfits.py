"""What is offered for a later file whose label is spelled in another way reads it as it was meant."""

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import ReadingOptions, Table, kind_of, read_file, read_large_file
from lepton_core.table.given import given_column
from tests.lepton_core.table.large.test_read import Kept

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


@pytest.mark.parametrize("label", ["y", "x", None])
@pytest.mark.parametrize("kind", ["boolean", "number", "integer", "date", "duration"])
def test_a_kind_that_somebody_named_is_taken_or_refused_with_what_helps(kind: str, label: str | None) -> None:
    said, data = ReadingOptions(kinds={"y": kind}), file_of("p", "q")
    named = {"integer": "number"}.get(kind, kind)  # the wider one
    texts = Table((given_column("x", [1.5] * MANY), given_column("y", ["p", "q"] * (MANY // 2))))
    for read in (
        lambda: read_file(data, said, label=label),
        lambda: read_large_file(lambda: [data], Kept(), said, label=label),
        lambda: read_file(texts, said, label=label),
    ):
        with pytest.raises(InvalidData, match=f"60 of 60 cells are no {named}, the first is 'p'") as refused:
            read()
        assert refused.value.column == "y"
        assert str(refused.value.remedies[0]) == "kinds={'y': 'category'}"


def test_a_label_of_yes_and_no_gets_a_class_unless_somebody_said_what_it_is() -> None:
    before = read_file(file_of("no", "yes"))
    assert before.table["y"].kind == "boolean"
    known, data = before.table.schema.columns, file_of("no", "yes", "perhaps")
    assert read_file(data, label="y", known=known).table["y"].levels == ("no", "perhaps", "yes")
    kept = Kept()
    read_large_file(lambda: [data], kept, label="y", known=known)
    assert kept.tables[0]["y"].kind == "category"
    said = ReadingOptions(kinds={"y": "boolean"})
    for now, earlier in ((said, ReadingOptions()), (ReadingOptions(), said)):
        with pytest.raises(InvalidData, match="20 of 60 cells are no boolean, the first is 'perhaps'"):
            read_file(data, now, label="y", earlier=earlier, known=known)
        with pytest.raises(InvalidData, match="20 of 60 cells are no boolean, the first is 'perhaps'"):
            read_large_file(lambda: [data], Kept(), now, label="y", earlier=earlier, known=known)
