"""Records outlive the program that wrote them: older formats are upgraded as they are read, newer ones are named."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.records import kinds
from functions.storage import Put, Record, RecordKind
from functions.storage.record_codec import decode, encode
from lepton_core.errors import Damaged, Unavailable
from tests.support.stores import Store


class First(msgspec.Struct, frozen=True):
    text: str


class Second(msgspec.Struct, frozen=True):
    words: list[str]


class Third(msgspec.Struct, frozen=True):
    words: list[str]
    length: int


def to_words(body: dict[str, Any]) -> dict[str, Any]:
    return {"words": body["text"].split()}


def with_length(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "length": len(body["words"])}


FIRST = RecordKind("notes", First)
SECOND = RecordKind("notes", Second, format=2, upgrades=(to_words,))
THIRD = RecordKind("notes", Third, format=3, upgrades=(to_words, with_length))
TEXTS = st.text().map(lambda text: " ".join(text.split()))


def stored(body: bytes) -> Record:
    return Record("default/notes", "n1", 1, body)


def test_a_body_of_the_first_format_carries_no_mark() -> None:
    assert json.loads(encode(FIRST, First("a"))) == {"text": "a"}
    assert json.loads(encode(THIRD, Third(["a"], 1))) == {"format": 3, "words": ["a"], "length": 1}


@given(text=TEXTS)
def test_every_older_format_reads_as_if_it_were_written_today(text: str) -> None:
    words = text.split()
    today = Third(words, len(words))
    assert decode(THIRD, stored(encode(FIRST, First(text)))) == today
    assert decode(THIRD, stored(encode(SECOND, Second(words)))) == today
    assert decode(THIRD, stored(encode(THIRD, today))) == today


def test_a_record_without_fields_carries_its_mark_too() -> None:
    class Empty(msgspec.Struct, frozen=True):
        pass

    kind = RecordKind("empty", Empty, format=2, upgrades=(lambda body: body,))
    assert json.loads(encode(kind, Empty())) == {"format": 2}
    assert decode(kind, stored(b"{}")) == decode(kind, stored(b'{"format":2}')) == Empty()


def test_a_read_record_is_written_in_the_newest_format(store: Store) -> None:
    space = store.workspace()
    space.write(space.put(FIRST, "n1", value=First("a b"), expect=0))
    found = space.get(THIRD, "n1")
    assert found is not None
    assert found.value == Third(["a", "b"], 2)
    assert [value.value for _, value in space.list(THIRD)] == [found.value]
    space.write(space.put(THIRD, "n1", value=found.value, expect=found.revision))
    record = store.records.get("default/notes", "n1")
    assert record is not None
    assert json.loads(record.body)["format"] == 3


@pytest.mark.parametrize("body", [b'{"format":3,"words":[],"length":0}', b'{"other":1,"format":3}'])
def test_a_newer_format_is_named_and_not_guessed_at(store: Store, body: bytes) -> None:
    space = store.workspace()
    store.records.write([Put("default/notes", "n1", body, 0)])
    for kind, newest in ((FIRST, 1), (SECOND, 2)):
        said = (
            f"'n1' of the kind 'notes' was written by a newer Lepton .format 3; this one reads up to {newest}"
        )
        for read in (lambda kind=kind: space.get(kind, "n1"), lambda kind=kind: space.list(kind)):
            with pytest.raises(Unavailable, match=said):
                read()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"text":1}',
        b'{"text":"\xff"}',
        b'{"text":null}',
        b'{"format":"2","text":"a"}',
        b'{"format":true,"text":"a"}',
        b'{"format":0,"text":"a"}',
        b'{"format":-1,"text":"a"}',
        b'{"format":2}',
        b'{"format":2,"words":7}',
        b'{"format":3,"words":["a"]}',
        b'{"a":' * 5000,
        b'{"text":' + b"[" * 5000,
    ],
    ids=lambda body: body[:30].decode(errors="replace"),
)
def test_a_record_that_cannot_be_read_is_named(store: Store, body: bytes) -> None:
    space = store.workspace()
    store.records.write([Put("default/notes", "n1", body, 0)])
    with pytest.raises(Damaged, match="'n1' of the kind 'notes' is damaged"):
        space.get(THIRD, "n1")


@pytest.mark.parametrize(("format", "upgrades"), [(1, (to_words,)), (2, ()), (3, (to_words,)), (0, ())])
def test_a_kind_has_one_upgrade_for_each_older_format(format: int, upgrades: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="upgrades"):
        RecordKind("notes", First, format=format, upgrades=upgrades)


def test_no_kind_has_a_field_where_the_mark_of_its_format_stands() -> None:
    class Marked(msgspec.Struct, frozen=True):
        format: int

    with pytest.raises(ValueError, match="'format'"):
        RecordKind("marked", Marked)
    known = [value for value in vars(kinds).values() if isinstance(value, RecordKind)]
    assert len({kind.name for kind in known}) == len(known) > 10


AT_ONCE = """
import sys, threading
import msgspec
from functions.runs.record import RUNS

sys.setswitchinterval(1e-6)
spec = {"algorithm": "x", "hyperparameters": {}, "dataset": "d", "dataset_version": 1}
job = {"type": "train", "spec": spec, "candidates": [{"algorithm": "x", "hyperparameters": {}}]}
noon = "2030-01-01T12:00:00Z"
run = {"id": "a", "model": "m", "job": job, "state": "queued", "created": noon, "updated": noon}
body = msgspec.json.encode(run)
together = threading.Barrier(8)

def read():
    together.wait()
    msgspec.json.decode(body, type=RUNS.type)

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("attempt", range(3))
def test_threads_may_read_the_first_record_of_a_process_at_once(attempt: int) -> None:
    """Each time in a new process: what goes wrong there ends it."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
