"""Every answer calls a class as the file of the label spells it."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport

PAIRS = [("1.0", "2.0"), ("$1", "$5"), ("5%", "10%"), ("1,000", "2,000"), ("1:30", "2:30"), ("01", "02")]


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(tmp_path / "platform")
    yield made
    made.close()


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_predictions_reports_and_later_versions_spell_the_classes_of_the_file(
    tmp_path: Path, transport: EmbeddedTransport, pair: tuple[str, str]
) -> None:
    path, more = tmp_path / "train.csv", tmp_path / "more.csv"
    rows = [(row / 10, pair[row >= 30]) for row in range(60)]
    pd.DataFrame(rows, columns=["x", "label"]).to_csv(path, index=False)
    model = Model("logistic_regression", name="m", transport=transport, quiet=True)
    model.upload_data(Data.from_csv(path, quiet=True))
    model.train(class_weight={pair[0]: 2.0})
    model.deploy()
    asked = pd.DataFrame({"x": [0.0, 5.9]})
    for answer in (model.predict(asked), model.predict(asked.to_dict("records"))):
        assert answer.labels == [*pair]
        assert set(answer[0].probabilities) == set(pair)
    assert set(model.evaluate(folds=2).classes) == set(pair)
    asked.to_csv(more, index=False)
    assert model.predict(more).labels == [*pair]

    pd.DataFrame([(row / 7, pair[row >= 30]) for row in range(60)], columns=["x", "label"]).to_csv(
        more, index=False
    )
    model.upload_data(Data.from_csv(more, quiet=True), append=True)
    model.train()
    model.deploy()
    assert model.predict(asked).labels == [*pair]
