import os
from pathlib import Path

import pytest

from infra.local.landing import Landing


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Announced:
    """Takes announcements; those of ``broken`` keys fail."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.broken: set[str] = set()

    def __call__(self, key: str, size: int) -> None:
        self.keys.append(key)
        if key in self.broken:
            raise RuntimeError("broken")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def announced() -> Announced:
    return Announced()


@pytest.fixture
def landing(tmp_path: Path, clock: Clock, announced: Announced) -> Landing:
    return Landing(tmp_path, announced, clock=clock)


def drop(landing: Landing, key: str, at: float, text: str = "a,b\n1,2\n") -> None:
    path = landing.blobs / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def test_an_old_file_is_announced_at_the_first_look_and_once(landing: Landing, announced: Announced) -> None:
    landing.scan()
    drop(landing, "default/incoming/d/a.csv", at=10)
    drop(landing, "other/incoming/d/b.csv", at=10)
    drop(landing, "default/tables/d/c", at=10)
    for _ in range(3):
        landing.scan()
    assert announced.keys == ["default/incoming/d/a.csv", "other/incoming/d/b.csv"]


def test_a_file_is_announced_when_it_has_stopped_growing(
    landing: Landing, announced: Announced, clock: Clock
) -> None:
    for size in range(5):
        drop(landing, "default/incoming/d/a.csv", at=clock.now, text="x" * size)
        landing.scan()
        assert announced.keys == []
        clock.now += 0.5
    landing.scan()
    assert announced.keys == ["default/incoming/d/a.csv"]


def test_a_replaced_file_is_announced_again(landing: Landing, announced: Announced, clock: Clock) -> None:
    drop(landing, "w/incoming/d/a.csv", at=10)
    landing.scan()
    drop(landing, "w/incoming/d/a.csv", at=20, text="more")
    landing.scan()
    assert announced.keys == ["w/incoming/d/a.csv"] * 2


def test_drafts_links_and_hidden_files_are_left_alone(landing: Landing, announced: Announced) -> None:
    for name in (".hidden", "a.csv.tmp", "a.csv.part", "a.csv~", ".folder/b.csv"):
        drop(landing, f"w/incoming/d/{name}", at=10)
    drop(landing, ".tmp/incoming/d/a.csv", at=10)
    drop(landing, "secret.csv", at=10)
    (landing.blobs / "w/incoming/d/link.csv").symlink_to(landing.blobs / "secret.csv")
    landing.scan()
    assert announced.keys == []


def test_a_failed_announcement_is_repeated_ever_more_slowly_and_holds_up_no_other(
    landing: Landing, announced: Announced, clock: Clock
) -> None:
    drop(landing, "w/incoming/d/a.csv", at=10)
    drop(landing, "w/incoming/d/b.csv", at=10)
    announced.broken.add("w/incoming/d/a.csv")
    for _ in range(40):
        landing.scan()
        clock.now += 0.5
    assert announced.keys.count("w/incoming/d/b.csv") == 1
    assert announced.keys.count("w/incoming/d/a.csv") == 5  # after 0, 1, 3, 7 and 15 s
    announced.broken.clear()
    clock.now += 60
    landing.scan()
    clock.now += 60
    landing.scan()
    assert announced.keys.count("w/incoming/d/a.csv") == 6


def test_what_is_no_file_is_passed_over(landing: Landing, announced: Announced) -> None:
    folder = landing.blobs / "w/incoming/d"
    drop(landing, "w/incoming/d/folder.csv/inner.csv", at=10)
    os.mkfifo(folder / "pipe.csv")
    (folder / "broken.csv").symlink_to("nothing")
    (folder / "round").symlink_to(".")
    (landing.blobs / "x").mkdir()
    (landing.blobs / "x" / "incoming").write_text("no folder")
    landing.scan()
    assert announced.keys == ["w/incoming/d/folder.csv/inner.csv"]


def test_odd_names_are_announced_and_impossible_ones_are_told_once(
    landing: Landing, announced: Announced, caplog: pytest.LogCaptureFixture
) -> None:
    odd = ["a" * 255, "-rf", "%2e%2e", "my data; rm.csv", "\u202egnp.csv"]
    impossible = [os.fsdecode(b"\xff\xfe.csv"), "two\nERROR lines.csv", "back\\slash.csv"]
    for name in odd + impossible:
        drop(landing, f"w/incoming/d/{name}", at=10)
    for _ in range(3):
        landing.scan()
    assert set(announced.keys) == {f"w/incoming/d/{name}" for name in odd}
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == len(impossible)
    assert all(text.isprintable() and text.encode() for text in told)


def test_folders_without_end_hide_no_file(landing: Landing, announced: Announced) -> None:
    drop(landing, "w/incoming/d/a.csv", at=10)
    deep = os.open(landing.blobs / "w/incoming/d", os.O_RDONLY)
    for _ in range(1200):  # deeper than the stack, and the path is longer than a path may be
        os.mkdir("deep", dir_fd=deep)
        inner = os.open("deep", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    try:
        landing.scan()
        assert announced.keys == ["w/incoming/d/a.csv"]
    finally:
        _remove(landing.blobs / "w/incoming/d/deep")


def test_a_folder_that_cannot_be_read_hides_no_other_and_is_told_once(
    landing: Landing, announced: Announced, caplog: pytest.LogCaptureFixture
) -> None:
    drop(landing, "w/incoming/d/a.csv", at=10)
    (landing.blobs / "v").mkdir()
    (landing.blobs / "v" / "incoming").symlink_to("incoming")
    for _ in range(3):
        landing.scan()
    assert announced.keys == ["w/incoming/d/a.csv"]
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
