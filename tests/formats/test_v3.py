"""Artifacts of format 3 go on predicting what they predicted: linear models whose weights hold the scaling."""

import json
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import load
from lepton_core.export import read_export
from lepton_core.predict import Predictor
from tests.formats.v3.make import MODELS, ROWS, answers

FOLDER = Path(__file__).parent / "v3"
SAID = json.loads((FOLDER / "expected.json").read_text())
CLOSE = 1e-12
"""Relative: another machine may multiply by another routine."""


@pytest.mark.parametrize("name", MODELS)
def test_it_predicts_what_it_predicted(name: str) -> None:
    path = FOLDER / f"{name}.lepton"
    version, alone = read_export(path.read_bytes()).load(), load(path)
    assert isinstance(version, Predictor) and version.folded is not None
    found = answers(alone)
    numbers, wanted = (
        [[float.fromhex(one) for one in row] for row in which] for which in (found, SAID[name])
    )
    np.testing.assert_allclose(numbers, wanted, rtol=CLOSE)
    X = np.array(ROWS)
    by_array = alone.predict_values(X)[:, None] if name == "value" else alone.predict_proba(X)
    np.testing.assert_array_equal(by_array, numbers)
