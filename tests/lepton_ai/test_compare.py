"""`Model.compare` and `Model.effect`: the answers of the platform, as values that say themselves."""

from pathlib import Path

import pytest

from lepton_ai import Conflict, Data, InvalidInput, Model
from tests.support.world import two_classes


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "table.csv"
    path.write_bytes(two_classes(400))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv(path, quiet=True))
    made.train(iterations=1, learning_rate=0.01, refit=False)
    made.train(iterations=100, refit=False)
    return made


def test_two_versions_are_compared(model: Model) -> None:
    found = model.compare(2, 1)
    assert found.beside is not None and found.beside.comparison is not None
    assert (found.beside.shown, found.beside.comparison.rows) == ("better", 80)
    assert str(found).startswith("m version 2 is better than version 1: log loss ")


def test_the_effect_of_a_column_is_that_of_the_newest_version(model: Model) -> None:
    found = model.effect("a")
    assert (found.column, found.of, set(found.outputs)) == ("a", "quantity", {"no", "yes"})
    assert found == model.effect("a", version=2) != model.effect("a", version=1)
    with pytest.raises(InvalidInput, match="reads no column 'c'"):
        model.effect("c")


def test_without_a_version_there_is_no_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Conflict, match="train it first"):
        Model("svm", name="new", quiet=True).effect("a")
