"""The classes of a label keep the spelling of their file, whatever the kind of the column."""

import numpy as np
import pytest

from lepton_core.table import Read, Rows, Wanted, concatenate, join_rows, kind_of, read_csv, read_file
from lepton_core.table.given import given_column
from lepton_core.table.packing import pack_table, unpack_table
from lepton_core.table.reading_given import read_given
from lepton_core.table.schema import ColumnSchema
from lepton_core.table.table import Table
from lepton_core.target import class_names, encode_classes
from tests.lepton_core.table.large.test_read import large

CLASSES = [
    ("1", "2"),
    ("1.0", "2.0"),
    ("+1", "-1"),
    ("$1", "$5"),
    ("5%", "10%"),
    ("1,000", "2,000"),
    ("1e1", "2e1"),
    ("(1)", "(2)"),
    ("1 kg", "2 kg"),
    ("1:30", "2:30"),
    ("1h", "2h"),
    ("01", "02"),
    ("7", "007"),
    ("2024-01-01", "2024-01-02"),
    ("01.02.2024", "13.02.2024"),
    ("2020-01-01 00:00:00", "2021-01-01 00:00:00"),
    ("true", "false"),
    ("TRUE", "FALSE"),
    ("Y", "N"),
    ("yes", "no"),
    ("red", "blue"),
    ("9007199254740993", "9007199254740992"),
]


def file_of(labels: list[str]) -> bytes:
    return ("x;label\n" + "".join(f"{row / 8};{label}\n" for row, label in enumerate(labels))).encode()


def classes(read: Read) -> tuple[str, ...]:
    return class_names(read.table["label"])


@pytest.mark.parametrize("pair", CLASSES, ids=" ".join)
def test_a_class_is_called_as_the_file_spells_it(pair: tuple[str, str]) -> None:
    labels = [*pair] * 30
    read = read_csv(file_of(labels))
    assert set(classes(read)) == set(pair)
    of_rows = encode_classes(read.table["label"], classes(read))
    assert [of_rows.classes[place] for place in of_rows.y] == labels


@pytest.mark.parametrize("pair", CLASSES, ids=" ".join)
def test_texts_of_a_program_are_classes_as_they_are(pair: tuple[str, str]) -> None:
    given = Table((given_column("x", np.arange(60.0)), given_column("label", [*pair] * 30)))
    assert set(classes(read_given(given))) == set(pair)


@pytest.mark.parametrize("pair", CLASSES, ids=" ".join)
def test_a_large_file_spells_them_too_wherever_they_stand(pair: tuple[str, str]) -> None:
    for labels in ([*pair] * 200, [pair[0]] * 200 + [pair[1]] * 200):
        table, read, _ = large(file_of(labels), label="label")
        assert set(class_names(table["label"])) == set(pair)
        assert set(classes(read.read)) == set(pair)


@pytest.mark.parametrize("pair", CLASSES, ids=" ".join)
def test_the_spelling_is_stored_with_the_column(pair: tuple[str, str]) -> None:
    table = read_csv(file_of([*pair] * 30)).table
    again = unpack_table(*pack_table(table))
    assert again == table
    assert set(class_names(again["label"])) == set(pair)
    column = table.schema["label"]
    assert ColumnSchema.from_dict(column.as_dict()) == column


@pytest.mark.parametrize(
    ("first", "later"),
    [("1.0 2.0", "1 2"), ("1 2", "1.0 2.0"), ("$1 $2", "1 2"), ("1:30 2:30", "01:30 02:30")],
)
def test_a_later_file_calls_a_class_as_the_first_one(first: str, later: str) -> None:
    before = read_csv(file_of(first.split() * 30)).table
    read = read_file(file_of(later.split() * 30), known=before.schema.columns)
    assert classes(read) == class_names(before["label"]) == tuple(first.split())


def test_a_class_that_comes_later_is_spelled_as_its_file_does() -> None:
    before = read_csv(file_of(["$1", "$5"] * 30)).table
    read = read_file(file_of(["$5", "1", "$9"] * 30), known=before.schema.columns)
    assert classes(read) == ("$1", "$5", "$9")
    joined = join_rows(Rows.of(before, "label"), read.table)
    assert joined.as_before
    assert class_names(joined.rows.table["label"]) == ("$1", "$5", "$9")
    assert class_names(concatenate([before, joined.news])["label"]) == ("$1", "$5", "$9")


def test_the_most_frequent_spelling_names_a_class_and_a_note_tells_the_others() -> None:
    read = read_csv(file_of(["1.0"] * 20 + ["1"] * 10 + ["2"] * 10 + ["2.0"] * 9 + ["2.00"]))
    assert classes(read) == ("1.0", "2")
    [note] = [note for note in read.notes if note.code == "label_spellings"]
    assert note.column == "label"
    assert note.message.endswith("'1' is taken for '1.0'; '2.0', '2.00' is taken for '2'")


def test_a_large_file_tells_them_too() -> None:
    _, read, _ = large(file_of(["1.0"] * 200 + ["1", "2.0"] * 100), label="label")
    [note] = [note for note in read.read.notes if note.code == "label_spellings"]
    assert note.message.endswith("'1' is taken for '1.0'")


@pytest.mark.parametrize("labels", [["1", "2"], ["yes", "no"], ["$1", "$2"]])
def test_of_one_spelling_there_is_no_note(labels: list[str]) -> None:
    assert "label_spellings" not in [note.code for note in read_csv(file_of(labels * 30)).notes]


def test_quantities_and_features_keep_no_spelling() -> None:
    values = [f"${value}" for value in range(60)]
    assert read_csv(file_of(values)).table["label"].notation == "._$"
    assert read_csv(file_of(["1.50", "2.00"] * 30)).table["label"].notation == ""
    other = read_csv(b"x,label\n" + b"1.0,a\n2.0,b\n" * 30).table["x"]
    assert kind_of(other).names(other) == ("1", "2")


@pytest.mark.parametrize(
    "pair", [pair for pair in CLASSES if pair[0] not in ("01", "7", "red", "9007199254740993")]
)
def test_a_model_knows_its_classes_in_another_spelling(pair: tuple[str, str]) -> None:
    label = read_csv(file_of([*pair] * 30)).table["label"]
    names = class_names(label)
    plain = read_csv(
        file_of([*pair] * 30), wanted={"label": Wanted(label.kind, label.notation.partition("\n")[0])}
    )
    assert encode_classes(plain.table["label"], names).y.tolist() == encode_classes(label, names).y.tolist()
    by_value = given_column("label", label.values)
    if label.kind in ("number", "integer"):
        assert encode_classes(by_value, names).y.tolist() == encode_classes(label, names).y.tolist()
