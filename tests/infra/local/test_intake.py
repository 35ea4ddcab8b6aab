"""What becomes of a complete file on one machine: a version, a report, and an empty `incoming`."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from functions.context import Context, Platform
from functions.datasets.ingest import landed
from functions.records.kinds import DATASET_VERSIONS, UPLOADS, Upload
from functions.settings import Settings
from infra.local.intake import Intake, IntakeReport
from infra.local.stack import Stack, open_embedded
from tests.infra.local.asking import CSV, ask
from tests.support.watched import Call, WatchedRecords

OTHER = CSV.replace(b"yes", b"perhaps")
BAD = b"a,label\n1,yes\n2,yes\n"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with closing(open_embedded(tmp_path, background=False)) as stack:
        yield stack


@pytest.fixture
def intake(stack: Stack, tmp_path: Path) -> Intake:
    return taking(stack.platform, tmp_path / "blobs")


def taking(context: Context, blobs: Path) -> Intake:
    return Intake(context, blobs, partial(landed, context))


def drop(intake: Intake, name: str, content: bytes = CSV) -> Path:
    path = intake.blobs / "default/incoming/d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files(intake: Intake, room: str) -> list[Path]:
    return sorted((intake.blobs / "default" / room).rglob("*.*"))


def report(intake: Intake, room: str) -> IntakeReport:
    (found,) = (path for path in files(intake, room) if path.suffix == ".json")
    return msgspec.json.decode(found.read_bytes(), type=IntakeReport)


def versions(platform: Platform) -> int:
    return len(platform.workspace("default").list(DATASET_VERSIONS, "d"))


def test_an_accepted_file_moves_to_done_beside_its_report(intake: Intake) -> None:
    intake(drop(intake, "2024-05.csv"))
    assert files(intake, "incoming") == files(intake, "rejected") == []
    made = report(intake, "done")
    assert (made.file, made.dataset, made.state, made.version, made.error) == (
        "2024-05.csv",
        "d",
        "accepted",
        1,
        None,
    )
    assert (intake.blobs / "default/done/d" / f"{made.upload}.csv").read_bytes() == CSV
    assert intake.context.workspace("default").get(UPLOADS, "d", made.upload) is not None


@pytest.mark.parametrize(
    ("dataset", "hint"),
    [("d", ""), ("customer", "did you mean 'customers'?"), ("zz", "create one that does")],
)
def test_a_file_that_no_model_learns_from_is_taken_in_and_its_report_and_the_log_say_so(
    dataset: str, hint: str, intake: Intake, stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    for name, learns_from in (("m", "d"), ("c", "customers")):
        wanted = {"name": name, "algorithm": "logistic_regression", "dataset": learns_from}
        assert ask(stack, "POST", "/v1/models", wanted)["name"] == name
    path = intake.blobs / "default/incoming" / dataset / "may.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(CSV)
    intake(path)
    made = report(intake, "done")
    assert made.state == "accepted"
    assert made.note == (f"no model learns from the dataset {dataset!r}; {hint}" if hint else "")
    assert (made.note in caplog.text) if hint else ("no model" not in caplog.text)


def test_after_a_renaming_a_file_goes_where_its_folder_says(intake: Intake, stack: Stack) -> None:
    wanted = {"name": "m", "algorithm": "logistic_regression", "dataset": "d"}
    ask(stack, "POST", "/v1/models", wanted)
    intake(drop(intake, "may.csv"))
    ask(stack, "PUT", "/v1/datasets/d/name", {"name": "people"})
    path = intake.blobs / "default/incoming/people/june.csv"
    path.parent.mkdir()
    path.write_bytes(OTHER)
    intake(path)
    intake(drop(intake, "july.csv"))
    made = [msgspec.json.decode(path.read_bytes(), type=IntakeReport) for path in files(intake, "done")[1::2]]
    assert sorted((one.file, one.dataset, one.version, one.note) for one in made) == [
        (
            "july.csv",
            "d",
            1,
            "no model learns from the dataset 'd'; the one that had this name is called 'people' now",
        ),
        ("june.csv", "people", 2, ""),
        ("may.csv", "d", 1, ""),
    ]
    ask(stack, "POST", "/v1/models/m/retire")
    ask(stack, "DELETE", "/v1/datasets/people")
    assert [path.name[:4] for path in files(intake, "done")] == ["july", "july"]


def test_a_rejected_file_moves_to_rejected_and_its_report_says_where_it_is_wrong(intake: Intake) -> None:
    intake(drop(intake, "bad.csv", BAD))
    assert files(intake, "incoming") == files(intake, "done") == []
    made = report(intake, "rejected")
    assert (made.state, made.version) == ("rejected", None)
    assert made.error is not None
    assert (made.error.code, made.error.field) == ("invalid_data", "label")
    assert "column 'label'" in made.error.message
    assert (intake.blobs / "default/rejected/d" / f"{made.upload}.csv").read_bytes() == BAD


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_what_is_made_for_a_settled_file_is_its_owners_under_every_umask(intake: Intake, mask: int) -> None:
    paths = [drop(intake, "good.csv"), drop(intake, "bad.csv", BAD)]
    before = os.umask(mask)
    try:
        for path in paths:
            intake(path)
    finally:
        os.umask(before)
    for room in ("done", "rejected"):
        top = intake.blobs / "default" / room
        assert {stat.S_IMODE(path.stat().st_mode) for path in (top, top / "d")} == {0o700}
        (made,) = top.rglob("*.json")
        assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_the_same_name_with_other_content_is_kept_beside_the_first(intake: Intake) -> None:
    for content in (CSV, OTHER):
        intake(drop(intake, "data.csv", content))
    kept = {path.read_bytes() for path in files(intake, "done") if path.suffix == ".csv"}
    assert kept == {CSV, OTHER}
    assert versions(intake.context) == 2


def test_a_file_that_is_too_large_or_has_an_impossible_name_is_rejected_with_a_report(intake: Intake) -> None:
    small = taking(replace(intake.context, settings=Settings(max_upload_bytes=10)), intake.blobs)
    small(drop(intake, "large.csv"))
    made = report(intake, "rejected")
    assert made.error is not None
    assert (made.error.code, made.file) == ("too_large", "large.csv")
    for name in (os.fsdecode(b"\xff.csv"), "two\nlines.csv"):
        intake(drop(intake, name))
    assert files(intake, "incoming") == []
    assert len([path for path in files(intake, "rejected") if path.suffix == ".csv"]) == 3
    assert versions(intake.context) == 0


def test_a_file_sent_through_the_api_leaves_incoming_as_well(stack: Stack, intake: Intake) -> None:
    announced = ask(stack, "POST", "/v1/datasets/d/upload", {"size": len(CSV)})
    for _ in range(2):  # the second time as a client does whose answer got lost
        sent = ask(stack, "PUT", announced["url"], CSV, "text/csv")
        assert (sent["state"], sent["version"]) == ("accepted", 1)
        assert files(intake, "incoming") == []
    assert report(intake, "done").upload == announced["id"]
    assert versions(stack.platform) == 1


def test_another_file_under_an_upload_that_is_settled_is_refused(stack: Stack) -> None:
    announced = ask(stack, "POST", "/v1/datasets/d/upload", {"size": len(CSV)})
    ask(stack, "PUT", announced["url"], CSV, "text/csv")
    other = CSV.replace(b"yes", b"yea")
    assert ask(stack, "PUT", announced["url"], other, "text/csv", status=409)["error"]["code"] == "conflict"


def test_a_file_that_is_replaced_while_it_is_taken_in_is_taken_in_too(intake: Intake) -> None:
    path = drop(intake, "data.csv")

    def replaced(call: Call) -> None:
        """The file is replaced as soon as its version is written."""
        if call.writes_to("dataset_versions"):
            fresh = path.with_name(".fresh")
            fresh.write_bytes(OTHER)
            fresh.rename(path)

    records: Any = WatchedRecords(intake.context.records, after=replaced)
    taking(replace(intake.context, records=records), intake.blobs)(path)
    assert path.read_bytes() == OTHER
    intake(path)
    assert files(intake, "incoming") == []
    assert versions(intake.context) == 2


KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from functions.datasets.ingest import landed
from infra.local.intake import Intake
from infra.local.stack import open_embedded

stack = open_embedded(Path(sys.argv[1]), background=False)
Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Intake(stack.platform, Path(sys.argv[1], "blobs"), partial(landed, stack.platform))(Path(sys.argv[2]))
"""


def test_a_kill_before_the_move_leaves_the_file_to_be_settled_again_with_the_same_result(
    intake: Intake, tmp_path: Path
) -> None:
    path = drop(intake, "data.csv")
    root = Path(__file__).resolve().parents[3]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL
    assert path.exists()
    before = report(intake, "done")
    tenant = intake.context.workspace("default")
    uploads: list[Upload] = [stored.value for _, stored in tenant.list(UPLOADS, "d")]
    intake(path)
    assert files(intake, "incoming") == []
    assert [stored.value for _, stored in tenant.list(UPLOADS, "d")] == uploads
    after = report(intake, "done")
    assert (after.upload, after.version) == (before.upload, before.version)
    assert versions(intake.context) == 1
