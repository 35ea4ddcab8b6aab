"""How well text files are read, by the public benchmark Pollock, with nothing said about their dialect.

    export LEPTON_POLLOCK=/path/to/Pollock   # a clone of github.com/HPI-Information-Systems/Pollock
    pip install multiset chardet price-parser joblib python-dateutil
    python -m tests.benchmarks.pollock docs/benchmarks/pollock.md

Their own code scores what was read; nothing of theirs is part of this repository.
"""

import csv
import importlib
import json
import math
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lepton_core.errors import LeptonError
from lepton_core.table.files import Sheet, open_sheet
from lepton_core.table.files.lines import IS_EMPTY
from tests.benchmarks.measured import measured_at

FOLDER = "LEPTON_POLLOCK"
START, END = "<!-- figures -->\n", "<!-- end -->\n"
MOST = 10
"""The best score of a file: that it was loaded, and precision, recall and F1 of header, records and cells."""


@dataclass(frozen=True)
class Score:
    """What one file got; ``refused`` is the reason, empty if it was read; ``wrong`` says that its rows have another
    number of cells than those of the clean file."""

    file: str
    parts: tuple[float, ...]
    refused: str = ""
    wrong: bool = False
    bad: int = 0

    @property
    def total(self) -> float:
        """Of ten."""
        return sum(self.parts)


Measures = Callable[[str, str], tuple[float, ...]]


def their_measures(folder: Path) -> Measures:
    """The scorer of the benchmark; what it makes of a cell is remembered, for the same cells come in each file."""
    sys.path.insert(0, str(folder))
    metrics = importlib.import_module("pollock.metrics")
    metrics.normalize_cell = lru_cache(maxsize=1 << 20)(metrics.normalize_cell)
    measures: Measures = metrics.header_record_cell_measures_csv
    return measures


def write_loaded(sheet: Sheet, path: Path) -> None:
    """The table as the scorer takes it. Names that were made up are not written: the file has none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not sheet.names_made_up:
            writer.writerow(sheet.names)
        for chunk in sheet.chunks():
            writer.writerows(chunk)


def scored(source: Path, clean: Path, loaded: Path, measures: Measures) -> Score:
    """The score of the file ``source``; one that is refused gets nothing.

    A file without a byte is read if it is said to be empty: the table that their scorer expects is empty, too.
    """
    try:
        sheet = open_sheet(source.read_bytes())
        write_loaded(sheet, loaded)
    except LeptonError as error:
        if error.message == IS_EMPTY and not clean.read_bytes().strip():
            return Score(source.name, (1.0,) * MOST)
        return Score(source.name, (0.0,) * MOST, refused=error.message)
    parts = (1.0, *(float(part) for part in measures(str(clean), str(loaded))))
    return Score(source.name, parts, wrong=_is_wrong(clean, loaded), bad=sheet.set_aside_count)


def _is_wrong(clean: Path, loaded: Path) -> bool:
    """Whether the rows have another number of cells; last columns without a name and a cell may be there or not."""
    return not _width(clean, trimmed=True) <= _width(loaded, trimmed=False) <= _width(clean, trimmed=False)


def _width(path: Path, *, trimmed: bool) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    width = Counter(map(len, rows[1:] or rows)).most_common(1)[0][0] if rows else 0
    while trimmed and width and not any(row[width - 1].strip() for row in rows if len(row) >= width):
        width -= 1
    return width


def run(folder: Path, dataset: str, measures: Measures) -> Iterator[Score]:
    """The scores of all files of a data set."""
    with tempfile.TemporaryDirectory() as work:
        for source in sorted((folder / dataset / "csv").iterdir()):
            clean = folder / dataset / "clean" / source.name
            if source.suffix.lower() == ".csv" and clean.exists():
                yield scored(source, clean, Path(work) / "loaded.csv", measures)


def weighted(scores: list[Score], weights: dict[str, float]) -> float:
    """Their weighted score: files count by how frequent their kind of trouble is among real ones."""
    total = math.fsum(weights.get(score.file, -1) for score in scores)
    return math.fsum(score.total * weights.get(score.file, -1) for score in scores) / total


def simple(scores: list[Score]) -> float:
    """Their simple score: the mean."""
    return math.fsum(score.total for score in scores) / len(scores)


def figures(polluted: list[Score], real: list[Score], weights: dict[str, float]) -> list[str]:
    """The lines of the page."""
    read = [score for score in real if not score.refused]
    lines = [
        "| files | number | read | weighted score | simple score | with a wrong number of columns |",
        "|---|---|---|---|---|---|",
        f"| polluted | {len(polluted)} | {sum(not score.refused for score in polluted)} | "
        f"{weighted(polluted, weights):.3f} | {simple(polluted):.3f} | {sum(score.wrong for score in polluted)} |",
        f"| real | {len(real)} | {len(read)} | - | {simple(real):.3f} | {sum(score.wrong for score in real)} |",
        "",
        "| kind of trouble | files | refused | weight | score of 10 |",
        "|---|---|---|---|---|",
    ]
    kinds = defaultdict(list)
    for score in polluted:
        kinds[re.sub(r"\d+", "N", score.file) if score.file.startswith("row") else score.file].append(score)
    total = math.fsum(weights.get(score.file, -1) for score in polluted)
    share = {
        kind: math.fsum(weights.get(score.file, -1) for score in of) / total for kind, of in kinds.items()
    }
    for kind in sorted(kinds, key=lambda kind: -share[kind]):
        of = kinds[kind]
        refused = sum(bool(score.refused) for score in of)
        lines.append(f"| {kind} | {len(of)} | {refused} | {share[kind]:.4f} | {simple(of):.3f} |")
    lines += ["", "Real files that were refused:", "", "| file | reason |", "|---|---|"]
    lines += [f"| {score.file[:60]} | {score.refused[:160]} |" for score in real if score.refused]
    return lines


def written(page: str, lines: list[str]) -> str:
    """``page`` with ``lines`` between its marks."""
    before, rest = page.split(START)
    return before + START + "\n" + "\n".join(lines) + "\n\n" + END + rest.split(END)[1]


def main(page: str | None = None) -> None:
    """Score all files, and write the figures into ``page`` or print them."""
    if FOLDER not in os.environ:
        raise SystemExit(f"{FOLDER} must name a folder with a clone of the benchmark")
    folder = Path(os.environ[FOLDER])
    measures = their_measures(folder)
    weights = json.loads((folder / "pollock_weights.json").read_text())
    polluted = list(run(folder, "polluted_files", measures))
    real = list(run(folder, "survey_sample", measures))
    lines = [measured_at("numpy"), "", *figures(polluted, real, weights)]
    if page is None:
        sys.stdout.write("\n".join(lines) + "\n")
    else:
        Path(page).write_text(written(Path(page).read_text(), lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
