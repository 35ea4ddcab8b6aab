"""The file of an exported version, dropped where a table would be: its model, served and shown without its data."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from tests.functions.console.conftest import Here
from tests.support.exported import exported
from tests.support.stores import memory_store
from tests.support.world import world

pytestmark = pytest.mark.slow

DATA = "size,quarter,garden,price\n" + "".join(
    f"{20 + row},{'north' if row % 3 else 'south'},{'true' if row % 2 else 'false'},{'dear' if row > 40 else 'cheap'}\n"
    for row in range(80)
)


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
        ("try", "The same call"),
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


def test_a_row_of_a_version_without_data_is_typed_into_a_form_of_what_the_version_knows(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch, expected: list[str], tmp_path: Path
) -> None:
    expected += ["/v1/datasets/m"]  # there is none yet
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    elsewhere = world(memory_store())
    elsewhere.trained(DATA.encode(), "homes", iterations=30)
    file = tmp_path / "homes.lepton"
    file.write_bytes(elsewhere.ok("GET", "/v1/models/homes/versions/1/export/file"))
    model = Model.import_(file)
    model.deploy()

    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{here.url}/#/models/homes/try")
    quarter = page.get_by_label("quarter", exact=True)
    expect(quarter.locator("option")).to_have_text(["– missing –", "north", "south", "another…"])
    garden = page.get_by_label("garden", exact=True)
    expect(garden.locator("option")).to_contain_text(["true", "false"])
    expect(page.get_by_role("button", name="Next row")).to_have_count(0)
    page.get_by_label("size", exact=True).fill("99.5")
    quarter.select_option(label="north")
    garden.select_option(label="false")
    row = {"size": 99.5, "quarter": "north", "garden": False}
    wanted = model.predict(row)
    answer = page.locator(".aside-answer")
    expect(answer).to_contain_text(str(wanted.label))
    call = page.locator("pre").first
    expect(call).to_contain_text('"size":99.5,"quarter":"north","garden":"false"')
    page.get_by_role("button", name="As it was").click()
    expect(page.get_by_label("size", exact=True)).not_to_have_value("99.5")


def test_what_is_no_version_is_refused_in_words(here: Here, page: Page) -> None:
    page.goto(here.address())
    for content in (b"abc", exported().file[:-1] + b"?"):
        dropped(page, content)
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("not as it was written")
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to know?")
