"""Create a model by clicks: another algorithm, settings and steps; the API sees what was chosen."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from tests.functions.console.conftest import Here, table
from tests.functions.console.test_score import DROP
from tests.support.world import csv_of, two_classes

pytestmark = pytest.mark.slow

ROWS = {
    "age": [20, "", 60, 40] * 20,
    "town": ["Ulm", "Bern", "Ulm", "Graz"] * 20,
    "spent": [at % 37 + 0.5 for at in range(80)],
    "bought": ["no", "yes", "yes", "no"] * 20,
}


@pytest.fixture
def ready(here: Here, page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Page:
    """A platform with a data set, whose model is there already, and the page at the form."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    Model("logistic_regression", name="people", quiet=True).upload_data(
        table(tmp_path, csv_of(ROWS), "bought")
    )
    page.goto(here.address())
    page.get_by_role("link", name="New model").click()
    page.get_by_label("Data set").select_option("people")
    return page


def ask(here: Here, path: str) -> Any:
    with urlopen(Request(here.url + path, headers={"Authorization": f"Bearer {here.key}"})) as answer:  # noqa: S310
        return json.load(answer)


@pytest.mark.lengthy
def test_without_a_choice_lepton_finds_out(here: Here, ready: Page) -> None:
    expect(ready.get_by_role("radio", name="Let Lepton find out")).to_be_checked()
    expect(ready.get_by_role("radio", name="linear regression")).to_be_disabled()
    expect(ready.get_by_label("Name of the model")).to_have_value("people-2")
    ready.get_by_label("How long may it take?").select_option("5")
    ready.get_by_role("button", name="Create and train").click()
    expect(ready.get_by_text("Version 1 is trained.")).to_be_visible()
    assert ask(here, "/v1/runs?model=people-2")["items"][0]["asked"] == {"auto": True, "seconds": 5}


def test_what_the_api_refuses_stands_beside_its_field_and_can_be_mended(
    here: Here, ready: Page, expected: list[str]
) -> None:
    expected.append("400")
    ready.get_by_role("radio", name="decision tree").check()
    signs = ready.get_by_role("textbox", name="Columns with one direction")
    signs.fill('{"nowhere": 1}')
    signs.blur()
    ready.get_by_role("button", name="Create and train").click()
    expect(ready.locator(".setting", has=signs)).to_contain_text("there is no column 'nowhere'")
    signs.fill("")
    signs.blur()
    ready.get_by_role("button", name="Create and train").click()
    expect(ready.get_by_text("Version 1 is trained.")).to_be_visible()
    assert ask(here, "/v1/models/people-2")["latest"] == 1


def test_an_algorithm_with_settings_and_steps_of_ones_own(
    here: Here, ready: Page, expected: list[str]
) -> None:
    expected.append("/preview")  # of a step that is not yet typed to its end
    ready.get_by_role("radio", name="decision tree").check()
    depth = ready.get_by_role("spinbutton", name="Greatest depth")
    depth.fill("0")
    depth.blur()
    expect(ready.get_by_text("This must be ≥ 1, ≤ 512.")).to_be_visible()
    expect(ready.get_by_role("button", name="Create and train")).to_be_disabled()
    depth.fill("3")
    depth.blur()
    ready.get_by_role("combobox", name="What a split lessens").select_option("entropy")
    expect(ready.get_by_text("2 changed")).to_be_visible()
    ready.get_by_role("button", name="Back to the default of What a split lessens").click()
    expect(ready.get_by_text("1 changed")).to_be_visible()

    ready.get_by_role("radio", name="By steps of my own").check()
    for name in ("MinMax", "OneHot"):
        ready.get_by_label("Which step").select_option(name)
        ready.get_by_role("button", name="Add the step").click()
    ready.get_by_role("button", name="Move OneHot up").click()
    expect(ready.get_by_role("heading", name="1. OneHot")).to_be_focused()
    ready.get_by_role("spinbutton", name="Fewest rows of a level").fill("0")
    ready.get_by_role("spinbutton", name="Fewest rows of a level").blur()
    expect(ready.get_by_text("This must be ≥ 1.", exact=True)).to_be_visible()
    ready.get_by_role("spinbutton", name="Fewest rows of a level").fill("2")
    ready.get_by_role("spinbutton", name="Fewest rows of a level").blur()
    after = ready.get_by_role("region", name="After")
    expect(after.get_by_role("columnheader", name="town=Graz")).to_be_visible()

    ready.reload()
    expect(ready.get_by_role("spinbutton", name="Greatest depth")).to_have_value("3")
    expect(ready.get_by_role("heading", name="2. MinMax")).to_be_visible()
    ready.get_by_label("Name of the model").fill("people")
    expect(ready.get_by_text("There is a model people already.")).to_be_visible()
    ready.get_by_label("Name of the model").fill("tree")
    ready.get_by_role("button", name="Create and train").click()
    expect(ready.get_by_text("Version 1 is trained.")).to_be_visible()
    version = ask(here, "/v1/models/tree/versions/1")
    assert version["algorithm"] == "decision_tree" and version["hyperparameters"]["max_depth"] == 3
    assert [step["transformer"] for step in version["preprocessor"]["steps"]][:2] == ["OneHot", "MinMax"]


def test_how_a_version_is_trained_is_chosen_too(here: Here, ready: Page) -> None:
    ready.get_by_role("radio", name="decision tree").check()
    ready.get_by_role("heading", name="How it is trained").click()
    held_out = ready.get_by_role("combobox", name="Rows held out")
    held_out.select_option(label="with near-copies together")
    expect(ready).to_have_url(re.compile("near_copies"))
    expect(ready.get_by_role("combobox", name="Column of the split")).to_be_hidden()
    held_out.select_option(label="whole groups of a column")
    expect(ready.get_by_text("Choose a column.")).to_be_visible()
    expect(ready.get_by_role("button", name="Create and train")).to_be_disabled()
    ready.get_by_role("combobox", name="Column of the split").select_option("town")
    share = ready.get_by_role("spinbutton", name="Share held out")
    share.fill("1.5")
    share.blur()
    expect(ready.get_by_text("This must be > 0, < 1.")).to_be_visible()
    share.fill("0.3")
    share.blur()
    ready.get_by_role("combobox", name="Column with weights").select_option("spent")
    weights = ready.get_by_role("textbox", name="Weight of the classes")
    weights.fill('{"yes": 3}')
    weights.blur()
    ready.get_by_role("combobox", name="Learn intervals").select_option(label="no")
    ready.get_by_role("combobox", name="Serve it when it is done").select_option(label="yes")
    ready.get_by_role("spinbutton", name="Seed").fill("7")
    ready.get_by_role("spinbutton", name="Seed").blur()
    expect(ready.get_by_text("8 changed")).to_be_visible()

    ready.reload()
    expect(ready.get_by_role("spinbutton", name="Seed")).to_have_value("7")
    ready.get_by_role("button", name="Create and train").click()
    expect(ready.get_by_text("Version 1 serves.")).to_be_visible()
    assert ask(here, "/v1/runs?model=people-2")["items"][0]["asked"] == {
        "class_weight": {"yes": 3},
        "deploy": True,
        "seed": 7,
        "split": {"by": "group", "column": "town", "fraction": 0.3},
        "uncertainty": False,
        "weight": "spent",
    }


def test_a_model_that_is_there_is_trained_as_one_likes(here: Here, ready: Page, expected: list[str]) -> None:
    model = Model("logistic_regression", name="people", quiet=True)
    model.train(iterations=3, deploy=True)
    ready.goto(f"{here.url}/#/models/people")
    ready.get_by_role("link", name="Train with settings").click()
    expect(ready.get_by_role("heading", name="Train people again")).to_be_visible()
    expect(ready.get_by_role("radio", name="decision tree")).to_be_disabled()
    ready.get_by_role("radio", name="logistic regression").check()
    ready.get_by_role("heading", name="How it is trained").click()
    ready.get_by_role("combobox", name="Begin where").select_option(label="yes")
    weights = ready.get_by_role("textbox", name="Weight of the classes")
    weights.fill("balanced")
    weights.blur()
    ready.get_by_role("spinbutton", name="Iterations").fill("4")
    ready.get_by_role("spinbutton", name="Iterations").blur()
    ready.get_by_role("button", name="Train", exact=True).click()
    expect(ready.get_by_text("Version 2 is trained.")).to_be_visible()
    assert ask(here, "/v1/runs?model=people")["items"][0]["asked"] == {
        "class_weight": "balanced",
        "hyperparameters": {"iterations": 4},
        "warm_start": True,
    }
    assert len(ask(here, "/v1/models")["items"]) == 1
    expected.append("400")
    ready.goto(f"{here.url}/#/new?model=people&how={'%7B%22weight%22%3A%22nowhere%22%7D'}")
    ready.get_by_role("button", name="Train", exact=True).click()
    expect(ready.get_by_role("alert").filter(has_text="nowhere").first).to_be_visible()


SENT_BYTES_A_SECOND = 1_000_000

SHARES = """() => {
  window.shares = [];
  new MutationObserver(() => {
    const bar = document.querySelector(".drop [role=progressbar]");
    if (bar) window.shares.push(Number(bar.getAttribute("aria-valuenow")));
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_a_file_is_dropped_and_its_progress_moves(here: Here, page: Page) -> None:
    page.goto(here.address())
    page.get_by_role("navigation", name="Places").wait_for()
    page.goto(f"{here.url}/#/new")
    page.locator(".drop").wait_for()
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SENT_BYTES_A_SECOND}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.evaluate(SHARES)
    page.evaluate(DROP, [".drop", two_classes(40_000).decode()])
    expect(page.get_by_label("Data set")).to_have_value("dropped")
    expect(page.get_by_text("40,000")).to_be_visible()
    assert page.url.endswith("#/new?data=dropped")
    shares = page.evaluate("window.shares")
    assert shares == sorted(shares)
    assert len({one for one in shares if 0 < one < 100}) > 3
