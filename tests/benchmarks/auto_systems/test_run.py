"""A system sees the training rows and what it is asked, and is judged by labels that it never sees."""

import csv
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.auto_systems import by_lepton
from tests.benchmarks.auto_systems.__main__ import Run, constant_loss, loss_of, measured
from tests.benchmarks.auto_systems.frames import asked as asked_frame
from tests.benchmarks.auto_systems.frames import training as training_frame
from tests.benchmarks.auto_systems.job import Answer, Job, latency, read_answer, read_job
from tests.benchmarks.auto_systems.systems import Failed, asked
from tests.benchmarks.auto_systems.tables import Drawn, Opened, described, of_rows
from tests.benchmarks.real_tables.listed import Archive, Listed, Reading
from tests.benchmarks.real_tables.peer import Told
from tests.benchmarks.real_tables.raw import Raw
from tests.support.waiting import until

ROWS = 60
SPELLED = ("yes", "no", "maybe")
ANSWER = Answer(np.array([1.0, 2.0]), (), 1.5, 10, 0.5, "a tree")


def table(task: str = "classification") -> Opened:
    """Sixty rows: a number, a word, and a label that follows from them; the first row has none."""
    y = np.arange(1, ROWS) % 3
    labels = [SPELLED[one] if task == "classification" else str(one) for one in y]
    cells = [["0", "u", ""]] + [[str(at), "vw"[at % 2], one] for at, one in enumerate(labels, 1)]
    raw = Raw(("number", "word", "label"), "label", ("number", "word", "label"), cells, 0)
    classes = SPELLED if task == "classification" else ()
    of = Told(pd.DataFrame(), y if classes else y.astype(float), np.arange(1, ROWS), classes, ())
    kind = "classification" if classes else "regression"
    listed = Listed("made", Archive("", "", "", ""), "made.csv", "", "label", kind, "", Reading())
    return Opened(listed, of, raw)


def run(of: Opened, system: str = "lepton", budget: float = 5.0) -> Run:
    return Run(system, described(of), 0, budget)


def shares(of: Opened) -> Callable[[str, Job], Answer]:
    """A system that answers with the shares of the classes, or the mean, of its training file."""

    def answer(_: str, job: Job) -> Answer:
        with job.training.open(newline="") as lines:
            labels = [row["label"] for row in csv.DictReader(lines)]
        with job.asked.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert rows
        assert set(rows[0]) == {"number", "word"}
        if not of.of.classes:
            return replace(ANSWER, found=np.full(len(rows), np.mean([float(one) for one in labels])))
        names = tuple(sorted(set(labels)))
        found = np.tile([labels.count(name) / len(labels) for name in names], (len(rows), 1))
        return replace(ANSWER, found=found, classes=tuple(f" {name.upper()} " for name in names))

    return answer


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_who_answers_with_a_constant_has_the_loss_of_the_constant(task: str) -> None:
    of = table(task)
    line = measured(run(of), of, "0", "now", shares(of))
    assert line.loss == pytest.approx(line.constant_loss)
    assert line.error == ""


def test_the_truth_has_no_loss() -> None:
    of = table()
    y = of.of.y[of.split(0)[1]]
    assert loss_of(of, replace(ANSWER, found=np.eye(3)[y], classes=SPELLED), 0) == 0
    assert constant_loss(of, 0) > 0.5


@pytest.mark.parametrize("found", [np.full((12, 3), np.nan), np.ones((3, 3))])
def test_a_row_without_a_prediction_is_a_failure(found: np.ndarray) -> None:
    of = table()
    line = measured(run(of), of, "0", "now", lambda *_: replace(ANSWER, found=found, classes=SPELLED))
    assert line.loss is None
    assert "finite predictions for 12 rows" in line.error


def test_other_held_out_rows_than_the_list_has_are_no_result() -> None:
    of = table()
    other = Run("lepton", Drawn("made", "", "multiclass", 59, 2, 3, (of_rows(np.arange(3)),)), 0, 5.0)
    with pytest.raises(Exception, match="held-out rows of split 0"):
        measured(other, of, "0", "now", shares(of))


def job(folder: Path) -> Job:
    return Job("label", "classification", 5.0, 1, 0, folder)


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_system_is_a_program_that_leaves_its_answer_in_the_folder(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from tests.benchmarks.auto_systems.job import read_job
        from tests.benchmarks.auto_systems.test_run import ANSWER
        ANSWER.write(read_job(Path(sys.argv[1])).folder)
    """
    found = asked("lepton", job(tmp_path), program(code))
    np.testing.assert_array_equal(found.found, ANSWER.found)
    assert replace(found, found=ANSWER.found) == ANSWER
    assert read_job(tmp_path) == job(tmp_path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('no memory')", "status 1: no memory"),
        ("import os; os.kill(os.getpid(), 9)", "status -9: it said nothing"),
        ("print('I did nothing')", "status 0: I did nothing"),
    ],
)
def test_a_system_without_an_answer_has_failed_with_its_last_line(
    code: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Failed, match=said):
        asked("lepton", job(tmp_path), program(code))


def has_ended(process: int) -> bool:
    """Whether it is gone, or only waits for its parent to look."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are looked at in /proc")
def test_what_a_system_started_ends_with_it(tmp_path: Path) -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"
    with pytest.raises(Failed) as failed:
        asked("lepton", job(tmp_path), program(code))
    process = int(str(failed.value).rpartition(" ")[2])
    until(lambda: has_ended(process), "the process has ended")


def test_the_rivals_read_the_held_out_rows_as_the_training_rows(tmp_path: Path) -> None:
    of = job(tmp_path)
    of.training.write_text("a,b,c,label\n1,x,True,u\n2,y,False,w\n")
    of.asked.write_text("a,b,c\n1.5,7,\nnone,8,True\n")
    trained = training_frame(of)
    found = asked_frame(of, trained)
    assert found["b"].tolist() == ["7", "8"]
    assert found["a"].tolist()[0] == 1.5
    assert np.isnan(found["a"].tolist()[1])
    assert trained["c"].tolist() == ["True", "False"]
    assert found["c"].tolist()[1] == "True"


def test_the_latency_is_that_of_single_rows() -> None:
    places: list[int] = []
    assert latency(places.append, 5) >= 0
    assert places == [0, 1, 2, 0, 1, 2, 3, 4]


@pytest.mark.slow
def test_lepton_answers_a_job_through_its_sdk(tmp_path: Path) -> None:
    of = job(tmp_path)
    cells = [f"{at},{'vw'[at % 2]}" for at in range(ROWS)]
    of.training.write_text(
        "number,word,label\n" + "".join(f"{row},{'yn'[at % 2]}\n" for at, row in enumerate(cells))
    )
    of.asked.write_text("number,word\n" + "".join(f"{row}\n" for row in cells[:10]))
    by_lepton.run(replace(of, seconds=0.5)).write(tmp_path)
    answer = read_answer(tmp_path)
    assert set(answer.classes) == {"y", "n"}
    right = answer.found[np.arange(10), [answer.classes.index("yn"[at % 2]) for at in range(10)]]
    assert (right > 0.5).all()
    assert answer.artifact_bytes > 100
    assert "tried" in answer.choice
