"""What is uploaded: bytes that it holds, or a large file that must still be what it was."""

import gc
from contextlib import closing
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from lepton_ai import Data, Dataset
from lepton_ai.content import LARGE, Content
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.model import Model
from lepton_core.errors import InvalidInput

ROW = b"1.5,2.5,yes\n0.5,-2.5,no\n"


def large_file(folder: Path) -> Path:
    path = folder / "large.csv"
    path.write_bytes(b"a,b,label\n" + ROW * (LARGE // len(ROW) + 1))
    return path


def test_of_a_small_file_the_bytes_are_held_whatever_becomes_of_it(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_bytes(b"a,b,label\n" + ROW * 10)
    data = Data.from_csv(path, quiet=True)
    path.unlink()
    assert data.content == b"a,b,label\n" + ROW * 10


def test_a_large_file_is_read_again_and_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = large_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    data = Data.from_csv("large.csv", quiet=True)
    monkeypatch.chdir("/")  # the folder in which it was found counts
    assert data.content == path.read_bytes()


def longest_bytes(begin: object) -> int:
    """The length of the longest bytes that ``begin`` keeps alive, but for what modules and classes hold."""
    found, seen, left = 0, set[int](), [begin]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        found = max(found, len(one) if isinstance(one, bytes) else 0)
        left += gc.get_referents(one)
    return found


def test_of_a_large_file_no_copy_is_kept_nor_of_the_one_that_is_held_out(tmp_path: Path) -> None:
    path = large_file(tmp_path)
    assert longest_bytes(Data.from_csv(path, quiet=True)) < 1_000_000
    assert longest_bytes(Data.from_csv(path, held_out=path, quiet=True)) < 1_000_000
    path.write_bytes(b"a,b,label\n" + ROW * 100_000)
    assert longest_bytes(Data.from_csv(path, quiet=True)) > 1_000_000


def test_a_large_file_becomes_a_version_with_its_own_bytes_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = large_file(tmp_path)
    with closing(EmbeddedTransport(tmp_path / "state")) as transport:
        dataset = Dataset("m", transport=transport)
        uploaded = dataset.upload(Data.from_csv(path, quiet=True), quiet=True)
        assert uploaded.rows == len(path.read_bytes().splitlines()) - 1
        kept = [one.read_bytes() for one in (tmp_path / "state").rglob(f"*{uploaded.id}*") if one.is_file()]
        assert path.read_bytes() in kept
        sent: list[int] = []
        body = Content.of(path.read_bytes(), path)
        upload = transport.call("POST", "/v1/datasets/m/upload", body={"size": body.size})
        place = f"/v1/datasets/m/upload/{upload['id']}"
        again = transport.call("PUT", place, body=body, content_type="text/csv", sent=sent.append)
        assert (again["state"], again["version"]) == ("accepted", 1)
        assert sent == sorted(sent)
        assert sent[-1] == body.size


@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_a_large_file_that_is_another_one_now_is_refused_and_nothing_is_uploaded(
    tmp_path: Path, how: str
) -> None:
    path = large_file(tmp_path)
    with closing(EmbeddedTransport(tmp_path / "state")) as transport:
        data = Data.from_csv(path, quiet=True)
        model = Model("logistic_regression", name="m", quiet=True, transport=transport)
        if how == "gone":
            path.unlink()
        else:
            content = path.read_bytes()
            path.write_bytes(content[:-24] if how == "cut" else content.replace(b"1.5", b"1.6", 1))
        with pytest.raises(InvalidInput, match="no such file" if how == "gone" else "Data.from_file"):
            model.upload_data(data)
        assert transport.call("GET", "/v1/datasets")["items"] == []


def test_bytes_that_are_in_no_file_are_held(tmp_path: Path) -> None:
    data = bytes(LARGE + 1)
    assert Content.of(data).read() is data
    assert Content.of(data, tmp_path).read() is data
