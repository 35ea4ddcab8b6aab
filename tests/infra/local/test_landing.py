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
