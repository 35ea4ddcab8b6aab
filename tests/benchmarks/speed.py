"""How fast files are read, and a model's whole life, beside what users of pandas and scikit-learn do.

``python -m tests.benchmarks.speed docs/benchmarks/speed.md`` writes the table between the page's marks; without a page
it is printed. It takes some minutes and 2 GB of memory. Each measurement is a process of its own, with one thread of
linear algebra; those of both sides alternate, and medians are shown.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.measured import measured_at
from tests.benchmarks.speed_files import FILES

ROUNDS = 9
READING_ROUNDS = 9
"""Beside other work three rounds tell a ratio to a tenth only."""

ROWS = 1_000_000
FOLDS = 5
LIFE_OF_MORE = 3
"""Rounds of the lives of other files than the first."""

ROWS_OF_TEXTS = 200_000
"""Rows of a life beside a pipeline that weighs words: with a million, that pipeline did not end within half an hour."""

HEAD = "| | Lepton, s | beside, s | times | Lepton, MB | beside, MB | times |"


@dataclass(frozen=True)
class Cost:
    """Of each step its seconds of processor time, and the most megabytes that the process has had up to its end."""

    steps: dict[str, float]
    megabytes: dict[str, float]


def read_here(path: Path) -> Iterator[str]:
    """A file becomes a table with kinds, figures, keys of its rows, digests and parts."""
    from functions.datasets.parts import pack
    from lepton_core.table import Rows, describe, read_file

    yield "import"
    read = read_file(path.read_bytes())
    describe(read.table)
    rows = Rows.of(read.table, read.label)
    pack(read.table, rows.keys)
    yield "read"


def read_beside(path: Path) -> Iterator[str]:
    """A file becomes a frame."""
    import pandas as pd

    yield "import"
    pd.read_csv(path)
    yield "read"


def live_here(path: Path) -> Iterator[str]:
    """Create, upload, train, deploy, predict, and evaluate by folds; training evaluates on held-out rows."""
    from lepton_ai.data import Data
    from lepton_ai.embedded import EmbeddedTransport
    from lepton_ai.model import Model

    yield "import"
    with tempfile.TemporaryDirectory() as folder:
        transport = EmbeddedTransport(Path(folder) / "state")
        data = Data.from_csv(path, quiet=True)
        yield "read"
        model = Model("logistic_regression", name="bench", quiet=True, transport=transport)
        model.upload_data(data)
        yield "upload"
        model.train()
        yield "train"
        model.deploy()
        model.predict([{"x0": 0.5}])
        yield "deploy, predict"
        model.evaluate(folds=FOLDS)
        yield "folds"
        transport.close()


def live_beside(pipeline: Callable[[], Any], path: Path) -> Iterator[str]:
    """Read, split, fit a ``pipeline``, score the held-out rows, predict, and evaluate by folds."""
    import pandas as pd
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import cross_val_score, train_test_split

    pipeline()  # loads what it is made of
    yield "import"
    frame = pd.read_csv(path)
    yield "read"
    label = frame.pop("label")
    yield "upload"
    X, held_out, y, truth = train_test_split(frame, label, test_size=0.2, random_state=0, stratify=label)
    model = pipeline().fit(X, y)
    shares = model.predict_proba(held_out)
    log_loss(truth, shares)
    roc_auc_score(truth == "yes", shares[:, 1])
    yield "train"
    model.predict(frame.iloc[:1])
    yield "deploy, predict"
    cross_val_score(pipeline(), X, y, cv=FOLDS, scoring="neg_log_loss")
    yield "folds"


def of_numbers() -> Any:
    """A pipeline for numbers, none of which is missing."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def with_gaps() -> Any:
    """The same for numbers some of which are missing."""
    from sklearn.impute import SimpleImputer

    made = of_numbers()
    made.steps.insert(0, ("impute", SimpleImputer()))
    return made


def with_a_comment() -> Any:
    """The same for numbers and a column of sentences."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")), (TfidfVectorizer(), "comment")
    )
    return make_pipeline(columns, LogisticRegression())


LIVES: dict[str, Callable[[], Any]] = {
    "numbers": of_numbers,
    "numbers and one column of texts": with_a_comment,
    "numbers and one empty cell": with_gaps,
}
"""The files whose models' lives are measured, and the pipeline of a user beside each."""

Side = Callable[[Path], Iterator[str]]
SIDES: dict[str, tuple[Side, Side]] = {
    "read": (read_here, read_beside),
    **{f"life of {name}": (live_here, partial(live_beside, pipeline)) for name, pipeline in LIVES.items()},
}


def measured(what: str, side: int, path: Path, **more: str) -> Cost:
    """One measurement in a process of its own, with ``more`` variables of the environment."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **more}
    command = [sys.executable, "-m", "tests.benchmarks.speed", "measure", what, str(side), str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def measure(work: Iterator[str]) -> Cost:
    """What ``work`` costs from its first step on, which loads libraries."""
    next(work)
    steps, megabytes, before = {}, {}, time.process_time()
    for step in work:
        now = time.process_time()
        steps[step], before = now - before, now
        megabytes[step] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(steps, megabytes)


def both(what: str, path: Path, rounds: int, **more: str) -> tuple[Cost, Cost]:
    """The medians of both sides, measured in turn, with ``more`` variables of the environment."""
    taken: tuple[list[Cost], list[Cost]] = ([], [])
    for number in range(rounds):
        for side in ((0, 1), (1, 0))[number % 2]:
            taken[side].append(measured(what, side, path, **more))
    return median(taken[0]), median(taken[1])


def median(costs: Sequence[Cost]) -> Cost:
    """Each figure by itself."""
    return Cost(
        {step: statistics.median(one.steps[step] for one in costs) for step in costs[0].steps},
        {step: statistics.median(one.megabytes[step] for one in costs) for step in costs[0].steps},
    )


def figures(rows: int = ROWS, rounds: int = ROUNDS, reading: int = READING_ROUNDS) -> Iterator[str]:
    """The lines of the page: medians of so many ``rounds``, and of ``reading`` rounds where a file is only read."""
    few = min(rounds, LIFE_OF_MORE)
    said = f"Medians of {reading} rounds of reading, and of {rounds} of the first life, {few} of the others."
    said = f"{measured_at('scikit-learn', 'pandas', 'numpy')} {said}"
    yield from ("", said, "", HEAD, "|---|" + "---:|" * 6)
    with tempfile.TemporaryDirectory() as folder:
        for name, write in FILES.items():
            path = Path(folder) / f"{name}.csv"
            size = write(path, rows)
            ours, theirs = both("read", path, reading)
            yield _line(f"read {size / 1e6:.0f} MB, {name}", ours, theirs, ["read"])
            yield _line("- by numpy", *both("read", path, reading, LEPTON_NATIVE="0"), ["read"])
            if name in LIVES:
                of = name
                if LIVES[name] is with_a_comment and rows > ROWS_OF_TEXTS:
                    write(path, ROWS_OF_TEXTS)
                    of = f"{name}, {ROWS_OF_TEXTS:,} rows"
                yield from _life(name, of, path, rounds if name == next(iter(LIVES)) else few)
            path.unlink()


def _life(name: str, of: str, path: Path, rounds: int) -> Iterator[str]:
    ours, theirs = both(f"life of {name}", path, rounds)
    steps = [step for step in ours.steps if step != "folds"]
    for step in steps:
        yield _line(f"- {step}", ours, theirs, [step])
    yield _line(f"whole life, {of}", ours, theirs, steps)
    yield _line(f"whole life and {FOLDS} folds, {of}", ours, theirs, list(ours.steps))


def _line(what: str, ours: Cost, theirs: Cost, steps: Sequence[str]) -> str:
    here, beside = (sum(cost.steps[step] for step in steps) for cost in (ours, theirs))
    times = f"{here / beside:.2f}" if beside > 0.01 else ""
    own, other = (cost.megabytes[steps[-1]] for cost in (ours, theirs))
    return f"| {what} | {here:.2f} | {beside:.2f} | {times} | {own:.0f} | {other:.0f} | {own / other:.2f} |"


def main(arguments: Sequence[str]) -> None:
    """Write the page, or be one of the processes that are measured."""
    if arguments[:1] == ["measure"]:
        what, side, path = arguments[1:]
        cost: Any = measure(SIDES[what][int(side)](Path(path)))
        sys.stdout.write(f"{json.dumps(vars(cost))}\n")
        return
    from tests.benchmarks.defaults import write_or_print

    write_or_print(arguments, figures())


if __name__ == "__main__":
    main(sys.argv[1:])
