"""What an error offers, it has as values: no other part of the program reads its text."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import Failure, InvalidData, InvalidInput, LeptonError, RowFault, error_from
from lepton_core.remedy import Remedy, argument, call, of_model, request_of, reworded, training
from lepton_core.report import make_report
from lepton_core.table import read_file
from tests.lepton_core.table.files.test_bad_files import FILES
from tests.support.offers import offered

WAY = call(exclude=["zip"])
FOLDERS = ("lepton_core", "functions", "lepton_ai", "infra")


def demand_said(text: str, remedies: tuple[Remedy, ...]) -> None:
    said = [one.said for one in remedies]
    assert all(one in text for one in said), "a remedy that the text does not say"
    assert all(any(one in its for its in said) for one in offered(text)), "the text says what is no value"


@pytest.mark.sampled(150)
@pytest.mark.parametrize("case", FILES)
def test_what_is_said_of_a_bad_file_is_offered_as_values(case: str) -> None:
    try:
        read = read_file(FILES[case][0])
    except LeptonError as error:
        demand_said(error.message, error.remedies)
        return
    for note in read.notes:
        demand_said(f"{note.message}; {note.remedy}", note.remedies)
    for one in make_report(read).findings:
        assert bool(one.remedy) == any(way.is_call for way in one.remedies) or one.code == "duplicates"


@pytest.mark.parametrize(
    "way",
    [
        WAY,
        call(delimiter=...),
        argument(kinds={"x": ...}),
        argument(label=...),
        training("m"),
        of_model("retire", "m"),
    ],
)
def test_the_judge_sees_what_is_offered(way: Remedy) -> None:
    assert offered(f"to go on: {way}; or mend it (by hand).") == [way.said]


@pytest.mark.slow
def test_no_call_is_written_into_a_text_by_hand() -> None:
    for file in (file for folder in FOLDERS for file in Path(folder).rglob("*.py")):
        tree = ast.parse(file.read_text())
        docs = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        for one in ast.walk(tree):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in docs:
                assert not offered(one.value), f"{file}, line {one.lineno}: hand over a Remedy"


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput(f"no: {WAY}", remedies=[WAY]).in_file("a.csv"),
        InvalidData(f"no: {WAY}", row=1, remedies=[WAY]).in_file("a.csv"),
        InvalidData(f"no: {WAY}", row=1, remedies=[WAY]).at(9),
        InvalidData.in_rows({3: RowFault(f"no: {WAY}", remedies=(WAY,))}),
        InvalidData.together([InvalidData(f"no: {WAY}", row=one, remedies=[WAY]) for one in (1, 2)], 2, {}),
        InvalidData("no", row=1, remedy=f"read it so: {WAY}", remedies=[WAY]),
    ],
)
def test_an_error_that_is_told_in_another_place_keeps_its_remedies(error: LeptonError) -> None:
    assert error.remedies == (WAY,)
    assert error_from(error.failure).remedies == (WAY,)
    assert error.failure.as_dict()["request"] == {"route": "upload", "body": {"exclude": ["zip"]}}


def test_a_remedy_that_was_cut_off_is_none() -> None:
    failure = Failure("invalid_data", f"{'x' * 30}: {WAY}", remedies=(WAY,))
    assert failure.cut(30).remedies == ()
    assert failure.cut().remedies == (WAY,)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3), st.text(max_size=20))
def test_words_are_replaced_whatever_a_column_is_called(names: list[str], label: str) -> None:
    way = call(label=label, exclude=names)
    assert way.body == {"label": label, "exclude": names}
    assert reworded(f"to go on: {way}, or mend it", [way], lambda one: "--so") == "to go on: --so, or mend it"


def test_an_argument_that_stands_within_a_call_is_not_taken_for_it() -> None:
    short = argument(exclude=["zip"])
    assert reworded(f"{WAY}; {short}", [short, WAY], lambda one: str(one.files)) == "1; 0"


@pytest.mark.parametrize(
    ("remedies", "asked"),
    [
        ([argument(kinds={"x": "category"})], {"kinds": {"x": "category"}}),
        ([call(header=1), call(header=2)], {"header": 1}),
        ([argument(label=...)], None),
        ([argument(kinds={"x": ...}), argument(exclude=["x"])], {"exclude": ["x"]}),
        ([call(delimiter=...)], None),
        ([of_model("retire", "m")], None),
        ([training("m")], {}),
        ([], None),
    ],
)
def test_only_what_can_be_sent_is_a_request(remedies: list[Remedy], asked: dict[str, object] | None) -> None:
    found = request_of(remedies)
    assert (None if found is None else found.body) == asked
