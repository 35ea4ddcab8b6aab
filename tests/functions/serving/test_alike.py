"""What the version beside says of a refused call: that it refuses it too, or that it would have answered."""

from typing import Any

import pytest

from functions.serving.alike import refuses
from lepton_core.errors import Damaged, InvalidData, LeptonError, NotFound, RowError, TooLarge, Unavailable
from lepton_core.table.each_row import EachRow

BESIDE: Any = object()


def answers(found: object) -> Any:
    def again(beside: object) -> object:
        assert beside is BESIDE
        if isinstance(found, Exception):
            raise found
        return found

    return again


@pytest.mark.parametrize(
    "error", [InvalidData("is no number"), TooLarge("too many rows"), NotFound("no such thing")]
)
def test_a_call_that_it_refuses_for_any_reason_is_refused_alike(error: LeptonError) -> None:
    assert refuses(BESIDE, answers(error))


@pytest.mark.parametrize(
    "found", [None, "an answer", Damaged("gone"), Unavailable("away"), ZeroDivisionError("in a model")]
)
def test_an_answer_or_a_fault_of_its_own_says_nothing_for_the_other_version(found: object) -> None:
    assert not refuses(BESIDE, answers(found))


@pytest.mark.parametrize(("unread", "expected"), [(0, False), (1, True)])
def test_of_a_file_it_is_refused_alike_with_many_rows_that_cannot_be_read(
    unread: int, expected: bool
) -> None:
    assert refuses(BESIDE, answers(EachRow(None, (), (RowError(1, "is no number"),) * unread))) is expected
