"""Which version serves is changed in a real browser, and the API says the same; the way back is one button."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from lepton_ai import Data, Model, load
from tests.functions.console.conftest import Here
from tests.functions.console.places import part, place
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    path = tmp_path / "table.csv"
    path.write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv(path, quiet=True))
    for iterations in (5, 6):
        made.train(iterations=iterations, refit=False)
    made.deploy(1)
    made.set_threshold(threshold=0.3, label="yes", version=1)
    return made


def test_another_version_is_served_and_the_one_before_again(here: Here, page: Page, model: Model) -> None:
    page.goto(here.address())
    page.get_by_role("link", name="m", exact=True).first.click()
    part(page, "Versions").click()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()
    expect(page.get_by_role("button", name="Back to")).to_have_count(0)
    expect(page.get_by_role("row", name="Version 1 serves")).to_contain_text("yes from 0.3 on")

    page.get_by_role("row", name="Version 2").get_by_role("button", name="Serve").click()
    expect(page.get_by_role("heading", name="Version 2 serves")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="version 1 had a rule for labels")).to_be_visible()
    assert model.champion == 2
    comparing = page.get_by_role("row", name="Version 1").get_by_role("link", name="Compare")
    expect(comparing).to_have_attribute("href", "#/models/m/compare?a=2&b=1")

    page.get_by_role("button", name="Back to version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    assert model.champion == 2
    page.get_by_role("button", name="Back to version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Back to version 1").click()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()
    assert model.champion == 1

    page.get_by_text("Served before (2)").click()
    expect(page.get_by_role("region", name="Served before").get_by_role("row")).to_have_count(3)
    deployment = model.deployment
    assert deployment is not None
    assert [one.version for one in deployment.earlier] == [2, 1]
    page.reload()
    expect(page.get_by_role("heading", name="Version 1 serves")).to_be_visible()


def test_the_card_of_a_version_opens_by_its_link(here: Here, page: Page, model: Model) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/versions")
    with page.expect_popup() as opened:
        page.get_by_role("row", name="Version 2").get_by_role("link", name="Model card").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("m")


def test_it_says_since_when_a_version_serves_and_how_far_another_one_has_come(
    here: Here, page: Page, model: Model
) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/versions")
    since = page.locator(".serving time").first
    deployment = model.deployment
    assert deployment is not None and deployment.since is not None
    shown = datetime.fromisoformat(since.get_attribute("datetime") or "")
    assert shown == deployment.since
    expect(page.locator(".serving")).to_contain_text(f"Since {since.inner_text()}")

    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/deploy", hold)
    page.get_by_role("row", name="Version 2").get_by_role("button", name="Serve").click()
    tried = page.get_by_role("status").filter(has_text="Version 2 is loaded and tried on a row.")
    expect(tried).to_contain_text("Version 1 serves until then.")
    expect(page.get_by_role("row", name="Version 2").locator(".state")).to_have_text("is tried")
    expect(page.get_by_role("button", name="Serve")).to_have_count(0)
    asked[0].continue_()
    expect(page.get_by_role("heading", name="Version 2 serves")).to_be_visible()
    expect(tried).to_have_count(0)
    deployment = model.deployment
    assert deployment is not None and deployment.since is not None
    expect(since).to_have_attribute("datetime", re.compile(f"{deployment.since:%Y-%m-%dT%H:%M:%S}"))
    page.unroute_all(behavior="ignoreErrors")


def test_a_version_is_taken_away_as_a_file_that_predicts_alone(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/versions")
    with page.expect_download() as taken:
        page.get_by_role("row", name="Version 2").get_by_role("button", name="Export").click()
    assert taken.value.suggested_filename == "m-2.lepton"
    taken.value.save_as(tmp_path / "m.lepton")
    row = {"a": 0.3, "b": 0.4}
    model.deploy(2)
    assert load(tmp_path / "m.lepton").predict(row) == model.predict(row)
    expect(page.get_by_role("row", name="Version 2").get_by_role("button", name="Export")).to_be_enabled()
