"""The file of an exported version, dropped where a table would be: its model, served and shown without its data."""

import pytest
from playwright.sync_api import Page, expect

from tests.functions.console.conftest import Here
from tests.support.exported import exported

pytestmark = pytest.mark.slow


def dropped(page: Page, content: bytes, name: str = "whatever.lepton") -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("main input[type=file]").first.set_input_files(file)


def test_a_version_is_dropped_deployed_and_looked_at_in_each_tab(
    here: Here, page: Page, expected: list[str]
) -> None:
    expected += ["/v1/datasets/m"]  # there is none yet
    page.goto(here.address())
    dropped(page, exported().file)
    row = page.get_by_role("region", name="Versions").get_by_role("row").nth(1)
    expect(row).to_contain_text("imported: m 1")
    expect(row.get_by_role("link", name="Run")).to_have_count(0)
    row.get_by_role("button", name="Serve").click()
    expect(page.get_by_text("Version 1 serves now.")).to_be_visible()
    for tab, shown in (
        ("overview", "imported: m 1"),
        ("evaluate", "imported: m 1"),
        ("try", "No rows of its data are here to try"),
        ("update", "upload data first"),
        ("monitor", "imported: m 1"),
        ("score", "Choose a file"),
    ):
        page.goto(f"{here.url}/#/models/m/{tab}")
        expect(page.locator("main")).to_contain_text(shown)
    page.goto(f"{here.url}/#/")
    dropped(page, exported().file)
    expect(page.get_by_role("region", name="Versions").get_by_role("row")).to_have_count(2)
    page.goto(f"{here.url}/#/new")
    dropped(page, exported().other)
    expect(page.get_by_role("region", name="Versions").get_by_role("row")).to_have_count(3)


def test_what_is_no_version_is_refused_in_words(here: Here, page: Page) -> None:
    page.goto(here.address())
    for content in (b"abc", exported().file[:-1] + b"?"):
        dropped(page, content)
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("not as it was written")
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to know?")
