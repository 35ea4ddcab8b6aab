"""Clients of other systems are needed by the tests that ask by them, and by nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clients import FOLDER

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_where_they_are_missing_all_tests_are_found_and_those_that_need_them_skipped(tmp_path: Path) -> None:
    naming = [one for one in (ROOT / "tests").rglob("test_*.py") if "support.clients" in imports(one)]
    assert len(naming) > 2
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "--collect-only", *map(str, naming)],
        cwd=ROOT, env={**os.environ, FOLDER: str(tmp_path / "none")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "none").exists()


def imports(path: Path) -> str:
    """The lines by which a module imports others; ``from a import b`` as ``a.b``."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if " import " in line]
    return "\n".join(line.removeprefix("from ").replace(" import ", ".") for line in lines)
