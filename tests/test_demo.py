"""`lepton demo` as its user sees it: every step, and an accuracy within 1 % of scikit-learn's on the same split."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_ai.demo import check_accuracy
from lepton_ai.errors import LeptonError
from tests.support.waiting import BACKSTOP

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
STEPS = ["create", "upload", "train", "evaluate", "deploy", "predict", "monitor", "update", "retire"]


def demo(*options: str) -> tuple[str, str]:
    command = [sys.executable, "-m", "lepton_ai", "demo", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=BACKSTOP, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def check_story(said: str) -> None:
    for number, step in enumerate(STEPS, start=1):
        assert f"\n{number}. {step.upper()}" in said
    assert re.search(r"version \d+ promoted and deployed", said)
    assert re.search(r"^from the upload to the first answer of version \d+: \d+\.\d\d s$", said, re.MULTILINE)
    assert "\nDone in " in said


def test_the_demo_takes_every_step() -> None:
    said, _ = demo()
    check_story(said)
    ours = re.search(r"^  accuracy +\S+ +(\S+)$", said, re.MULTILINE)
    theirs = re.search(r"on the same split: accuracy (\S+)", said)
    assert ours is not None
    assert theirs is not None
    assert float(ours[1]) >= float(theirs[1]) - 0.01


@pytest.mark.lengthy
def test_its_figures_are_one_json_value_and_its_story_goes_to_stderr() -> None:
    out, err = demo("--json")
    check_story(err)
    assert out.count("\n") == 1
    found = json.loads(out)
    assert list(found) == [*STEPS, "seconds"]
    assert found["upload"] == {"version": 1, "rows": 285, "label": "diagnosis"}
    assert found["train"]["last_loss"] < found["train"]["first_loss"] == pytest.approx(0.6931, abs=1e-4)
    assert found["evaluate"]["accuracy"] >= found["evaluate"]["scikit_learn_accuracy"] - 0.01
    assert len(found["evaluate"]["folds"]) == 5
    assert found["deploy"]["url"].endswith("/v1/models/tumours/predict")
    assert (found["predict"]["requests"], found["predict"]["errors"]) == (101, 0)
    assert "mean radius" in found["monitor"]["drifted"]
    assert found["update"]["promoted"] and found["update"]["version"] == 2
    assert 0 < found["update"]["seconds_to_served"] < found["seconds"]
    assert found["update"]["accuracy"] > found["monitor"]["accuracy"]
    assert found["retire"] == {"state": "retired", "versions": found["update"]["version"]}


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_it_fails_exactly_when_it_is_more_than_a_hundredth_behind(ours: int, theirs: int) -> None:
    if theirs - ours > 10:
        with pytest.raises(LeptonError, match="more than 1% behind scikit-learn's"):
            check_accuracy(ours / 1000, theirs / 1000)
    else:
        check_accuracy(ours / 1000, theirs / 1000)
