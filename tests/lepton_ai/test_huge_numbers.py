"""Numbers at the end of float64 go the whole way, or are refused by row and column; nothing overflows unseen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lepton_ai import Data, Model
from lepton_ai.embedded import EmbeddedTransport
from lepton_core.errors import InvalidData

COLUMNS = {
    "both ends": lambda row: (-1) ** row * 1e308 * (1 + row / 200),
    "one end": lambda row: 1.7e308 - row * 1e306,
    "one cell": lambda row: 1.7e308 if row == 5 else row / 7,
    "two cells": lambda row: {5: 1.7e308, 9: -1.7e308}.get(row, row / 7),
    "smallest": lambda row: 5e-324 * (row % 3),
}


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[EmbeddedTransport]:
    made = EmbeddedTransport(tmp_path / "platform")
    yield made
    made.close()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    "algorithm", ["logistic_regression", "linear_regression", "decision_tree", "gradient_boosting"]
)
@pytest.mark.parametrize("column", COLUMNS)
def test_they_are_read_reported_learnt_and_predicted_or_refused(
    tmp_path: Path, transport: EmbeddedTransport, column: str, algorithm: str
) -> None:
    lines = [f"{COLUMNS[column](row)!r},{row % 7},{'ab'[row % 2]},{row / 3}" for row in range(120)]  # type: ignore[no-untyped-call]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["x,z,y,v", *lines]))
    label = "v" if algorithm == "linear_regression" else "y"
    data = Data.from_csv(path, label=label, quiet=True)
    data.summary()
    model = Model(algorithm, name="m", transport=transport, quiet=True)
    model.upload_data(data)
    if not answered(model.train):
        return
    model.deploy()
    answered(lambda: model.predict(data))
    answered(lambda: model.predict([{"x": 1e308, "z": 1}, {"x": -1.7e308, "z": 2}, {"x": 0, "z": 1e308}]))
    model.monitor()


def answered(action: Callable[[], object]) -> bool:
    """Whether it is done; all else that it may do is to name what is too large."""
    try:
        action()
    except InvalidData as error:
        assert "too large" in error.message
        return False
    return True


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_label_of_them_is_reported(tmp_path: Path, transport: EmbeddedTransport) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["x,y", *(f"{row % 7},{COLUMNS['both ends'](row)!r}" for row in range(120))]))  # type: ignore[no-untyped-call]
    model = Model("linear_regression", name="m", transport=transport, quiet=True)
    model.upload_data(Data.from_csv(path, quiet=True))
    with pytest.raises(InvalidData, match="the targets are too large"):
        model.train()
