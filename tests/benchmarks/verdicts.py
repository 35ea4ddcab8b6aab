"""What the verdict of an update is worth: how often it promotes what is worse, and what is better.

``python -m tests.benchmarks.verdicts docs/benchmarks/verdicts.md`` (`make simulate`) writes the tables between the
page's marks; without a page they are printed. It takes some minutes; set OMP_NUM_THREADS=1.

What is judged is simulated, see `simulated`; of Lepton there is only who judges: the comparison and the verdict.
"""

import sys
from collections.abc import Iterator

from lepton_core.paired import compared_losses
from lepton_core.promotion import judge
from tests.benchmarks.defaults import write_or_print
from tests.benchmarks.simulated import CHAINS, LEARNERS, MARGIN, ROWS, Floats, nulls, updates, world


def promotes(champion: Floats, challenger: Floats) -> bool:
    """Whether the verdict of Lepton on the losses (m,) of two models promotes the challenger."""
    means = float(champion.mean()), float(challenger.mean())
    return judge(*means, compared_losses(champion, challenger), margin=MARGIN).promote


def figures(count: int = 1000, chains: int = CHAINS) -> Iterator[str]:
    """The lines of the tables."""
    worlds = {name: world(name) for name in LEARNERS}
    yield ""
    yield "| worse by the margin | rows held out | promoted | by SciPy's paired test | by the bare losses |"
    yield "|---|---|---|---|---|"
    for name, of in worlds.items():
        for rows in ROWS:
            found = nulls(of, rows, count, promotes)
            yield f"| {name} | {rows} | {found.verdict:.1%} | {found.reference:.1%} | {found.bare:.1%} |"
    yield ""
    yield "| better by 3 % | rows held out | promoted | in the first update | in the tenth |"
    yield "|---|---|---|---|---|"
    for name, of in worlds.items():
        share, each = updates(of, max(ROWS), chains, promotes)
        yield f"| {name} | {max(ROWS)} | {share:.1%} | {each[0]:.0%} | {each[-1]:.0%} |"


if __name__ == "__main__":
    write_or_print(sys.argv[1:], figures())
