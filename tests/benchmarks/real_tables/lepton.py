"""What Lepton makes of each listed table with nothing said but its label, beside the peer's figures.

``python -m tests.benchmarks.real_tables.lepton docs/benchmarks/tables.md [--quick] [NAME...]`` writes the tables
between the page's second marks, ``-`` for the page prints them; with names only those are measured, and the other lines
stay. ``--quick`` measures one split. Else there are as many, three at most, as give 300 held-out rows. It takes an
hour on two cores; set OMP_NUM_THREADS=1.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lepton_ai import Data, LeptonError, Model, Predictions
from lepton_ai.embedded import embedded_transport
from lepton_ai.transport import Transport
from lepton_core.table import split_rows
from tests.benchmarks.defaults import accuracy
from tests.benchmarks.measured import measured_at
from tests.benchmarks.real_tables.beside import Beside, of_rows, peers, together
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
ENOUGH = 300
"""Held-out rows of all splits together after which there is no further split."""


@dataclass(frozen=True)
class Figures:
    """One split: ours, the peer's learned from the same rows, and both row by row."""

    ours: Measured
    theirs: float
    beside: Beside


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


def measured(asked: Asked, seed: int) -> Figures:
    """One split: the better of two algorithms is taken, and measured on the held-out part.

    Of the training rows Lepton itself holds a fifth out, for its own report; it is told nothing else than the label.
    The peer beside it learns from the rows that Lepton learned from.
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
    other = peers(asked.of, learned(asked, training), held_out, seed)
    return Figures(
        Measured(model.algorithm, loss_of(asked.of, found, held_out), score),
        loss_of(asked.of, other, held_out),
        Beside(of_rows(asked.of, found, held_out), of_rows(asked.of, other, held_out)),
    )


def learned(asked: Asked, training: np.ndarray) -> np.ndarray:
    """Those of the training rows that Lepton does not hold out for its own report.

    Where it sets rows aside these are not known; then as many are drawn.
    """
    data = asked.data(training)
    if data.table.rows < len(training):
        return training[split(asked.of.y[training], bool(asked.of.classes), seed=0)[0]]
    return training[split_rows(data.table, label=data.label)[0]]


def chosen(asked: Asked, training: np.ndarray, seed: int, transport: Transport) -> Model:
    """The deployed model with the better cross-validation of its training rows, fitted on those it does not hold out.

    Without the fit on all rows that serves by default, it has learned from as many rows as the peer. An algorithm that
    takes the label for the other task is passed over.
    """
    compared = training
    if len(training) > MOST_COMPARED:
        compared = np.random.default_rng(seed).permutation(training)[:MOST_COMPARED]
    task, losses = asked.table.task, {}
    for algorithm in (LINEAR[task], BOOSTING):
        model = Model(algorithm, name=algorithm.replace("_", "-"), quiet=True, transport=transport)
        model.upload_data(asked.data(compared))
        model.train(refit=False)
        if model.task == task:
            losses[model] = model.evaluate().metrics[FIGURE[task]] or np.inf
    best = min(losses, key=losses.__getitem__)
    if len(compared) < len(training):
        best.upload_data(asked.data(training))
        best.train(refit=False)
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
    figures: list[Figures] = []
    failed = ""
    try:
        asked = Asked(table, told(table, found), raw(table, found))
        for seed in seeds:
            figures.append(measured(asked, seed))
            if sum(len(one.beside.ours) for one in figures) >= ENOUGH:
                break
    except (LeptonError, KeyError, ValueError) as error:
        failed = f"figures: {type(error).__name__}: {error}"
    lived = life(table, found, winners(figures)[0][0] if figures else BOOSTING)
    line = shown(table, lived.notes, lived.stopped or failed, figures, peer)
    sys.stderr.write(f"{line} {time.perf_counter() - began:.0f} s\n")
    return line


def winners(figures: Sequence[Figures]) -> list[tuple[str, int]]:
    """The algorithms that were deployed, each with the number of splits, the most frequent one first."""
    return Counter(one.ours.model for one in figures).most_common()


def shown(table: Listed, notes: int, stopped: str, figures: Sequence[Figures], peer: str) -> str:
    """The line of a table, beside the figures in the line of the ``peer``."""
    cells = [cell.strip() for cell in peer.split("|")[1:-1]]
    loss, score = cells[-3:-1] if cells else ("", "")
    ours = ("", "", "", "", "")
    if figures:
        ours = (
            _mean([one.ours.loss for one in figures]),
            _mean([one.theirs for one in figures]),
            together([one.beside for one in figures]).verdict,
            _mean([one.ours.score for one in figures]),
            ", ".join(f"{name} ({times})" for name, times in winners(figures)),
        )
    went = f"no: {stopped[:200]}".replace("|", "\\|").replace("\n", " ") if stopped else "yes"
    line = (table.name, went, str(notes), *ours[:3], loss, ours[3], score, ours[4])
    return f"| {' | '.join(line)} |"


def _mean(values: Sequence[float]) -> str:
    """Mean and standard error; of one split it is that alone."""
    return mean(values) if len(values) > 1 else mean([*values, *values]).partition(" ")[0]


def lines(
    wanted: Collection[str], seeds: Sequence[int], peers: Mapping[str, str], old: Mapping[str, str]
) -> Iterator[str]:
    """The lines of the page: the wanted tables are measured, of the others those lines stay that are shown."""
    yield ""
    yield measured_at("scikit-learn", "numpy")
    for title, task, (loss, score) in (
        ("Lepton: classification", "classification", ("log loss", "accuracy")),
        ("Lepton: regression", "regression", ("RMSE", "R²")),
    ):
        yield from ("", f"## {title}", "")
        yield (
            f"| table | went through | notes | {loss} | peer, same rows | Lepton is | peer, all rows | {score} "
            "| peer, all rows | what won |"
        )
        yield "|---" * 10 + "|"
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


def known(page: str) -> tuple[dict[str, str], dict[str, str]]:
    """The lines of the peer, and ours between the second marks, by table; what stands below them is neither."""
    of_peer, _, rest = page.partition(START)
    return rows_of(of_peer), rows_of(rest.partition(END)[0])


def written(page: str, found: Iterable[str]) -> str:
    """The page with these lines between the second marks."""
    before, _, rest = page.partition(START)
    return before + START + "".join(f"{line}\n" for line in found) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    place, *given = sys.argv[1:]
    quick = "--quick" in given
    names = [name for name in given if name != "--quick"] or [table.name for table in listed()]
    page = (Path("docs/benchmarks/tables.md") if place == "-" else Path(place)).read_text()
    of_peer, ours = known(page)
    made = lines(names, SEEDS[:1] if quick else SEEDS, of_peer, ours if place != "-" else {})
    if place == "-":
        sys.stdout.writelines(f"{line}\n" for line in made)
    else:
        Path(place).write_text(written(page, made))
