"""What a run said is kept beside its line: its end, and no path of the machine that it ran on."""

from dataclasses import fields
from functools import partial
from pathlib import Path

from tests.benchmarks.auto_systems import logs
from tests.benchmarks.auto_systems.__main__ import measured
from tests.benchmarks.auto_systems.job import Answer, Job
from tests.benchmarks.auto_systems.results import Line
from tests.benchmarks.auto_systems.systems import Failed
from tests.benchmarks.auto_systems.test_run import run, table

TOLD = {"table": "made", "split": 2, "budget": 60.0, "system": "flaml", "version": "2"}
LINE = Line(**{one.name: TOLD.get(one.name) for one in fields(Line)})


def test_of_a_long_log_the_end_is_kept_below_the_name_of_its_run() -> None:
    said = "\n".join(f"line {number}" for number in range(1000))
    first, *others = logs.kept(LINE, said).splitlines()
    assert first == "## made, split 2, 60 s, flaml 2"
    assert others == [f"line {number}" for number in range(1000 - logs.MOST_LINES, 1000)]


def test_no_folder_of_the_machine_is_kept() -> None:
    said = (
        "saved in /var/tmp/job-1/own/models/\nat 5/7 of 3 s, see https://example.org/a/b and ./own/model.pkl"
    )
    assert logs.kept(LINE, said).splitlines()[1:] == [
        "saved in .../",
        "at 5/7 of 3 s, see https://example.org/a/b and ./own/model.pkl",
    ]


def test_progress_that_writes_over_itself_is_lines_and_colours_are_gone() -> None:
    assert logs.kept(LINE, "10 %\r20 %\r\n\x1b[1mdone\x1b[0m\n").splitlines()[1:] == ["10 %", "20 %", "done"]


def test_the_log_of_a_run_that_failed_is_kept_with_its_line(tmp_path: Path) -> None:
    def fails(_: str, job: Job) -> Answer:
        (job.folder / "log.txt").write_text("I have begun\nand cannot go on\n")
        raise Failed("status 1")

    of, kept = table(), tmp_path / "logs.txt"
    line = measured(run(of), of, "0", "now", fails, partial(logs.append, kept))
    assert line.error == "status 1"
    assert kept.read_text() == "## made, split 0, 5 s, lepton 0\nI have begun\nand cannot go on\n\n"
