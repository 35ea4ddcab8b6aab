"""An error is data and text: what the one knows is never read out of the other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lepton_core.errors import Failure, InvalidData, InvalidInput, LeptonError, error_from

texts = st.none() | st.text(max_size=8) | st.sampled_from(["row 2", "row 2: ", "column 'a'", "a': b"])
rows = st.none() | st.integers(1, 99)


@given(st.text(max_size=20), rows, texts)
def test_an_error_comes_back_from_its_data_as_it_was(
    message: str, row: int | None, column: str | None
) -> None:
    error = InvalidData(message, row=row, column=column)
    again = error_from(error.failure)
    assert isinstance(again, InvalidData)
    assert (str(again), again.reason, again.failure) == (str(error), message, error.failure)
    assert (again.row, again.column) == (row, column)


@given(st.text(max_size=20), st.integers(1, 99), texts)
def test_a_row_is_counted_anew_whatever_the_text_says(message: str, row: int, column: str | None) -> None:
    moved = error_from(InvalidData(message, row=row, column=column).failure)
    assert isinstance(moved, InvalidData)
    assert moved.at(row + 100).failure == InvalidData(message, row=row + 100, column=column).failure


def test_a_row_that_only_the_text_names_is_not_known() -> None:
    error = error_from(Failure("invalid_data", "row 7, column 'a': is text"))
    assert (error.row, error.column, error.message) == (None, None, "row 7, column 'a': is text")


def test_the_reason_is_sent_where_the_message_names_the_place_too() -> None:
    assert InvalidData("is missing", row=2).failure.as_dict()["reason"] == "is missing"
    assert "reason" not in InvalidData("is empty").failure.as_dict()


def test_a_reason_is_never_read_out_of_a_message() -> None:
    told = InvalidData("is text", row=7, column="a").failure
    again = error_from(replace(told, reason=None))
    assert isinstance(again, InvalidData)
    assert (again.reason, again.failure.message) == (told.message, told.message)


def test_any_error_may_know_a_place_in_the_data() -> None:
    error = InvalidInput("version 3, column 'y': is constant", field="dataset", row=4, column="y")
    assert error.failure.as_dict() == {
        "code": "invalid_input",
        "message": "version 3, column 'y': is constant",
        "field": "dataset",
        "row": 4,
        "column": "y",
    }


@pytest.mark.parametrize("code", ["internal", "no_such_code"])
def test_a_code_of_no_class_gives_the_base_of_the_tree(code: str) -> None:
    error = error_from(replace(LeptonError("away").failure, code=code))
    assert (type(error), error.message) == (LeptonError, "away")
