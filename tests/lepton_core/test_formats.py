"""What a newer Lepton wrote is refused by name; what an older one wrote without a number is read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lepton_core.drift import Profile, Sketch, empty_sketch, profile
from lepton_core.errors import InvalidArtifact, NewerFormat
from lepton_core.preprocess import Preprocessor
from lepton_core.table import Numbers, Table, pack_table, unpack_table

TABLE = Table((Numbers("a", np.arange(3.0)),))
PROFILE = profile(TABLE, np.arange(3.0))
ARRAYS, HEADER = pack_table(TABLE)

STORED: dict[str, tuple[dict[str, Any], Callable[[Any], object]]] = {
    "table": (HEADER, lambda header: unpack_table(ARRAYS, header)),
    "profile": (PROFILE.as_dict(), Profile.from_dict),
    "sketch": (empty_sketch(PROFILE).as_dict(), Sketch.from_dict),
    "preprocessor": (Preprocessor.empty().as_dict(), Preprocessor.from_dict),
}
NEWEST = {"preprocessor": 3, "profile": 3, "table": 3, "sketch": 3}
WITHOUT_A_NUMBER = ("profile", "sketch")


@pytest.mark.parametrize("what", STORED)
def test_what_is_written_today_is_read(what: str) -> None:
    value, read = STORED[what]
    read(value)
    read({**value, "format": 1})


@pytest.mark.parametrize("what", STORED)
def test_a_newer_format_is_refused_by_name_whatever_else_it_brings(what: str) -> None:
    value, read = STORED[what]
    newer = NEWEST.get(what, 1) + 1
    with pytest.raises(NewerFormat, match=rf"the {what} has format {newer} and was made by a newer Lepton"):
        read({**value, "format": newer, "new": []})


@pytest.mark.parametrize("what", STORED)
@pytest.mark.parametrize("number", ["1", 0, -1, True, 1.0, None])
def test_what_is_no_format_is_damage(what: str, number: object) -> None:
    value, read = STORED[what]
    with pytest.raises(InvalidArtifact) as caught:
        read({**value, "format": number})
    assert not isinstance(caught.value, NewerFormat)


@pytest.mark.parametrize("what", WITHOUT_A_NUMBER)
def test_the_first_format_is_written_without_a_number_as_it_always_was(what: str) -> None:
    assert "format" not in STORED[what][0]
