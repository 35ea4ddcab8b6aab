"""A version in a file says of a matrix what it says of the same rows, and nothing around it."""

from pathlib import Path

import numpy as np
import pytest

import lepton_ai
from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_ai.errors import InvalidData, InvalidInput


@pytest.mark.parametrize("name", ["linear_regression", "logistic_regression", "gradient_boosting"])
@pytest.mark.parametrize("rows", [1, 200])
def test_a_matrix_has_the_bits_of_what_predict_says(tmp_path: Path, name: str, rows: int) -> None:
    transport = EmbeddedTransport(tmp_path / "state")
    rng = np.random.default_rng(0)
    X, label = rng.normal(size=(200, 3)), ["no", "yes", "so"]
    kinds = {"linear_regression": X[:, 0] * 3, "logistic_regression": [label[at % 3] for at in range(200)]}
    y = kinds.get(name, [label[at % 2] for at in range(200)])
    model = Model(name, "m", quiet=True, transport=transport)
    model.upload_data(Data.from_arrays(X, y, label="label"))
    model.train()
    model.deploy()
    alone = lepton_ai.load(model.export(tmp_path / "m.lepton"), quiet=True)
    given = X[:rows].copy()
    given[0, 1] = np.nan
    for one in (X[:rows], given, np.asfortranarray(given), given.astype(np.float32)):
        told = alone.predict(one)
        if not alone.classes:
            assert alone.predict_values(one).tolist() == [each.value for each in told]
            continue
        wanted = [list(each.probabilities.values()) for each in told]
        assert alone.predict_proba(one).tolist() == wanted
    ask, other = alone.predict_proba, alone.predict_values
    if not alone.classes:
        ask, other = other, ask
    with pytest.raises(InvalidInput) as refused:
        other(X)
    assert refused.value.field == "task"
    for wrong in (X[:, :2], X[0], X.tolist(), X.astype(str)):
        with pytest.raises(InvalidInput) as refused:
            ask(wrong)  # type: ignore[arg-type]
        assert refused.value.field == "X"
    given[-1, 2] = np.inf
    with pytest.raises(InvalidData) as infinite:
        ask(given)
    assert infinite.value.row == rows and infinite.value.column == alone.schema.names[2]
    transport.close()
