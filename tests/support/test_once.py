"""What is made once is made once, whoever asks at the same moment, and is whole or not there."""

import threading
from pathlib import Path

import pytest

from tests.support.once import folder_of_the_run, made_once
from tests.support.waiting import joined


class Maker:
    """Writes a file, and knows how often it was asked to."""

    def __init__(self, fail: bool = False) -> None:
        self.fail = fail
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "begun").touch()
        if self.fail:
            raise OSError("the disk is full")
        (folder / "done").touch()


def test_whoever_asks_at_the_same_moment_gets_what_one_made(tmp_path: Path) -> None:
    make, seen = Maker(), []

    def ask() -> None:
        seen.append(sorted(one.name for one in made_once(tmp_path / "made", make).iterdir()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        joined(thread)
    assert seen == [["begun", "done"]] * 8
    assert make.times == 1


def test_what_failed_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    with pytest.raises(OSError, match="the disk is full"):
        made_once(folder, Maker(fail=True))
    assert not folder.exists()
    assert (made_once(folder, Maker()) / "done").exists()


def test_the_processes_of_a_run_share_a_folder_that_no_other_run_has(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path_factory.getbasetemp()
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert folder_of_the_run(tmp_path_factory) == own
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert folder_of_the_run(tmp_path_factory) == own.parent
