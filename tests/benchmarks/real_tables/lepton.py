"""What Lepton makes of each listed table with nothing said but its label, beside the peer's figures.

``python -m tests.benchmarks.real_tables.lepton docs/benchmarks/tables.md [--quick] [NAME...]`` writes the tables
between the page's second marks, ``-`` for the page prints them; with names only those are measured, and the other lines
stay. ``--quick`` measures one split in place of three. It takes two hours on two cores; set OMP_NUM_THREADS=1.
"""

import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sklearn

from lepton_ai import Data, LeptonError, Model, Predictions
from lepton_ai.embedded import embedded_transport
from lepton_ai.transport import Transport
from tests.benchmarks.defaults import accuracy
from tests.benchmarks.real_tables.fetch import content
from tests.benchmarks.real_tables.life import life, predicted
from tests.benchmarks.real_tables.listed import Listed, listed
from tests.benchmarks.real_tables.peer import (
    MOST_COMPARED,
    PROCESSES,
    SEEDS,
    Measured,
    Told,
    loss_of,
    mean,
    rows_of,
    split,
    told,
)
from tests.benchmarks.real_tables.raw import Raw, raw

START, END = "<!-- lepton -->\n", "<!-- lepton end -->\n"
BOOSTING = "gradient_boosting"
LINEAR = {"classification": "logistic_regression", "regression": "linear_regression"}
FIGURE = {"classification": "log_loss", "regression": "rmse"}


@dataclass(frozen=True)
class Asked:
    """A table, taken apart, of which the rows at the places ``of.rows`` have a label."""

    table: Listed
    of: Told
    cells: Raw

    def data(self, places: np.ndarray) -> Data:
        """What a user uploads of the rows with a label, by their places among them."""
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "part.csv"
            path.write_bytes(self.cells.file(self.of.rows[places].tolist()))
            return Data.from_csv(path, label=self.cells.label, quiet=True)


def measured(asked: Asked, seed: int) -> Measured:
    """One split: the better of two algorithms is taken, and measured on the held-out part.

    Of the training rows Lepton itself holds a fifth out, for its own report; it is told nothing else than the label.
    """
    training, held_out = split(asked.of.y, bool(asked.of.classes), seed)
    with tempfile.TemporaryDirectory() as place:
        transport = embedded_transport(Path(place))
        try:
            model = chosen(asked, training, seed, transport)
            answers = predicted(model, asked.cells.records(asked.of.rows[held_out].tolist()))
        finally:
            transport.close()
    found, truth = values(asked, training, answers), asked.of.y[held_out]
    score = (
        accuracy(found, truth) if asked.of.classes else 1 - float(np.mean((found - truth) ** 2) / truth.var())
    )
    return Measured(model.algorithm, loss_of(asked.of, found, held_out), score)


def chosen(asked: Asked, training: np.ndarray, seed: int, transport: Transport) -> Model:
    """The deployed model with the better cross-validation of its training rows, trained on all of them.

    An algorithm that takes the label for the other task is passed over.
    """
    compared = training
    if len(training) > MOST_COMPARED:
        compared = np.random.default_rng(seed).permutation(training)[:MOST_COMPARED]
    task, losses = asked.table.task, {}
    for algorithm in (LINEAR[task], BOOSTING):
        model = Model(algorithm, name=algorithm.replace("_", "-"), quiet=True, transport=transport)
        model.upload_data(asked.data(compared))
        model.train()
        if model.task == task:
            losses[model] = model.evaluate().metrics[FIGURE[task]] or np.inf
    best = min(losses, key=losses.__getitem__)
    if len(compared) < len(training):
        best.upload_data(asked.data(training))
        best.train()
    best.deploy()
    return best


def values(asked: Asked, training: np.ndarray, answers: Predictions) -> np.ndarray:
    """Values (m,), or the probability of each of the peer's classes (m, classes)."""
    if not asked.of.classes:
        return np.array(answers.values)
    spelled = dict(
        zip(asked.cells.labels(asked.of.rows[training].tolist()), asked.of.y[training], strict=True)
    )
    places = [code_of(name, spelled) for name in answers.classes]
    found = np.zeros((len(answers), len(asked.of.classes)))
    for row, probabilities in zip(found, answers.probabilities, strict=True):
        np.add.at(row, places, [probabilities[name] for name in answers.classes])
    return found


def code_of(name: str, spelled: Mapping[str, int]) -> int:
    """The code of the class ``name``: a label as the file has it, or the same number or word in another spelling.

    >>> code_of("1", {"1.0": 0, "2.0": 1}), code_of("false", {"TRUE": 1, "FALSE": 0})
    (0, 0)
    """
    if name in spelled:
        return int(spelled[name])
    for other, code in spelled.items():
        if name.lower() == other.lower() or (
            _is_number(name) and _is_number(other) and float(name) == float(other)
        ):
            return int(code)
    raise KeyError(name)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def row(table: Listed, seeds: Sequence[int], peer: str) -> str:
    """One table's line; ``peer`` is that of the peer."""
    began = time.perf_counter()
    found = content(table)
    figures: list[Measured] = []
    failed = ""
    try:
        asked = Asked(table, told(table, found), raw(table, found))
        figures += [measured(asked, seed) for seed in seeds]
    except (LeptonError, KeyError, ValueError) as error:
        failed = f"figures: {type(error).__name__}: {error}"
    won = Counter(one.model for one in figures).most_common()
    lived = life(table, found, won[0][0] if won else BOOSTING)
    line = shown(table, lived.notes, lived.stopped or failed, figures, peer)
    sys.stderr.write(f"{line} {time.perf_counter() - began:.0f} s\n")
    return line


def shown(table: Listed, notes: int, stopped: str, figures: Sequence[Measured], peer: str) -> str:
    """The line of a table, beside the figures in the line of the ``peer``."""
    cells = [cell.strip() for cell in peer.split("|")[1:-1]]
    loss, score = cells[-3:-1] if cells else ("", "")
    ours = ("", "", "")
    if figures:
        won = Counter(one.model for one in figures).most_common()
        names = ", ".join(f"{name} ({times})" for name, times in won)
        ours = (_mean([one.loss for one in figures]), _mean([one.score for one in figures]), names)
    went = f"no: {stopped[:200]}".replace("|", "\\|").replace("\n", " ") if stopped else "yes"
    line = (table.name, went, str(notes), ours[0], loss, ours[1], score, ours[2])
    return f"| {' | '.join(line)} |"


def _mean(values: Sequence[float]) -> str:
    """Mean and standard error; of one split it is that alone."""
    return mean(values) if len(values) > 1 else mean([*values, *values]).partition(" ")[0]


def lines(
    wanted: Collection[str], seeds: Sequence[int], peers: Mapping[str, str], old: Mapping[str, str]
) -> Iterator[str]:
    """The lines of the page: the wanted tables are measured, of the others those lines stay that are shown."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=True)
    yield ""
    yield (
        f"Measured at {commit.stdout.strip()} with Python {platform.python_version()}, scikit-learn "
        f"{sklearn.__version__}, numpy {np.__version__}."
    )
    for title, task, (loss, score) in (
        ("Lepton: classification", "classification", ("log loss", "accuracy")),
        ("Lepton: regression", "regression", ("RMSE", "R²")),
    ):
        yield from ("", f"## {title}", "")
        yield f"| table | went through | notes | {loss} | peer | {score} | peer | what won |"
        yield "|---" * 8 + "|"
        tables = [table for table in listed() if table.task == task]
        with ProcessPoolExecutor(PROCESSES) as pool:
            new = {
                one.name: pool.submit(row, one, seeds, peers.get(one.name, ""))
                for one in tables
                if one.name in wanted
            }
            found = (new[one.name].result() if one.name in new else old.get(one.name) for one in tables)
            yield from (line for line in found if line)
    missing = [one.name for one in listed() if one.name not in wanted and one.name not in old]
    if missing:
        yield from ("", f"Not measured yet: {', '.join(missing)}.")


def written(page: str, found: Iterable[str]) -> str:
    """The page with these lines between the second marks."""
    before, _, rest = page.partition(START)
    return before + START + "".join(f"{line}\n" for line in found) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    place, *given = sys.argv[1:]
    quick = "--quick" in given
    names = [name for name in given if name != "--quick"] or [table.name for table in listed()]
    page = (Path("docs/benchmarks/tables.md") if place == "-" else Path(place)).read_text()
    of_peer, _, of_lepton = page.partition(START)
    made = lines(
        names, SEEDS[:1] if quick else SEEDS, rows_of(of_peer), rows_of(of_lepton) if place != "-" else {}
    )
    if place == "-":
        sys.stdout.writelines(f"{line}\n" for line in made)
    else:
        Path(place).write_text(written(page, made))
