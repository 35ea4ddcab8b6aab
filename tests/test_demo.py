"""`lepton demo` as its user sees it: every step, and an accuracy within 1 % of scikit-learn's on the same split."""

import re
import subprocess
import sys
from pathlib import Path

STEPS = ["create", "upload", "train", "evaluate", "deploy", "predict", "monitor", "update", "retire"]


def test_the_demo_takes_every_step() -> None:
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-m", "lepton_ai", "demo"], cwd=root, capture_output=True, timeout=120, check=False
    )
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    for number, step in enumerate(STEPS, start=1):
        assert f"\n{number}. {step.upper()}" in said
    assert "version 2 promoted and deployed" in said
    ours = re.search(r"^  accuracy +\S+ +(\S+)$", said, re.MULTILINE)
    theirs = re.search(r"on the same split: accuracy (\S+)", said)
    assert ours is not None
    assert theirs is not None
    assert abs(float(ours[1]) - float(theirs[1])) <= 0.01
