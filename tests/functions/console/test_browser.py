"""A real browser takes a model from an empty platform to a retired one, by clicks alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from tests.functions.console.conftest import Here
from tests.functions.console.places import place
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "My customers (2026).csv"
    path.write_bytes(two_classes(80))
    return path


def test_from_a_table_to_a_retired_model_by_clicks_alone(
    here: Here, page: Page, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to know?")
    assert "sign-in" not in page.url, "the link is out of the address"

    page.locator("input[type=file]").first.set_input_files(table)
    expect(page.get_by_label("What is to be predicted?")).to_have_value("label")
    page.get_by_label("How long may it take?").select_option("5")
    page.get_by_role("button", name="Find the best model and serve it").click()
    expect(page.get_by_text("Version 1 serves.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Try it", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("My-customers-2026")
    page.get_by_label("a", exact=True).fill("2")
    with page.expect_response(lambda one: '"a":2,"b":2' in (one.request.post_data or "")):
        page.get_by_label("b", exact=True).fill("2")
    expect(page.locator(".answer .label")).to_contain_text("yes")

    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model(name="My-customers-2026")
    assert [one.label for one in model.predict([{"a": 2, "b": 2}])] == ["yes"]

    page.get_by_role("button", name="Retire").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Retire").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    expect(page.get_by_text("This model is retired")).to_be_visible()
    place(page, "Models").click()
    expect(page.get_by_role("row", name="My-customers-2026").get_by_text("retired")).to_be_visible()
    assert model.state == "retired"


def test_a_reload_loses_nothing_and_an_address_can_be_shared(here: Here, page: Page) -> None:
    page.goto(here.address())
    place(page, "Keys").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()


def test_without_a_session_the_page_asks_for_a_key(here: Here, page: Page) -> None:
    page.goto(f"{here.url}/#/keys")
    page.get_by_label("API key").fill(here.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")


def test_the_page_speaks_chinese_when_asked(here: Here, page: Page) -> None:
    page.goto(here.address())
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("你想知道什么？")
