"""Files of exported versions that earlier programs wrote go on predicting what they predicted."""

import json
from pathlib import Path

import pytest

from lepton_ai import load
from lepton_core.export import FORMAT
from tests.formats.exported.make import ROWS

FOLDER = Path(__file__).parent / "exported"
CLOSE = 1e-12
"""Relative: another machine may multiply by another routine."""


def test_there_is_a_file_of_each_format() -> None:
    assert sorted(one.stem for one in FOLDER.glob("*.lepton")) == [str(at + 1) for at in range(FORMAT)]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.lepton")), ids=lambda path: path.stem)
def test_it_predicts_what_it_predicted(path: Path) -> None:
    said = json.loads(path.with_suffix(".json").read_text())
    alone = load(path)
    found = alone.predict(ROWS, coverage=0.9)
    assert [one.label for one in found] == [one["label"] for one in said]
    assert [list(one.plausible or ()) for one in found] == [one["plausible"] for one in said]
    wanted = [float.fromhex(one["yes"]) for one in said]
    assert [row["yes"] for row in found.probabilities] == pytest.approx(wanted, rel=CLOSE)
    assert (alone.head.rule, alone.kept_reading().missing) == (found.rule, ("", "?"))
    assert found.rule is not None and alone.head.calibrate and alone.head.uncertainty
