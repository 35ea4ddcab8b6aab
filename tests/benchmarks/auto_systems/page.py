"""The page of the benchmark out of its raw results.

``python -m tests.benchmarks.auto_systems.page docs/benchmarks/auto_systems.md`` writes the figures between the page's
marks; ``-`` prints them. They are those of auto_systems.csv beside the page.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks.auto_systems.aggregate import Figures, Pair, compared, figures, newest
from tests.benchmarks.auto_systems.results import Line, read
from tests.benchmarks.auto_systems.systems import REFERENCE, SYSTEMS
from tests.benchmarks.auto_systems.tables import Drawn, groups
from tests.benchmarks.defaults import written
from tests.benchmarks.real_tables.peer import SEEDS

PAGE = Path("docs/benchmarks/auto_systems.md")
BUSY = 0.1
"""Cores of other programs above which a run was disturbed."""

Found = Mapping[str, Mapping[Pair, Line]]


def lines(raw: Sequence[Line], tables: Sequence[Drawn]) -> Iterator[str]:
    """The lines of the page: a section for each budget."""
    if not raw:
        yield from (
            "",
            f"**Nothing is measured yet**: 0 of {len(tables) * len(SEEDS)} pairs of table and split.",
        )
    known = {one.name for one in tables}
    of_these = [line for line in raw if line.table in known]
    for budget in sorted({line.budget for line in of_these}):
        found = newest(of_these, budget)
        yield from ("", f"## {budget:g} s of training", "", *coverage(found, tables))
        older = sum(line.budget == budget for line in of_these) - sum(map(len, found.values()))
        if older:
            yield f"{older} results of other versions, or of runs that were repeated, are in the file and not here."
        if compared(found):
            yield from ("", *together(found), "", *one_by_one(found, tables))


def coverage(found: Found, tables: Sequence[Drawn]) -> Iterator[str]:
    """How much is measured, and on how busy a machine."""
    asked, pairs = len(tables) * len(SEEDS), len(compared(found))
    each = ", ".join(f"{name} {len(of)}" for name, of in found.items())
    if pairs == asked:
        yield f"All {asked} pairs of table and split are measured by all {len(found)} systems."
    else:
        yield f"**Not complete**: {pairs} of {asked} pairs of table and split are measured by all systems ({each})."
        yield "What stands below holds for these pairs alone."
    if missing := [name for name in SYSTEMS if name not in found]:
        yield f"Not asked with this budget: {', '.join(missing)}."
    all_lines = [line for of in found.values() for line in of.values()]
    busy = sum((line.others or 0) > BUSY for line in all_lines)
    if busy:
        yield (
            f"**Disturbed**: in {busy} of {len(all_lines)} runs other programs used more than {BUSY:g} cores; "
            "seconds and latencies say little, and losses too."
        )
    unknown = sum(line.others is None for line in all_lines)
    if unknown:
        yield f"How busy the machine was is not known of {unknown} runs."


def together(found: Found) -> Iterator[str]:
    """A line for each system."""
    yield (
        "| system | version | mean rank | loss ratio (95 %) | firsts | worst table | s | budget kept | failed "
        "| artifact ratio | latency ratio |"
    )
    yield "|---" * 11 + "|"
    of = figures(found)
    for name in sorted(of, key=lambda name: of[name].rank):
        yield row(name, next(iter(found[name].values())), of[name])


def row(name: str, line: Line, of: Figures) -> str:
    """One system's line; ``line`` is any one of its results."""
    version = f"{line.version} ({line.commit})" if name == "lepton" else line.version
    mean, low, high = of.ratio
    ratio, worst = f"{mean:.3f} ({low:.3f} to {high:.3f})", f"{of.worst[0]:.2f} ({of.worst[1]})"
    if name == REFERENCE:
        ratio, worst = "1 (reference)", ""
    cells = [
        *(name, version, f"{of.rank:.2f}", ratio, f"{of.firsts}", worst),
        *(f"{of.seconds:.1f}", f"{of.kept:.0%}", f"{of.failed}"),
        *(f"{of.size:.3g}", f"{of.latency:.3g}"),
    ]
    return f"| {' | '.join(cells)} |"


def one_by_one(found: Found, tables: Sequence[Drawn]) -> Iterator[str]:
    """A line for each table: the mean loss of each system over the splits that all were asked, and Lepton's choice."""
    yield f"| table | kind | rows | splits | {' | '.join(found)} | constant | Lepton chose |"
    yield "|---" * (len(found) + 6) + "|"
    pairs = compared(found)
    for table in tables:
        own = [pair for pair in pairs if pair[0] == table.name]
        if not own:
            continue
        losses = [mean_loss([found[name][pair] for pair in own]) for name in found]
        ours = [found["lepton"][pair] for pair in own]
        constant = f"{np.mean([line.constant_loss for line in ours]):.4g}"
        chose = "; ".join(sorted({(line.choice or line.error).partition("(")[0] for line in ours}))
        cells = [table.name, table.kind, str(table.rows), str(len(own)), *losses, constant, escaped(chose)]
        yield f"| {' | '.join(cells)} |"


def mean_loss(of: Sequence[Line]) -> str:
    """The mean of the answers, and how many are missing."""
    there = [line.loss for line in of if line.loss is not None]
    missing = f" ({len(of) - len(there)} failed)" * (len(there) < len(of))
    return f"{np.mean(there):.4g}{missing}" if there else "failed"


def escaped(text: str) -> str:
    """Text as a cell of a table."""
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page that is named."""
    place = sys.argv[1] if len(sys.argv) > 1 else "-"
    page = PAGE if place == "-" else Path(place)
    made = lines(read(page.with_suffix(".csv")), groups()["judged"])
    if place == "-":
        sys.stdout.writelines(f"{line}\n" for line in made)
    else:
        page.write_text(written(page.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
