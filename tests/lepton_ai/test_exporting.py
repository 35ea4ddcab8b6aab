"""What is written is there whole, in the place that the path leads to."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lepton_ai.content import file_content
from lepton_ai.errors import InvalidInput
from lepton_ai.exporting import write_whole


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    place, link = tmp_path / "real.csv", tmp_path / "link.csv"
    place.write_text("before")
    link.symlink_to(place)
    write_whole(link, b"after")
    assert (link.is_symlink(), place.read_bytes()) == (True, b"after")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.csv", "real.csv"]


def test_a_pipe_stays_one_and_gets_the_data(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(pipe.read_bytes)
        write_whole(pipe, b"data")
        is_pipe = stat.S_ISFIFO(pipe.lstat().st_mode)
        assert is_pipe
        assert got.result(10) == b"data"


def test_a_path_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_whole(tmp_path / "no" / "rows.csv", b"data")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_whole(tmp_path / "a\0b.csv", b"data")
    with pytest.raises(InvalidInput, match="no file can be called"):
        file_content("a\0b.csv")
