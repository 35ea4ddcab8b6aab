"""Every sentence of `functions.storage.protocols` about blobs, over both stores."""

from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.storage import BlobExists, BlobMissing
from functions.storage.checks import MAX_KEY_BYTES, MAX_PART_BYTES, is_blob_key
from lepton_core.artifact import digest
from lepton_core.errors import InvalidInput
from tests.support.stores import Store

FOLDERS = count()
PART = (
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
    .filter(is_blob_key)
    .filter(lambda part: "/" not in part)
)
KEY = st.lists(st.one_of(st.sampled_from(["a", "a-b", "a.b", "b"]), PART), min_size=1, max_size=3)


def apart(keys: set[str]) -> list[str]:
    """``keys`` without those that are folders of others (a disk cannot have both), in byte order."""
    folders = {key[:place] for key in keys for place in range(len(key)) if key[place] == "/"}
    return sorted(keys - folders, key=str.encode)


@pytest.mark.parametrize("data", [b"", b"\0\r\n\xff", b"x" * 3_000_000], ids=["empty", "binary", "large"])
def test_bytes_come_back(store: Store, data: bytes) -> None:
    store.blobs.put("w/a/b", data)
    assert store.blobs.get("w/a/b") == data
    assert store.blobs.size("w/a/b") == len(data)
    assert store.blobs.keys("") == ["w/a/b"]


def test_nothing_there(store: Store) -> None:
    store.blobs.put("w/a", b"1")
    for key in ("w/b", "w", "x/y/z", "w/a/b"):
        with pytest.raises(BlobMissing):
            store.blobs.get(key)
        assert store.blobs.size(key) is None
        store.blobs.delete(key)
    assert store.blobs.get("w/a") == b"1"


@pytest.mark.parametrize("second", [b"first", b"second", b""])
def test_blobs_are_written_once(store: Store, second: bytes) -> None:
    store.blobs.put("w/a", b"first")
    with pytest.raises(BlobExists):
        store.blobs.put("w/a", second)
    assert store.blobs.get("w/a") == b"first"


def test_a_deleted_key_is_free(store: Store) -> None:
    store.blobs.put("w/a", b"first")
    store.blobs.delete("w/a")
    store.blobs.delete("w/a")
    assert store.blobs.size("w/a") is None
    store.blobs.put("w/a", b"second")
    assert store.blobs.get("w/a") == b"second"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "w/",
        "w//a",
        ".",
        "..",
        "../a",
        "w/../../a",
        "w/.",
        "w/.hidden",
        ".tmp/a",
        "w/a\0b",
        "w\\..\\a",
        "w/a\nb",
        "w/\ud800",
        "w/" + "a" * (MAX_PART_BYTES + 1),
        "w/" * (MAX_KEY_BYTES // 2) + "a",
    ],
)
def test_keys_that_no_blob_can_have(store: Store, key: str) -> None:
    for call in (
        lambda: store.blobs.put(key, b"x"),
        lambda: store.blobs.get(key),
        lambda: store.blobs.size(key),
        lambda: store.blobs.delete(key),
    ):
        with pytest.raises(ValueError, match="not usable"):
            call()
    assert store.blobs.keys("") == []


@pytest.mark.parametrize(
    "key",
    ["w/" + "é" * (MAX_PART_BYTES // 2), "w/a b+c%d&e=f?g#h", "w/~a", "w/a..b", "/".join(["a" * 199] * 5)],
)
def test_unusual_keys(store: Store, key: str) -> None:
    store.blobs.put(key, b"x")
    assert store.blobs.get(key) == b"x"
    assert store.blobs.keys(key[:3]) == [key]


def test_a_prefix_is_of_the_key_and_not_of_a_folder(store: Store) -> None:
    for key in ("w/ab/1", "w/ab/2", "w/a/1", "w/abc", "wx/1", "v"):
        store.blobs.put(key, b"")
    assert store.blobs.keys("w/ab") == ["w/ab/1", "w/ab/2", "w/abc"]
    assert store.blobs.keys("w/ab/") == ["w/ab/1", "w/ab/2"]
    assert store.blobs.keys("w") == ["w/a/1", "w/ab/1", "w/ab/2", "w/abc", "wx/1"]
    for prefix in ("x", "w/ab/1/", "/", "../", "w/../", "w//", "v/"):
        assert store.blobs.keys(prefix) == []


@pytest.mark.parametrize("limit", [0, -1])
def test_no_keys_for_no_limit(store: Store, limit: int) -> None:
    store.blobs.put("w/a", b"")
    assert store.blobs.keys("", limit=limit) == []


def test_keys_refuse_what_is_no_page_mark(store: Store) -> None:
    with pytest.raises(InvalidInput):
        store.blobs.keys("", after="\ud800")


@settings(max_examples=25)
@example(paths=[["a", "b"], ["a-b"], ["a.b", "a"], ["a\U0001f600"], ["a\uffff"], ["ab"]], limit=2, cut=1)
@given(paths=st.lists(KEY, max_size=7), limit=st.integers(1, 8), cut=st.integers(0, 3))
def test_keys_are_in_byte_order(store: Store, paths: list[list[str]], limit: int, cut: int) -> None:
    folder = f"{next(FOLDERS)}/"
    keys = apart({folder + "/".join(path) for path in paths})
    for key in keys:
        store.blobs.put(key, key.encode())
    for prefix in {folder, *(key[: len(folder) + cut] for key in keys)}:
        expected = [key for key in keys if key.startswith(prefix)]
        assert store.blobs.keys(prefix) == expected
        pages: list[str] = []
        while page := store.blobs.keys(prefix, after=pages[-1] if pages else "", limit=limit):
            assert len(page) == min(limit, len(expected) - len(pages))
            pages += page
        assert pages == expected
    assert all(store.blobs.get(key) == key.encode() for key in keys)


@settings(max_examples=25)
@given(paths=st.lists(KEY, max_size=6), mark=st.lists(KEY.map("/".join), min_size=1, max_size=2).map("".join))
def test_after_need_not_be_a_key(store: Store, paths: list[list[str]], mark: str) -> None:
    folder = f"{next(FOLDERS)}/"
    keys = apart({folder + "/".join(path) for path in paths})
    for key in keys:
        store.blobs.put(key, b"")
    after = folder + mark
    assert store.blobs.keys(folder, after=after) == [key for key in keys if key.encode() > after.encode()]


def test_an_upload_address_or_none(store: Store) -> None:
    url = store.blobs.upload_url("w/incoming/d/u", size=10, seconds=60)
    assert (url is not None) == (store.name == "aws")


def test_a_download_address_or_none(store: Store) -> None:
    url = store.blobs.download_url("w/exports/e", name="e.lepton", seconds=60)
    assert (url is not None) == (store.name == "aws")


PIECES = st.lists(st.binary(max_size=50), max_size=8)


@given(pieces=PIECES, start=st.integers(0, 500), most=st.integers(1, 500))
@settings(max_examples=20)
def test_pieces_become_the_blob_that_all_of_them_are(
    store: Store, pieces: list[bytes], start: int, most: int
) -> None:
    key, whole = f"w/pieces/{next(FOLDERS)}", b"".join(pieces)
    draft = store.blobs.draft()
    for piece in pieces:
        draft.write(piece)
    assert (draft.size, draft.digest, draft.whole()) == (len(whole), digest(whole), whole)
    assert store.blobs.size(key) is None
    draft.put(key)
    draft.drop()
    assert store.blobs.get(key) == whole
    assert store.blobs.read(key, start, most) == whole[start : start + most]


def test_a_draft_that_is_dropped_leaves_nothing(store: Store) -> None:
    draft = store.blobs.draft()
    draft.write(b"x" * 100_000)
    draft.drop()
    draft.drop()
    assert store.blobs.keys("") == []


def test_a_draft_is_put_under_a_free_key_only(store: Store) -> None:
    store.blobs.put("w/a", b"first")
    draft = store.blobs.draft()
    draft.write(b"second")
    with pytest.raises(BlobExists):
        draft.put("w/a")
    draft.put("w/b")
    draft.drop()
    assert (store.blobs.get("w/a"), store.blobs.get("w/b")) == (b"first", b"second")


def test_a_part_of_what_is_not_there(store: Store) -> None:
    with pytest.raises(BlobMissing):
        store.blobs.read("w/a", 0, 10)
