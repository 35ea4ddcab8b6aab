"""A label that is the word NaN or infinity is refused with a call that works, and makes a class of no other word."""

from collections.abc import Callable
from itertools import combinations, product

import pytest

from lepton_core.errors import InvalidData
from lepton_core.table import Wanted, read_csv
from lepton_core.table.large.read import read_large
from lepton_core.table.parse import Read
from tests.lepton_core.table.large.test_read import Kept

WORDS = ("inf", "Infinity", "-inf", "nan", "NaN", "NA", "-", "null")
SEVERAL = [few for count in (1, 2, 3) for few in combinations(WORDS, count)]


def text(words: tuple[str, ...], rows: int = 60) -> bytes:
    """Of a label of two classes some rows have other words, the last one late in the file."""
    labels = ["a" if row % 2 else "b" for row in range(rows)]
    for at, word in enumerate(words, 1):
        labels[-at] = word
    return ("x,y\n" + "".join(f"{row},{one}\n" for row, one in enumerate(labels))).encode()


def at_once(data: bytes, wanted: dict[str, Wanted]) -> Read:
    return read_csv(data, label="y", wanted=wanted)


def in_parts(data: bytes, wanted: dict[str, Wanted]) -> Read:
    return read_large(
        lambda: [data], Kept(), wanted_for=lambda names: (wanted, ()), label="y", window_bytes=100
    ).read


@pytest.mark.parametrize(("read", "words"), [*product((at_once, in_parts), SEVERAL)])
def test_the_call_that_is_offered_leaves_out_what_is_no_class_and_what_was_none_before(
    read: Callable[[bytes, dict[str, Wanted]], Read], words: tuple[str, ...]
) -> None:
    data = text(words)
    try:
        found = read(data, {})
    except InvalidData as error:
        [way] = error.remedies
        found = read(data, {"y": Wanted(missing_words=tuple(way.body["missing"]["y"]))})
    assert found.table["y"].levels == ("a", "b")
    assert found.table.rows == 60 - len(words)
