"""The first screen, with more models than fit on it."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here

pytestmark = pytest.mark.slow


def test_many_models_come_a_page_at_a_time_and_are_searched_by_the_platform(here: Here, page: Page) -> None:
    with closing(HttpTransport(here.url, here.key)) as transport:
        for at in range(70):
            wanted = {"name": f"model-{at:02}", "algorithm": "linear_regression", "dataset": "m"}
            transport.call("POST", "/v1/models", body=wanted)
    page.goto(here.address())
    models = page.get_by_role("region", name="Models").locator("tbody tr")
    expect(models).to_have_count(50)

    search = page.get_by_role("searchbox")
    search.press_sequentially("EL-69")
    expect(models).to_have_count(1)
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"#/\?search=EL-69$"))
    page.reload()
    expect(models).to_have_count(1)
    expect(page.get_by_role("link", name="model-69")).to_be_visible()

    search.fill("nobody")
    expect(page.get_by_text("Nothing has that name.")).to_be_visible()
    search.fill("")
    expect(models).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(models).to_have_count(70)
    page.reload()
    expect(models).to_have_count(70)
