"""What is handed to a system and what comes back: a folder with files, since each system runs in a process of its own.

``training.csv`` has the training rows with the label, ``asked.csv`` the held-out rows without it. This module is also
imported where only the rivals are installed, so it imports nothing of Lepton.
"""

import json
import os
import pickle
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

WARM = 3
MOST_ROWS = 30
MOST_SECONDS = 5.0


@dataclass(frozen=True)
class Job:
    """``task`` is classification or regression; ``seconds`` is the budget of training; ``folder`` has the files."""

    label: str
    task: str
    seconds: float
    threads: int
    seed: int
    folder: Path

    @property
    def training(self) -> Path:
        """The rows to learn from."""
        return self.folder / "training.csv"

    @property
    def asked(self) -> Path:
        """The rows to predict."""
        return self.folder / "asked.csv"

    @property
    def own(self) -> Path:
        """A folder for what the system writes; it is there."""
        path = self.folder / "own"
        path.mkdir(exist_ok=True)
        return path

    def write(self) -> None:
        """Leave the description where `read_job` finds it."""
        described = {**asdict(self), "folder": None}
        (self.folder / "job.json").write_text(json.dumps(described), encoding="utf-8")


@dataclass(frozen=True)
class Answer:
    """``found`` (m,) are values, or (m, classes) the probabilities of ``classes``, as the system spells them.

    ``seconds`` are those from the file to a model that answers, without imports. ``choice`` says in a few words what
    the system chose.
    """

    found: np.ndarray
    classes: tuple[str, ...]
    seconds: float
    artifact_bytes: int
    latency_ms: float
    choice: str

    def write(self, folder: Path) -> None:
        """Leave the answer where `read_answer` finds it."""
        np.save(folder / "found.npy", np.asarray(self.found, np.float64))
        said = {**asdict(self), "found": None}
        (folder / "answer.json").write_text(json.dumps(said), encoding="utf-8")


def read_job(folder: Path) -> Job:
    """The job in a folder."""
    return Job(**{**json.loads((folder / "job.json").read_text(encoding="utf-8")), "folder": folder})


def read_answer(folder: Path) -> Answer:
    """The answer in a folder; FileNotFoundError if there is none."""
    said = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    return Answer(**{**said, "classes": tuple(said["classes"]), "found": np.load(folder / "found.npy")})


def answered(run: Callable[[Job], Answer]) -> None:
    """The whole of a system's program: its one argument is the folder of the job."""
    folder = Path(sys.argv[1])
    run(read_job(folder)).write(folder)
    sys.stdout.flush()
    # Some learners keep threads that would hold the process up.
    os._exit(0)


def latency(predict: Callable[[int], Any], rows: int) -> float:
    """The median of the milliseconds that ``predict(place)`` takes for one row of ``rows``, of 30 rows at most."""
    for place in range(min(WARM, rows)):
        predict(place)
    took: list[float] = []
    began = time.perf_counter()
    for place in range(min(MOST_ROWS, rows)):
        start = time.perf_counter()
        predict(place)
        took.append(1e3 * (time.perf_counter() - start))
        if time.perf_counter() - began > MOST_SECONDS:
            break
    return statistics.median(took)


def pickled_bytes(model: Any) -> int:
    """The size of a model that is kept as a pickle."""
    return len(pickle.dumps(model))


def folder_bytes(folder: Path) -> int:
    """The size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
