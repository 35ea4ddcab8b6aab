import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.watcher import MAX_FILE_BACKOFF_SECONDS, PAUSE_SECONDS, QUIET_SECONDS, Watcher
from lepton_core.errors import Unavailable
from tests.support.clocks import Seconds


class Taken:
    """Takes files out of the folder; those named in ``broken`` raise and stay."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.broken: dict[str, Exception] = {}

    def __call__(self, path: Path) -> None:
        name = "/".join(path.parts[-4:])
        self.names.append(name)
        if name in self.broken:
            raise self.broken[name]
        path.unlink()


@pytest.fixture
def clock() -> Seconds:
    return Seconds(1000.0)


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def watcher(tmp_path: Path, clock: Seconds, taken: Taken) -> Watcher:
    return Watcher(tmp_path, taken, clock=clock)


def drop(watcher: Watcher, key: str, text: str = "a,b\n1,2\n") -> Path:
    path = watcher.blobs / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def look(watcher: Watcher, clock: Seconds, seconds: float = 1.0) -> None:
    """Look every half second, so long."""
    for _ in range(int(2 * seconds) + 1):
        watcher.scan()
        clock.now += PAUSE_SECONDS


def calls(names: set[str], scan: Callable[[], Any]) -> Counter[str]:
    """How often ``scan`` calls the built-in functions of these names."""
    found: Counter[str] = Counter()

    def note(frame: Any, event: str, called: Any) -> None:
        if event == "c_call" and called.__name__ in names:
            found[called.__name__] += 1

    sys.setprofile(note)
    try:
        scan()
    finally:
        sys.setprofile(None)
    return found


def test_files_that_stay_are_taken_once_and_again_when_they_change(tmp_path: Path, clock: Seconds) -> None:
    names: list[str] = []
    watcher = Watcher(tmp_path, lambda path: names.append(path.name), clock=clock, room="predict", stay=True)
    path = drop(watcher, "default/predict/m/rows.csv")
    drop(watcher, "default/incoming/m/other.csv")
    look(watcher, clock, 2 * MAX_FILE_BACKOFF_SECONDS)
    assert (names, path.exists()) == (["rows.csv"], True)
    path.write_text("a,b\n1,2\n3,4\n")
    look(watcher, clock)
    assert names == ["rows.csv"] * 2


def test_a_folder_that_belongs_to_nothing_is_named_for_what_it_should_be(
    tmp_path: Path, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = Watcher(tmp_path, lambda _: None, clock=clock, room="predict", of="model", stay=True)
    drop(watcher, "default/predict/no model/rows.csv")
    drop(watcher, "default/predict/m/in/rows.csv")
    look(watcher, clock)
    said = sorted(one.getMessage() for one in caplog.records)
    assert "the folder of their model" in said[0] and "is no model's name" in said[1]


def test_a_look_costs_the_same_after_twenty_thousand_files_as_after_none(
    watcher: Watcher, clock: Seconds, taken: Taken
) -> None:
    asked = {"scandir", "stat", "lstat", "open", "listdir", "is_dir", "fcntl"}
    drop(watcher, "w/incoming/d/first.csv")
    look(watcher, clock)
    before = calls(asked, watcher.scan)
    assert before["scandir"] > 0
    folder = watcher.blobs / "w/incoming/d"
    for number in range(20_000):
        (folder / f"{number}.csv").touch()
    look(watcher, clock)
    assert len(taken.names) == 20_001
    assert calls(asked, watcher.scan) == before


def test_a_file_that_lay_there_before_the_start_is_taken_once(
    watcher: Watcher, taken: Taken, clock: Seconds
) -> None:
    drop(watcher, "default/incoming/d/a.csv")
    drop(watcher, "other/incoming/d/b.csv")
    drop(watcher, "default/tables/d/c")
    drop(watcher, "default/done/d/c.csv")
    look(watcher, clock, 5)
    assert taken.names == ["default/incoming/d/a.csv", "other/incoming/d/b.csv"]


def test_a_file_is_taken_whole_however_long_its_writer_pauses(
    watcher: Watcher, taken: Taken, clock: Seconds
) -> None:
    path = drop(watcher, "w/incoming/d/a.csv", "")
    with path.open("w") as file:
        for part in range(3):
            file.write(f"{part},")
            file.flush()
            look(watcher, clock, 60)
            assert taken.names == []
    look(watcher, clock)
    assert taken.names == ["w/incoming/d/a.csv"]


def test_a_file_that_is_renamed_into_its_place_is_taken_at_the_second_look(
    watcher: Watcher, taken: Taken, clock: Seconds
) -> None:
    draft = drop(watcher, "w/incoming/d/a.csv.part")
    look(watcher, clock, 60)
    assert taken.names == []
    draft.rename(draft.with_suffix(""))
    watcher.scan()
    clock.now += PAUSE_SECONDS
    watcher.scan()
    assert taken.names == ["w/incoming/d/a.csv"]


def test_where_nobody_can_tell_who_writes_a_file_must_have_been_left_alone_for_long(
    watcher: Watcher, taken: Taken, clock: Seconds
) -> None:
    watcher.is_open = lambda path: None
    for size in range(3):
        drop(watcher, "w/incoming/d/a.csv", "x" * size)
        look(watcher, clock, QUIET_SECONDS - 1)
        assert taken.names == []
    look(watcher, clock, 2)
    assert taken.names == ["w/incoming/d/a.csv"]


def test_a_name_that_is_used_again_is_another_file(watcher: Watcher, taken: Taken, clock: Seconds) -> None:
    for text in ("first", "second"):
        drop(watcher, "w/incoming/d/a.csv", text)
        look(watcher, clock)
    assert taken.names == ["w/incoming/d/a.csv"] * 2


def test_drafts_links_and_hidden_files_are_left_alone(watcher: Watcher, taken: Taken, clock: Seconds) -> None:
    for name in (".hidden", "a.csv.tmp", "a.csv.part", "a.csv~"):
        drop(watcher, f"w/incoming/d/{name}")
    drop(watcher, "w/incoming/.folder/b.csv")
    drop(watcher, ".tmp/incoming/d/a.csv")
    drop(watcher, "secret.csv")
    (watcher.blobs / "w/incoming/d/link.csv").symlink_to(watcher.blobs / "secret.csv")
    look(watcher, clock)
    assert taken.names == []


def test_what_cannot_be_taken_is_said_once_and_tried_ever_more_slowly(
    watcher: Watcher, taken: Taken, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b", "c"):
        drop(watcher, f"w/incoming/d/{name}.csv")
    taken.broken = {
        "w/incoming/d/a.csv": Unavailable("table 7 is damaged"),
        "w/incoming/d/b.csv": Unavailable("table 7 is damaged"),
    }
    look(watcher, clock, 20)
    assert taken.names.count("w/incoming/d/c.csv") == 1
    assert taken.names.count("w/incoming/d/a.csv") == 5  # after 0, 1, 3, 7 and 15 s
    (told,) = caplog.records
    assert "table 7 is damaged" in told.getMessage()
    assert told.exc_info is None
    look(watcher, clock, 3600)
    before = len(taken.names)
    look(watcher, clock, 3600)
    tries = 2 * 3600 / MAX_FILE_BACKOFF_SECONDS
    assert tries - 2 <= len(taken.names) - before <= tries + 2
    assert len(caplog.records) == 1
    taken.broken = {}
    look(watcher, clock, 2 * MAX_FILE_BACKOFF_SECONDS)
    assert list((watcher.blobs / "w/incoming/d").iterdir()) == []


def test_a_fault_of_ours_is_said_once_with_its_traceback(
    watcher: Watcher, taken: Taken, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    drop(watcher, "w/incoming/d/a.csv")
    taken.broken = {"w/incoming/d/a.csv": ZeroDivisionError("ours")}
    look(watcher, clock, 600)
    (told,) = caplog.records
    assert told.exc_info is not None


def test_what_is_no_file_is_passed_over_and_told_once(
    watcher: Watcher, taken: Taken, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    folder = drop(watcher, "w/incoming/d/a.csv").parent
    os.mkfifo(folder / "pipe.csv")
    (folder / "broken.csv").symlink_to("nothing")
    (folder / "round").symlink_to(".")
    (watcher.blobs / "x").mkdir()
    (watcher.blobs / "x" / "incoming").write_text("no folder")
    look(watcher, clock, 5)
    assert taken.names == ["w/incoming/d/a.csv"]
    told = sorted(record.getMessage() for record in caplog.records)
    named = ["broken.csv", "pipe.csv", "round"]
    assert [name for name, text in zip(named, told, strict=True) if name in text] == named


def test_who_puts_a_file_into_a_wrong_place_is_told_once(
    watcher: Watcher, taken: Taken, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    drop(watcher, "w/incoming/a.csv")
    drop(watcher, "w/incoming/two words/a.csv")
    drop(watcher, "w/incoming/two\nlines/a.csv")
    drop(watcher, "w/incoming/d/deeper/a.csv")
    look(watcher, clock, 5)
    assert taken.names == []
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 4
    assert all(text.isprintable() for text in told)


def test_any_name_of_a_file_is_handed_over(watcher: Watcher, taken: Taken, clock: Seconds) -> None:
    names = [
        "a" * 255,
        "-rf",
        "%2e%2e",
        "my data; rm.csv",
        "\u202egnp.csv",
        os.fsdecode(b"\xff.csv"),
        "x\ny.csv",
    ]
    for name in names:
        drop(watcher, f"w/incoming/d/{name}")
    look(watcher, clock)
    assert set(taken.names) == {f"w/incoming/d/{name}" for name in names}


def test_folders_without_end_hide_no_file(watcher: Watcher, taken: Taken, clock: Seconds) -> None:
    drop(watcher, "w/incoming/d/a.csv")
    deep = os.open(watcher.blobs / "w/incoming/d", os.O_RDONLY)
    for _ in range(1200):  # deeper than the stack, and the path is longer than a path may be
        os.mkdir("deep", dir_fd=deep)
        inner = os.open("deep", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    try:
        look(watcher, clock)
        assert taken.names == ["w/incoming/d/a.csv"]
    finally:
        _remove(watcher.blobs / "w/incoming/d/deep")


def test_a_folder_that_cannot_be_read_hides_no_other_and_is_told_once(
    watcher: Watcher, taken: Taken, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    drop(watcher, "w/incoming/d/a.csv")
    (watcher.blobs / "v").mkdir()
    (watcher.blobs / "v" / "incoming").symlink_to("incoming")
    look(watcher, clock, 5)
    assert taken.names == ["w/incoming/d/a.csv"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def _remove(deep: Path) -> None:
    """Remove nested folders, each with one folder in it (pytest's own removal would overflow the stack)."""
    top = deep.with_name("moved")
    while deep.is_dir():
        inner = deep / "deep"
        if inner.is_dir():
            inner.rename(top)
        deep.rmdir()
        if top.is_dir():
            top.rename(deep)
