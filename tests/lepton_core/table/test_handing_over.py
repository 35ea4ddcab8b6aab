"""A table that was read is handed over within the block, for the same file and options, in the same thread."""

from threading import Thread

import pytest

from lepton_core.table import ReadingOptions, read_file
from lepton_core.table.handing_over import handed_over, handing_over

READ = read_file(b"a,b\n1,2\n3,4\n")
SAID = ReadingOptions(decimal=",")


def found(digest: str = "d", reading: ReadingOptions = SAID, label: str | None = "b") -> object:
    return handed_over(lambda: digest, reading, label)


def test_it_is_there_within_the_block_only() -> None:
    with handing_over(READ, "d", SAID, "b"):
        assert found() is READ
        with handing_over(READ, "other", SAID, "b"):
            assert found() is None
        assert found() is READ
    assert found() is None


def test_another_file_other_options_or_another_label_get_nothing() -> None:
    with handing_over(READ, "d", SAID, "b"):
        assert found(digest="e") is None
        assert found(reading=ReadingOptions()) is None
        assert found(label=None) is None


def test_another_thread_gets_nothing() -> None:
    seen: list[object] = []
    with handing_over(READ, "d", SAID, "b"):
        thread = Thread(target=lambda: seen.append(found()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_an_error_ends_the_block_too() -> None:
    with pytest.raises(KeyError), handing_over(READ, "d", SAID, "b"):
        raise KeyError
    assert found() is None


def test_the_digest_is_asked_for_only_if_something_is_handed_over() -> None:
    def never() -> str:
        raise AssertionError

    assert handed_over(never, SAID, "b") is None
