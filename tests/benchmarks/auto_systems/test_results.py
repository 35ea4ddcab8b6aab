"""What was measured is kept whatever ends a run, and is not measured again."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.auto_systems.__main__ import left, planned
from tests.benchmarks.auto_systems.results import InUse, Line, alone, append, read
from tests.benchmarks.auto_systems.tables import Drawn

LINE = Line(
    date="2030-01-02",
    table="wells",
    split=1,
    budget=60.0,
    system="flaml",
    version="2.8.0",
    commit="0123456789",
    loss=0.25,
    constant_loss=0.5,
    seconds=59.5,
    artifact_bytes=1000,
    latency_ms=2.5,
    others=0.0,
    choice='trees, "deep"',
    error="",
)
FAILED = replace(
    LINE, loss=None, seconds=None, artifact_bytes=None, latency_ms=None, others=None, error="status 1"
)
TABLES = [Drawn(name, "", "binary", 1000, 3, 2, ()) for name in ("adult", "wells")]
VERSIONS = {"lepton": "0.1.0", "flaml": "2.8.0"}
RUNS = planned(TABLES, VERSIONS, [0, 1], 60.0)


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    assert read(path) == []
    for line in (LINE, FAILED):
        append(path, line)
    assert read(path) == [LINE, FAILED]


@given(cut=st.integers(0))
def test_a_line_that_was_cut_off_is_not_there_and_the_next_one_is_whole(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "results.csv"
    for line in (LINE, FAILED):
        append(path, line)
    content = path.read_bytes()
    path.write_bytes(content[: cut % len(content)])
    kept = read(path)
    assert kept in ([], [LINE])
    append(path, FAILED)
    assert read(path) == [*kept, FAILED]


def test_an_error_of_several_lines_is_one_line(tmp_path: Path) -> None:
    append(tmp_path / "results.csv", replace(FAILED, error="first\nsecond"))
    [line] = read(tmp_path / "results.csv")
    assert line.error == "first second"


def test_only_one_run_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    with alone(path), pytest.raises(InUse, match="wait until it has ended"), alone(path):
        pass
    with alone(path):
        append(path, LINE)


def of(run_at: int, **changes: object) -> Line:
    run = RUNS[run_at]
    line = replace(LINE, table=run.table.name, split=run.split, system=run.system)
    return replace(line, version=VERSIONS[run.system], **changes)


@given(done=st.sets(st.integers(0, len(RUNS) - 1)))
def test_a_run_goes_on_with_what_is_not_measured(done: set[int]) -> None:
    lines = [of(at, commit="now") for at in done]
    assert left(RUNS, lines, VERSIONS, "now") == [run for at, run in enumerate(RUNS) if at not in done]


def test_a_failure_is_a_result() -> None:
    assert (
        len(left(RUNS, [of(0, commit="now", loss=None, error="status 1")], VERSIONS, "now")) == len(RUNS) - 1
    )


def test_another_commit_is_another_lepton_and_the_same_rival() -> None:
    lines = [of(at, commit="before") for at in range(len(RUNS))]
    assert {run.system for run in left(RUNS, lines, VERSIONS, "now")} == {"lepton"}


def test_another_budget_and_another_version_are_measured() -> None:
    lines = [of(at, commit="now") for at in range(len(RUNS))]
    assert left(planned(TABLES, VERSIONS, [0, 1], 600.0), lines, VERSIONS, "now")
    assert {run.system for run in left(RUNS, lines, VERSIONS | {"flaml": "3"}, "now")} == {"flaml"}


def test_a_table_is_finished_with_all_systems_before_the_next() -> None:
    assert [(run.split, run.table.name, run.system) for run in RUNS[:4]] == [
        (0, "adult", "lepton"),
        (0, "adult", "flaml"),
        (0, "wells", "lepton"),
        (0, "wells", "flaml"),
    ]
