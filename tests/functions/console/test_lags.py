"""Data with what was known before, made in a real browser: chosen, seen before it is made, and forecast with."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Data, Dataset, Model, Split
from tests.functions.console.conftest import Here
from tests.functions.console.places import part, place
from tests.functions.console.test_access import faults

pytestmark = pytest.mark.slow


def sales(folder: Path, days: int = 120) -> Data:
    rng = np.random.default_rng(0)
    path, value, lines = folder / "sales.csv", 0.0, ["day,price,rain,sales"]
    for at in range(days):
        value = 0.9 * value + rng.normal()
        day = date(2024, 1, 1) + timedelta(at)
        lines.append(f"{day},{at % 5 + 0.5},{rng.normal():.3f},{100 + value:.3f}")
    path.write_text("\n".join(lines))
    return Data.from_csv(path, label="sales", quiet=True)


@pytest.fixture
def data(here: Here, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    """Sales of which the platform has one version, and a browser that is signed in."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    made = sales(tmp_path)
    Dataset("sales").upload(made, quiet=True)
    page.goto(here.address())
    expect(place(page, "Data")).to_be_visible()
    return made


@pytest.mark.lengthy
def test_what_the_report_offers_becomes_a_data_set_and_a_forecast(here: Here, page: Page, data: Data) -> None:
    page.goto(f"{here.url}/#/data/sales/report")
    page.get_by_role("link", name="Add what was known before").click()
    expect(page).to_have_url(re.compile(r"/data/sales/lags\?.*by=day"))
    expect(page.get_by_label("Rows before sales")).to_have_value("1")

    before = page.get_by_label("Rows before sales")
    before.fill("1, 7")
    before.blur()
    page.get_by_label("Add a column").select_option("price")
    page.get_by_label("Add a column").select_option("rain")
    page.get_by_role("button", name="Remove rain").click()
    expect(page.get_by_label("Rows before rain")).to_have_count(0)
    page.get_by_label("Add a column").select_option("rain")
    page.get_by_label("price is known ahead").check()
    page.reload()
    expect(before).to_have_value("1, 7")
    expect(page.get_by_label("price is known ahead")).to_be_checked()
    rows = page.get_by_role("region", name="The last rows")
    expect(rows.get_by_role("columnheader", name="rain 1 before")).to_be_visible()
    expect(rows.get_by_role("row")).to_have_count(9)
    following = page.get_by_role("region", name="The rows that come next")
    expect(following.get_by_text("2024-04-30")).to_be_visible()

    assert faults(page, [("light", 1280), ("dark", 360)]) == []
    page.get_by_role("button", name="Make the version").click()
    expect(page).to_have_url(re.compile("#/data/sales-lags/report"))
    wanted = data.with_lags({"sales": [1, 7], "price": [1], "rain": [1]}, "day", known=["price"])
    Dataset("by-sdk").upload(wanted, quiet=True)
    digests = {one.digest for name in ("sales-lags", "by-sdk") for one in Dataset(name).versions()}
    assert len(digests) == 1, "bit for bit what the SDK makes"

    model = Model("linear_regression", name="forecast", dataset="sales-lags", quiet=True)
    model.train(split=Split("time", "day"))
    model.deploy()
    page.goto(f"{here.url}/#/data/sales/lags?by=day&lags={json.dumps({'sales': [1, 7], 'rain': [1]})}")
    page.get_by_role("region", name="The rows that come next").get_by_role("link", name="forecast").click()
    expect(page).to_have_url(re.compile("#/models/forecast/try"))
    expect(page.get_by_label("sales 7 before").first).to_have_value(
        re.compile(f"^{wanted.following()[0]['sales 7 before']}")
    )


def test_what_cannot_be_made_says_why_and_nothing_is_made(
    here: Here, page: Page, data: Data, expected: list[str]
) -> None:
    expected.append("/versions/1/lags")
    twice = data.table.take(np.repeat(np.arange(60), 2))
    Dataset("twice").upload(
        Data.from_arrays(
            np.column_stack([np.repeat(np.arange(60.0), 2), twice["rain"].values]),
            twice["sales"].values,
            columns=["at", "rain"],
            label="sales",
        ),
        quiet=True,
    )
    page.goto(f"{here.url}/#/data/twice/lags")
    make = page.get_by_role("button", name="Make the version")
    expect(make).to_be_disabled()
    page.get_by_label("In the order of").select_option("at")
    expect(page.get_by_role("alert").get_by_text("has the time of another row")).to_be_visible()
    make.click()
    expect(page.get_by_role("alert")).to_have_count(2)
    page.get_by_label("Data set that gets them").fill("no name")
    expect(make).to_be_disabled()
    before = page.get_by_label("Rows before sales")
    before.fill("-1")
    before.blur()
    expect(page.get_by_text("This must be ≥ 1.")).to_be_visible()
    part(page, "Rows").click()
    assert [one.version for one in Dataset("twice").versions()] == [1]


@pytest.mark.parametrize(
    "text", ["{", "null", "7", '{"sales": "1"}', '{"sales": [null]}', '{"no": [1]}', "[[]]"]
)
def test_an_address_that_makes_no_sense_is_passed_over(here: Here, page: Page, data: Data, text: str) -> None:
    page.goto(f"{here.url}/#/data/sales/lags?lags={text}&by=nope&group=__proto__&known={text}&to=%20")
    expect(page.get_by_role("heading", name="Add what was known before")).to_be_visible()
    expect(page.get_by_label("In the order of")).to_have_value("")
    expect(page.get_by_role("button", name="Make the version")).to_be_disabled()
