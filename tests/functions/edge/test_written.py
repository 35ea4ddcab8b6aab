"""What a request may say of how a file is written is what the core takes, name for name."""

from dataclasses import fields

from msgspec.structs import fields as fields_of

from functions.edge.shapes import Written
from lepton_core.table.reading_options import ReadingOptions

OF_TRAINING_ALONE = {"kinds", "exclude", "bad_rows"}
"""A file to be scored has the columns of its model, and an answer for each row."""


def test_a_request_has_the_options_of_reading_and_the_same_default() -> None:
    said = {one.name for one in fields_of(Written)}
    assert said == {one.name for one in fields(ReadingOptions)} - OF_TRAINING_ALONE
    assert all(getattr(Written(), name) is getattr(ReadingOptions(), name) is None for name in said)
