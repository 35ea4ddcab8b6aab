"""A tenant's view of a store: typed values in, typed values out, and a wall around it."""

import msgspec
import pytest

from functions.storage import Lost, RecordKind, Stored
from tests.support.stores import Store


class Note(msgspec.Struct, frozen=True):
    text: str


NOTE = RecordKind("note", Note)
HOSTILE = ["", ".", "..", "a/b", "../other", "-a", "a b", "a\n", "é", "a" * 300]


def test_values_come_back_with_their_revision(store: Store) -> None:
    space = store.workspace("one")
    assert space.get(NOTE, "m", "1") is None
    space.write(space.put(NOTE, "m", "1", value=Note("a"), expect=0))
    space.write(space.put(NOTE, "m", "1", value=Note("b"), expect=1), space.check(NOTE, "m", "2", expect=0))
    assert space.get(NOTE, "m", "1") == Stored(Note("b"), 2)
    space.write(space.put(NOTE, "m", "2", value=Note("c"), expect=0))
    listed = [("1", Stored(Note("b"), 2)), ("2", Stored(Note("c"), 1))]
    assert space.list(NOTE, "m") == listed
    assert space.list(NOTE, "m", after="1") == listed[1:]
    assert space.list(NOTE, "m", reverse=True, limit=1) == listed[1:]
    with pytest.raises(Lost):
        space.write(space.delete(NOTE, "m", "1", expect=1))
    space.write(space.delete(NOTE, "m", "1", expect=2))
    assert space.list(NOTE, "m") == listed[1:]


def test_all_goes_on_over_the_end_of_a_page_and_begins_behind_a_key(store: Store) -> None:
    space, keys = store.workspace("one"), [f"{number:03}" for number in range(120)]
    for first in (0, 60):
        chosen = keys[first : first + 60]
        space.write(*(space.put(NOTE, "m", key, value=Note(key), expect=0) for key in chosen))
    assert [key for key, _ in space.all(NOTE, "m")] == keys
    assert [key for key, _ in space.all(NOTE, "m", after="004")] == keys[5:]


def test_a_search_reads_whole_what_fits_and_says_where_to_go_on(store: Store) -> None:
    space, keys = store.workspace("one"), [f"{number:03}" for number in range(90)]
    for first in (0, 45):
        space.write(
            *(space.put(NOTE, key, value=Note(key[-1]), expect=0) for key in keys[first : first + 45])
        )

    def search(text: str, after: str, limit: int, *, reverse: bool) -> tuple[list[str], str | None]:
        found, behind = space.search(
            NOTE, NOTE, lambda note: note.text == text, after=after, limit=limit, reverse=reverse, most=40
        )
        assert all(stored.value == Note(text) for _, stored in found)
        return [key for key, _ in found], behind

    for reverse in (False, True):
        every, after = list[str](), ""
        while True:
            found, behind = search("7", after, 3, reverse=reverse)
            every += found
            if behind is None:
                break
            after = behind
        assert every == sorted((key for key in keys if key[-1] == "7"), reverse=reverse)
    assert search("x", "", 3, reverse=False) == ([], "039")
    assert search("x", "039", 3, reverse=False) == ([], "079")
    assert search("x", "079", 3, reverse=False) == ([], None)
    assert search("0", "", 9, reverse=False) == (["000", "010", "020", "030"], "039")


def test_a_search_reads_nothing_of_what_has_not_the_bytes_that_all_have_that_fit(store: Store) -> None:
    space, read = store.workspace("one"), list[str]()
    space.write(*(space.put(NOTE, text, value=Note(text), expect=0) for text in ("a", "b", "ab")))

    def fits(note: Note) -> bool:
        read.append(note.text)
        return note.text == "b"

    found, behind = space.search(NOTE, NOTE, fits, having=b'b"')
    assert ([key for key, _ in found], behind, sorted(read)) == (["b"], None, ["ab", "b"])


def test_workspaces_do_not_see_each_other(store: Store) -> None:
    one, two = store.workspace("one"), store.workspace("two")
    one.write(one.put(NOTE, "1", value=Note("a"), expect=0))
    store.blobs.put(one.blob("f"), b"")
    assert two.get(NOTE, "1") is None
    assert two.list(NOTE) == []
    assert store.blobs.size(two.blob("f")) is None


def test_paths_with_and_without_parents_do_not_mix(store: Store) -> None:
    space = store.workspace("one")
    space.write(space.put(NOTE, "a", value=Note("1"), expect=0))
    space.write(space.put(NOTE, "a", "b", value=Note("2"), expect=0))
    assert [key for key, _ in space.list(NOTE)] == ["a"]
    assert [key for key, _ in space.list(NOTE, "a")] == ["b"]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_part_that_is_no_name_is_refused(disk: Store, part: str) -> None:
    space = disk.workspace("one")
    for call in (
        lambda: space.get(NOTE, part),
        lambda: space.get(NOTE, part, "a"),
        lambda: space.list(NOTE, part),
        lambda: space.blob("a", part),
        lambda: space.put(NOTE, part, value=Note(""), expect=0),
        lambda: space.delete(NOTE, part, expect=1),
        lambda: space.check(NOTE, part, expect=1),
    ):
        with pytest.raises(ValueError, match="not usable"):
            call()
