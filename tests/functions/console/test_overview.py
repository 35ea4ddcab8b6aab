"""The overview says the next step and does it; the settings say where the platform is, and in which language."""

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from tests.functions.console.conftest import Here
from tests.functions.console.places import place
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.mark.lengthy
def test_a_model_says_its_next_step_from_nothing_to_a_first_question(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model("logistic_regression", name="m", quiet=True)
    page.goto(here.address())
    page.get_by_role("link", name="m", exact=True).click()
    step = page.locator(".step")
    expect(step).to_contain_text("There is no data yet")
    page.locator(".step input").set_input_files(
        files=[{"name": "t.csv", "mimeType": "text/csv", "buffer": two_classes(200)}]
    )
    expect(step.get_by_role("button", name="Train the first version")).to_be_visible()
    step.get_by_role("link", name="Train with settings").click()
    expect(page.get_by_role("radio", name="logistic regression")).to_be_enabled()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    page.go_back()
    model.train(iterations=10)
    page.reload()
    expect(step).to_contain_text("Version 1 is trained, and nothing serves.")
    step.get_by_role("button", name="Serve").click()
    expect(step).to_contain_text("Nobody has asked for a prediction today.")
    assert model.champion == 1
    expect(page.get_by_role("link", name="Version 1", exact=True)).to_be_visible()
    model.predict([{"a": 0.1, "b": 0.1}])
    page.reload()
    expect(step).to_have_text("All is well: nothing needs you.")
    expect(page.get_by_role("img", name="Rows predicted")).to_be_visible()


def test_the_settings_say_where_and_who_and_change_the_language(here: Here, page: Page) -> None:
    page.goto(here.address())
    place(page, "Settings").click()
    expect(page.get_by_text(here.url, exact=True)).to_be_visible()
    expect(page.get_by_text("answers", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=here.key.split("_")[1])).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("设置")
    page.get_by_role("main").get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
