"""The options of reading through the SDK and the command."""

from pathlib import Path

import pytest

from lepton_ai import Data, InvalidInput, Model

ROWS = [f"{i};0{i % 3}1;{i % 7},5;{'no' if i % 2 else 'yes'}" for i in range(60)]
TEXT = "\n".join(["id;zip;amount;paid", *ROWS])


def test_options_are_said_to_the_platform_and_hold_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.csv").write_text(TEXT)
    data = Data.from_csv("train.csv", label="paid", kinds={"zip": "category"}, exclude=["id"], decimal=",")
    assert data.columns == ("zip", "amount", "paid")
    assert data.said == {"label": "paid", "kinds": {"zip": "category"}, "exclude": ("id",), "decimal": ","}
    model = Model("logistic_regression", name="m", quiet=True)
    assert model.upload_data(data).version == 1
    assert model.upload_data(Data.from_csv("train.csv", quiet=True)).label == "paid"


@pytest.mark.parametrize("field", ["exclude", "missing", "names"])
def test_a_text_in_place_of_a_list_is_refused(field: str, tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(TEXT)
    with pytest.raises(InvalidInput, match="must be a list") as caught:
        Data.from_csv(path, **{field: "id"})  # type: ignore[arg-type]
    assert caught.value.field == field
