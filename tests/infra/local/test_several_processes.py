"""Several processes over one folder give each thing to one of them, also while they come and go."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from functions.context import Context
from functions.records.kinds import DATASET_VERSIONS, UPLOADS
from functions.storage.posix import is_being_written
from infra.local.intake import IntakeReport
from infra.local.process_lock import ProcessLock
from tests.infra.local.asking import CSV
from tests.infra.local.test_stopping import ROOT, STOPPING, begin_training, opened, run_of
from tests.infra.local.test_up import up
from tests.support.waiting import BACKSTOP, until

pytestmark = pytest.mark.slow

LOOKING = """
import sys
from datetime import timedelta
from pathlib import Path
from infra.local.stack import open_worker
from infra.local.stored_schedule import StoredSchedule

folder = Path(sys.argv[1])


def job():
    with (folder / "done").open("a") as file:
        file.write("done\\n")


schedule = StoredSchedule(open_worker(folder / "data").context, "daily", timedelta(days=1), job)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(20):
    schedule()
"""


def dropped(data: Path, number: int) -> None:
    folder = data / "blobs/default/incoming/d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.csv").write_bytes(CSV + b"".join(b"9,9,yes\n" for _ in range(number)))


def taken(context: Context, data: Path, files: int) -> None:
    """Every file became one version, and lies in ``done`` with its report."""
    tenant = context.workspace("default")
    assert len(tenant.list(DATASET_VERSIONS, "d")) == files
    uploads = {stored.value.id: stored.value for _, stored in tenant.list(UPLOADS, "d")}
    assert len(uploads) == files
    reports = [
        msgspec.json.decode(path.read_bytes(), type=IntakeReport)
        for path in (data / "blobs/default/done/d").glob("*.json")
    ]
    assert {report.upload: report.version for report in reports} == {
        upload.id: upload.version for upload in uploads.values()
    }
    assert len(list((data / "blobs/default/done/d").glob("*.csv"))) == files


def test_of_many_processes_that_look_at_a_schedule_one_keeps_it(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOOKING, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=BACKSTOP)
        assert process.returncode == 0
    assert (tmp_path / "done").read_text() == "done\n"


def test_files_that_are_dropped_are_taken_once_while_processes_come_and_go(tmp_path: Path) -> None:
    incoming = tmp_path / "blobs/default/incoming/d"
    with up(tmp_path) as first, up(tmp_path) as second:
        for number in range(1, 9):
            dropped(tmp_path, number)
        until(lambda: len(list(incoming.iterdir())) < 8, "the first file is taken")
        first.stop(signal.SIGKILL)
        for number in range(9, 13):
            dropped(tmp_path, number)
        with up(tmp_path) as third:
            until(lambda: not list(incoming.iterdir()), "every file is taken")
            assert second.stop()[0] == 0
            dropped(tmp_path, 13)
            until(lambda: not list(incoming.iterdir()), "every file is taken")
            assert third.stop()[0] == 0
    with opened(tmp_path) as context:
        taken(context, tmp_path, 13)


@pytest.mark.lengthy
def test_a_run_goes_on_at_once_in_the_process_beside_the_one_that_is_stopped(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        run = begin_training(first)
        with up(tmp_path) as second:
            assert first.stop() == (0, STOPPING)
            until(lambda: run_of(tmp_path, run).attempt == 2, "the run goes on beside it")
            assert run_of(tmp_path, run).crashes == 0
            status, said = second.stop()
            shared, stopping = said.splitlines(keepends=True)
            assert (status, stopping) == (0, STOPPING)
            assert "WARNING another process keeps" in shared and "one of them" in shared
    assert run_of(tmp_path, run).lease is None


def test_a_process_lock_is_one_process_until_it_gives_it_up_or_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    hold = (
        "import sys\nfrom pathlib import Path\nfrom infra.local.process_lock import ProcessLock\n"
        "one = ProcessLock(Path(sys.argv[1]))\nprint(one.is_ours(), one.is_ours(), flush=True)\nsys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"True True\n"
        mine = ProcessLock(path)
        assert not mine.is_ours()
        other.kill()
    until(mine.is_ours, "the lock is free")
    mine.give_up()
    assert not mine.is_ours()
    later = ProcessLock(path)
    assert later.is_ours()
    later.give_up()


def test_a_file_that_another_process_has_open_for_writing_is_seen_to_be(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    write = "import sys\nwith open(sys.argv[1], 'a'):\n print(flush=True)\n sys.stdin.readline()\n"
    with subprocess.Popen(
        [sys.executable, "-c", write, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert is_being_written(path)
        writer.communicate(b"\n")
    assert is_being_written(path) is False
    with path.open():
        assert is_being_written(path) is False
