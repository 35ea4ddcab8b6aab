"""What the page of verdicts promises holds in its tables, and in a small simulation."""

import re
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.simulated import LEARNERS, ROWS, nulls, updates, world
from tests.benchmarks.verdicts import promotes

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/benchmarks/verdicts.md"


def shares(line: str) -> list[float]:
    return [float(share) / 100 for share in re.findall(r"([\d.]+)%", line)]


def test_no_line_of_the_page_promotes_too_much_of_what_is_worse_or_too_little_of_what_is_better() -> None:
    worse, better = PAGE.read_text().split("| better by 3 %")
    lines = [line for table in (worse, better) for line in table.splitlines() if shares(line)]
    lines = [line for line in lines if line.split("|")[1].strip() in LEARNERS]
    assert len(lines) == len(LEARNERS) * (len(ROWS) + 1)
    assert all(shares(line)[0] <= 0.05 for line in lines[: -len(LEARNERS)])
    assert all(shares(line)[0] >= 0.8 for line in lines[-len(LEARNERS) :])


def test_a_small_simulation_keeps_to_it_too() -> None:
    of = world("logistic", models=3)
    found = nulls(of, 200, 100, promotes)
    assert found.verdict <= 0.05 < found.bare
    share, each = updates(of, 2000, 1, promotes)
    assert share >= 0.8
    assert len(each) == 10


def test_the_simulator_imports_nothing_of_lepton() -> None:
    ours = [path.name for path in ROOT.iterdir() if (path / "__init__.py").exists() and path.name != "tests"]
    assert {"lepton_core", "lepton_ai", "functions"} <= {*ours}
    code = "import sys, tests.benchmarks.simulated; print(*{name.partition('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {*told.stdout.split()}
    assert "sklearn" in loaded
    assert not loaded & {*ours}
