"""Data with what was known before: other columns, the same rows, and the rows that come next for a prediction."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from lepton_ai import Data, InvalidData, InvalidInput, Model, Split
from lepton_core.table import kind_of


def series(folder: Path, days: int) -> Path:
    rng = np.random.default_rng(0)
    path, value, lines = folder / "sales.csv", 0.0, ["day,price,rain,sales"]
    for at in range(days):
        value = 0.9 * value + rng.normal()
        day = date(2024, 1, 1) + timedelta(at)
        lines.append(f"{day},{at % 5 + 0.5},{rng.normal():.3f},{100 + value:.3f}")
    path.write_text("\n".join(lines))
    return path


def test_what_is_not_known_ahead_is_replaced_by_what_was_before(tmp_path: Path) -> None:
    data = Data.from_csv(series(tmp_path, 90), label="sales", quiet=True)
    lags = {"sales": [1, 7], "price": [1], "rain": [1]}
    made = data.with_lags(lags, by="day", known=["price"])
    new = ("sales 1 before", "sales 7 before", "price 1 before", "rain 1 before")
    assert made.columns == ("day", "price", "sales", *new) and made.label == "sales" and len(made) == 90
    [row] = made.following()
    assert row["day"] == "2024-03-31" and set(row) == {"day", *new}
    assert row["sales 1 before"] == data.table["sales"].values[-1]
    assert row["rain 1 before"] == data.table["rain"].values[-1]


def test_groups_truth_values_and_categories_stay_what_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = ["day,shop,open,share,wind,sales"]
    for shop in ("Ulm", "Köln", "Bonn"):
        for at in range(30):
            day, lit = date(2024, 1, 1) + timedelta(at), "ja" if rng.random() < 0.5 else "nein"
            lines.append(f"{day},{shop},{lit},{at % 9 + 1}%,{rng.normal():.2f},{rng.normal() + 0.9 * at:.2f}")
    (tmp_path / "shops.csv").write_text("\n".join(lines))
    data = Data.from_csv(tmp_path / "shops.csv", label="sales", quiet=True, kinds={"wind": "number"})
    made = data.with_lags({"sales": [1], "wind": [2]}, by="day", group="shop")
    kinds = made.table.schema.kinds
    assert {name: kinds[name] for name in data.columns if name != "wind"} == {
        name: kind for name, kind in data.table.schema.kinds.items() if name != "wind"
    }
    for name in ("shop", "open", "share", "sales"):
        one, other = made.table[name], data.table[name]
        assert kind_of(one).one_by_one(one).as_list() == kind_of(other).one_by_one(other).as_list()
    assert [row["shop"] for row in made.following()] == ["Bonn", "Köln", "Ulm"]


def test_the_offered_calls_make_a_model_that_answers_for_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Data.from_csv(series(tmp_path, 200), label="sales", quiet=True)
    [finding] = [one for one in data.report().warnings if one.code == "forecast"]
    assert "data = data.with_lags({'sales': [1]}, by='day')" in finding.message
    assert str(finding.remedy) == "model.train(split=Split('time', 'day'))"
    monkeypatch.setenv("LEPTON_DATA", str(tmp_path / "state"))
    data = data.with_lags({"sales": [1]}, by="day")
    model = Model("linear_regression", name="sales", quiet=True)
    model.upload_data(data)
    version = model.train(split=Split("time", "day"))
    assert version.metrics["rmse"] < np.std(data.table["sales"].values)
    model.deploy()
    value = model.predict(data.following()[0]).value
    assert value is not None and abs(value - data.table["sales"].values[-1]) < 3


def test_what_is_misspelt_or_said_twice_is_refused(tmp_path: Path) -> None:
    data = Data.from_csv(series(tmp_path, 60), label="sales", quiet=True)
    with pytest.raises(InvalidInput, match="did you mean 'price'"):
        data.with_lags({"price": [1]}, by="day", known=["pricee"])
    made = data.with_lags({"price": [1]}, by="day")
    with pytest.raises(InvalidInput, match="were added already"):
        made.with_lags({"sales": [1]}, by="day")
    with pytest.raises(InvalidInput, match="name of a column"):
        data.with_lags({"price": [1]}, by=["day"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "cells", "kind"),
    [
        ("year", [str(1940 + row) for row in range(60)], "integer"),
        ("round", [f"{row}.5" for row in range(60)], "number"),
        ("day", [f"{1 + row % 28}/{1 + row // 28}/2024" for row in range(60)], "date"),
    ],
)
def test_an_order_that_is_read_as_something_else_is_refused_with_the_reading_that_gives_one(
    tmp_path: Path, column: str, cells: list[str], kind: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "\n".join([f"{column},sales", *(f"{cell},{row % 9}.25" for row, cell in enumerate(cells))])
    )
    data = Data.from_csv(path, label="sales", kinds={column: "category"}, quiet=True)
    with pytest.raises(
        InvalidData, match="is of the kind 'category'; an order needs dates or numbers"
    ) as caught:
        data.with_lags({"sales": [1]}, by=column)
    (way,) = caught.value.remedies
    assert way.body == {"kinds": {column: kind}}
    read = Data.from_csv(path, label="sales", quiet=True, **way.body)
    assert read.with_lags({"sales": [1]}, by=column).columns == (column, "sales", "sales 1 before")


def test_rows_that_follow_are_those_of_data_with_lags(tmp_path: Path) -> None:
    data = Data.from_csv(series(tmp_path, 60), label="sales", quiet=True)
    with pytest.raises(InvalidInput, match=r"data = data\.with_lags"):
        data.following()
