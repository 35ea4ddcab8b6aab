"""How often the kind of a column is recognised: columns of public tables that people have labelled with nine classes.

``python -m tests.benchmarks.column_types PATH docs/benchmarks/column_types.md`` writes the figures between the page's
marks; without a page they are printed. PATH is the file of Shah et al., one row a column. With ``--train`` it learns
what columns look like from all of them, and writes that into the package.
"""

import csv
import platform
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lepton_core.table.spelling import classes
from lepton_core.table.spelling.classes import Looks
from lepton_core.table.spelling.decision import Decision
from lepton_core.table.spelling.evidence import Evidence
from lepton_core.table.spelling.missing import is_missing
from tests.benchmarks.column_types_training import trained
from tests.benchmarks.defaults import write_or_print

recognise = import_module("lepton_core.table.spelling.recognise")
"""The module, which the function of this name hides in its package."""

Labelled = tuple[Evidence, str]

SEEDS = range(5)
FINAL = 20261128
"""The seed of the split whose kept part nobody had looked at before the rules were done."""

KEPT = 0.25
_CLOCK = ":"


def read(path: Path) -> list[Labelled]:
    """The columns and their classes, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(evidence(row), row["y_act"]) for row in csv.DictReader(file)]


def tables(path: Path) -> NDArray[np.str_]:
    """Of which table each column seems to be: tables have no name there, but hardly two have as many rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return np.array([row["total_vals"] for row in csv.DictReader(file)])


def evidence(row: Mapping[str, str]) -> Evidence:
    """What the file knows of a column: five of its cells, and figures of all.

    The file counts words such as ``#NULL!`` as values. Where they are among the five they are taken off: as a share
    of the present cells, and from the number of different ones.
    """
    cells = [row[f"sample_{i}"] for i in range(1, 6)]
    names = ("total_vals", "num_nans", "num_of_dist_val", "mean", "std_dev", "min_val", "max_val")
    count, missing, distinct, *figures = (float(row[name] or 0) for name in names)
    present = Counter(cell for cell in cells if not is_missing(cell))
    words = [cell for cell in cells if cell and is_missing(cell)]
    if words:
        missing += (count - missing) * len(words) / (len(words) + sum(present.values()))
        distinct = max(distinct - len(set(words)), len(present))
    return Evidence(present, int(count), int(missing), int(distinct), *figures)


def class_of(decision: Decision) -> str:
    """The class of a decision, as the file's description maps them."""
    if decision.is_open:
        return "context-specific"
    if decision.constant or decision.kind in {"empty", "identifier"}:
        return "not-generalizable"
    if decision.kind in {"number", "integer"}:
        return "embedded-number" if decision.notation else "numeric"
    if decision.kind == "duration":
        return "datetime" if _CLOCK in decision.reason else "embedded-number"
    if decision.kind == "text":
        return {"list": "list", "url": "url"}.get(decision.notation, "sentence")
    return "datetime" if decision.kind == "date" else "categorical"


def kept_apart(count: int, seed: int) -> tuple[list[int], list[int]]:
    """Which columns are learned from, and which are kept apart."""
    order = np.random.default_rng(seed).permutation(count)
    most = int(count * KEPT)
    return sorted(order[most:].tolist()), sorted(order[:most].tolist())


def right(columns: Sequence[Labelled], looks: Looks, sure: float | None = None) -> list[bool]:
    """Of each column, whether the product's decision is of its class; ``sure`` in place of the product's line."""
    before = recognise.SURE
    recognise.SURE = before if sure is None else sure
    try:
        return [class_of(recognise.decide(one, looks)) == label for one, label in columns]
    finally:
        recognise.SURE = before


def figures(path: Path) -> Iterator[str]:
    """The page's lines."""
    what, columns = commit(), read(path)
    yield "| split | columns kept apart | right, of nine classes | without the line of 0.7 |"
    yield "|---|---|---|---|"
    shares = []
    for seed in (*SEEDS, FINAL):
        learned, kept = kept_apart(len(columns), seed)
        looks = trained([columns[i] for i in learned])
        chosen = [columns[i] for i in kept]
        found = [float(np.mean(right(chosen, looks, sure))) for sure in (None, 0.0)]
        shares.append(found)
        name = "final, looked at once" if seed == FINAL else f"seed {seed}"
        yield f"| {name} | {len(kept)} | {found[0]:.4f} | {found[1]:.4f} |"
    mean = np.mean(shares[: len(SEEDS)], axis=0)
    yield f"| **mean of the five seeds** | | **{mean[0]:.4f}** | {mean[1]:.4f} |"
    by_table = by_tables(columns, tables(path))
    yield f"| whole tables kept apart, four folds | {len(columns)} | {by_table:.4f} | |"
    yield ""
    yield from confusion(chosen, looks)
    yield ""
    yield f"Commit {what}; Python {platform.python_version()}, numpy {np.__version__}. Command:"
    yield "`python -m tests.benchmarks.column_types PATH docs/benchmarks/column_types.md`."


def by_tables(columns: Sequence[Labelled], table: NDArray[np.str_]) -> float:
    """The share that is right where no column of a table that is asked for was learned from."""
    fold = folds(table)
    found: list[bool] = []
    for k in range(4):
        looks = trained([columns[i] for i in np.flatnonzero(fold != k).tolist()])
        chosen = [columns[i] for i in np.flatnonzero(fold == k).tolist()]
        found += right(chosen, looks)
    return float(np.mean(found))


def folds(table: NDArray[np.str_]) -> NDArray[np.int64]:
    """In which of four folds each column is, (m,): all columns of a ``table`` in the same."""
    names, place = np.unique(table, return_inverse=True)
    return np.asarray(np.random.default_rng(0).integers(4, size=len(names))[place])


def confusion(columns: Sequence[Labelled], looks: Looks) -> Iterator[str]:
    """The final split's classes, by rows, and what was said of them."""
    pairs = Counter((label, class_of(recognise.decide(one, looks))) for one, label in columns)
    labels = sorted({label for label, _ in pairs})
    yield f"| final split: labelled | {' | '.join(labels)} | recall |"
    yield "|---" * (len(labels) + 2) + "|"
    for label in labels:
        counts = [pairs[label, other] for other in labels]
        recall = pairs[label, label] / max(sum(counts), 1)
        yield f"| {label} | {' | '.join(map(str, counts))} | {recall:.3f} |"


def commit() -> str:
    """The commit that was measured."""
    git = shutil.which("git") or "git"
    done = subprocess.run(
        [git, "describe", "--always", "--dirty"], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def main(arguments: Sequence[str]) -> None:
    """See the top of this file."""
    path, *rest = arguments
    if rest == ["--train"]:
        place = Path(str(classes.__file__)).with_name("classes.safetensors")
        place.write_bytes(trained(read(Path(path))).packed())
        return
    write_or_print(rest, figures(Path(path)))


if __name__ == "__main__":
    main(sys.argv[1:])
