"""What a backup takes of each kind of record: a kind that nobody thought of is found here."""

import inspect
import typing
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.backup.contents import OF_ONE_PLACE, NamedFiles, files_in, is_alone, is_written_once, stage
from functions.records import imported, kinds, names, restores, schedules, scorings, sessions, totals
from functions.records.files import File
from functions.runs import record as runs
from functions.runs.job import ScoreJob
from functions.runs.record import RESULTS, RUNS, Kept, Run, TrainOutcome
from functions.runs.task import Learnt
from functions.storage import RecordKind
from functions.storage.record_codec import encode
from tests.support.whole_stores import record

NAMING = {"dataset_versions", "versions", "deployments", "runs", "results"}
"""Kinds whose values hold files; the others name files by their ids, or none."""


def all_kinds() -> dict[str, RecordKind]:  # type: ignore[type-arg]
    rooms = (kinds, imported, names, restores, schedules, scorings, sessions, totals, runs)
    found = [one for room in rooms for one in vars(room).values() if isinstance(one, RecordKind)]
    return {one.name: one for one in found}


def test_every_kind_that_holds_files_is_looked_into() -> None:
    holding = {name for name, kind in all_kinds().items() if "File" in _words(kind.type, set())}
    assert holding == NAMING


def _words(kind: type, seen: set[type]) -> set[str]:
    """The names of all types that a value of the type may hold."""
    if kind in seen:
        return set()
    seen.add(kind)
    arguments = typing.get_args(kind)
    found = {getattr(kind, "__name__", "")}
    if arguments:
        return found.union(*(_words(one, seen) for one in arguments))
    if inspect.isclass(kind):
        for hint in typing.get_type_hints(kind).values() if hasattr(kind, "__annotations__") else ():
            found |= _words(hint, seen)
    return found


def test_what_is_left_out_is_of_one_place_or_a_secret() -> None:
    assert sorted(OF_ONE_PLACE) == ["links", "restores", "schedules", "sessions", "signing"]
    assert set(all_kinds()) >= OF_ONE_PLACE


@pytest.mark.parametrize(
    ("partition", "wanted"),
    [
        ("default/versions/m", 0),
        ("default/runs", 0),
        ("default/windows/m", 0),
        ("default/keys", 0),
        ("default/models", 1),
        ("acme/datasets", 1),
        ("default/deployments", 1),
        ("_system/due_runs", 2),
        ("_system/intents", 2),
        ("_system/keys", 3),
    ],
)
def test_what_leads_to_others_comes_behind_them(partition: str, wanted: int) -> None:
    assert stage(record(partition, "k")) == wanted


def test_what_is_written_alone() -> None:
    assert is_alone("default/windows/m", "2026-01-01T00:0000000001:host-1")
    assert not is_alone("default/windows/m", "2026-01-01T00:0000000001:run-01a22daff217edc2f73771a6")
    assert not is_alone("default/runs", "run-1")
    assert not is_alone("default/versions/m", "0000000001")


@pytest.mark.parametrize(
    ("key", "once"),
    [
        ("default/runs/run-1/artifact", True),
        ("default/incoming/m/june.csv", False),
        ("default/incoming/m/up-01a22daff1530be96f539a35", True),
        ("default/predict/m/rows.csv", False),
        ("default/predict/m/up-zzz", False),
    ],
)
def test_where_people_put_files_another_one_may_be(key: str, once: bool) -> None:
    assert is_written_once(key) == once


def test_files_are_found_however_deep() -> None:
    one, two = File("a/b", "sha256:1"), File("a/c", "")
    assert list(files_in({"x": [(one,), {"y": two}], "z": 1})) == [one, two]


ENDED, GOING = {"default/kept"}, {"default/kept", "default/job"}


@pytest.mark.parametrize(("state", "wanted"), [("succeeded", ENDED), ("running", GOING)])
def test_what_a_run_that_ended_left_behind_is_not_missed(state: Any, wanted: set[str]) -> None:
    """Its outcome is kept, its progress is not; that of one under way is."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    job = ScoreJob("default/scoring/m/up-1", "r.csv", 1, File("default/job", "sha256:01"))
    outcome = TrainOutcome({}, File("default/kept", "sha256:02"))
    run = Run("run-1", "m", job, state, now, now, outcome=outcome)
    result = Kept(Learnt(File("default/result", "sha256:03")))
    named = NamedFiles()
    named.see(record("default/results/run-1", "learn", 1, encode(RESULTS, result)))
    named.see(record("default/runs", "run-1", 1, encode(RUNS, run)))
    assert named.unreadable == []
    going = {"default/result"} if state == "running" else set()
    assert set(named.needed()) == wanted | going
    assert named.needed()["default/kept"] == "02"
    found = named.results_without({"default/result"})
    assert found == (
        {("default/results/run-1", "learn"), ("default/begun/run-1", "learn")} if going else set()
    )
