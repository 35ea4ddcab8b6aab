"""The first screen: from a sample to a serving model in two presses; then what needs somebody, and a search."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here, table
from tests.functions.console.places import place
from tests.functions.console.test_score import DROP
from tests.support.waiting import until
from tests.support.world import two_classes

pytestmark = pytest.mark.slow


@pytest.mark.lengthy
def test_a_sample_is_two_presses_away_from_a_model_that_serves(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.goto(here.address())
    page.get_by_role("button", name="Is a tumour benign or malignant?").click()
    expect(page.get_by_label("What is to be predicted?")).to_have_value("diagnosis")
    page.get_by_label("How long may it take?").select_option("5")
    page.get_by_role("button", name="Find the best model and serve it").click()
    expect(page.get_by_text("Version 1 serves.")).to_be_visible()
    expect(page.get_by_role("region", name="What was tried").get_by_role("row")).not_to_have_count(1)
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    (answer,) = Model(name="tumours").predict([{"radius": 25, "area": 2000, "concave_points": 0.2}])
    assert answer.label == "malignant"


def test_a_file_is_taken_wherever_it_is_dropped(here: Here, page: Page) -> None:
    page.goto(here.address())
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you want to know?")
    page.evaluate(DROP, ["aside", two_classes(40).decode()])
    expect(page.get_by_role("heading", name="dropped is there")).to_be_visible()


def test_another_label_reads_the_file_again_and_leaves_no_second_data_set(
    here: Here, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "houses.csv"
    path.write_text(
        "price,area,garden\n" + "".join(f"{900 * n + n % 7},{n},{'yn'[n % 2]}\n" for n in range(20, 80))
    )
    page.goto(here.address())
    page.locator("input[type=file]").set_input_files(path)
    label = page.get_by_label("What is to be predicted?")
    expect(label).to_have_value("garden")
    expect(page.get_by_text("A guess.")).to_be_visible()
    label.select_option("price")
    expect(page.get_by_text("A guess.")).to_be_hidden()
    expect(label).to_have_value("price")
    with closing(HttpTransport(here.url, here.key)) as transport:
        sets = transport.call("GET", "/v1/datasets")["items"]
    assert [(one["name"], one["label"], one["latest"]) for one in sets] == [("houses", "price", 2)]


def test_after_the_first_drop_a_second_file_is_two_clicks_away(here: Here, page: Page) -> None:
    head, *lines = two_classes(80).decode().splitlines()
    first, second = (
        {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": "\n".join([head, *rows]).encode()}
        for name, rows in (("people", lines[:60]), ("later", lines[60:]))
    )
    page.goto(here.address())
    page.locator("main input[type=file]").set_input_files(first)
    page.get_by_role("link", name="Look at the report first").click()
    page.get_by_role("link", name="Add data").click()
    page.get_by_label("Choose a second file to hold out").set_input_files(second)
    expect(page.get_by_text("The rows of later.csv are held out.")).to_be_visible()
    page.get_by_label("Drop a file for the next version").set_input_files(first)
    expect(page.get_by_text("Version 2: 80 rows, 20 of them new.")).to_be_visible()
    with closing(HttpTransport(here.url, here.key)) as transport:
        versions = transport.call("GET", "/v1/datasets/people/versions")["items"]
    assert [(one["rows"], one["held_out"]) for one in versions] == [(60, 0), (80, 20)]


def test_a_label_that_only_tells_rows_apart_is_doubted_beside_the_choice(
    here: Here, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    cells = (f"{n},{7 * n % 41},{n % 9},{n / 7:.3f},Visitor {n} came from town {n * n}" for n in range(1, 61))
    path.write_text("\n".join(["number,age,visits,paid,remark", *cells, ""]))
    page.goto(here.address())
    page.locator("input[type=file]").set_input_files(path)
    label = page.get_by_label("What is to be predicted?")
    doubt = page.get_by_text("Every row has another value: nothing can be learned from that.")
    for name, doubted in {"remark": True, "visits": False, "number": True, "paid": False}.items():
        label.select_option(name)
        expect(label).to_have_value(name)
        expect(label).to_be_enabled()
        expect(doubt).to_have_count(int(doubted))
        expect(page.get_by_role("button", name="Find the best model and serve it")).to_be_enabled()


def test_what_needs_somebody_comes_first_with_the_link_to_act(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    quiet = Model("logistic_regression", name="quiet", quiet=True)
    quiet.upload_data(table(tmp_path, two_classes(80), "label"))
    quiet.train(iterations=5)
    failed = Model("logistic_regression", name="failed", dataset="quiet", quiet=True)
    with pytest.raises(Exception, match="diverged"):
        failed.train(iterations=50, learning_rate=1e9)

    page.goto(here.address())
    needs = page.get_by_role("listitem").filter(has_text="quiet has versions, but none serves.")
    expect(needs).to_be_visible()
    page.get_by_role("link", name="Look: failed: the last run failed.").click()
    expect(page.get_by_role("alert")).to_contain_text("diverged")
    place(page, "Models").click()
    needs.get_by_role("link", name="Choose one").click()
    page.get_by_role("button", name="Serve", exact=True).click()
    expect(page.get_by_role("cell", name="serves")).to_be_visible()
    place(page, "Models").click()
    expect(page.get_by_text("the last run failed")).to_be_visible()
    expect(needs).to_be_hidden()


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
    expect(page.get_by_role("link", name="model-69", exact=True)).to_be_visible()

    search.fill("nobody")
    expect(page.get_by_text("Nothing has that name.")).to_be_visible()
    search.fill("")
    expect(models).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(models).to_have_count(70)
    page.reload()
    expect(models).to_have_count(70)


def test_models_are_shown_by_their_state(here: Here, page: Page) -> None:
    with closing(HttpTransport(here.url, here.key)) as transport:
        for name in ("kept", "old"):
            wanted = {"name": name, "algorithm": "linear_regression"}
            transport.call("POST", "/v1/models", body=wanted)
        page.goto(here.address())
        state = page.get_by_role("combobox", name="State")
        models = page.get_by_role("region", name="Models").locator("tbody tr")
        expect(models).to_have_count(2)
        expect(state).to_have_count(0)
        transport.call("POST", "/v1/models/old/retire")
    page.reload()
    state.select_option("retired")
    expect(models).to_have_text([re.compile("^old")])
    page.reload()
    expect(models).to_have_text([re.compile("^old")])
    state.select_option("not retired")
    expect(models).to_have_text([re.compile("^kept")])
    page.get_by_role("searchbox").fill("old")
    expect(page.get_by_text("Nothing has that name.")).to_be_visible()
    state.select_option("all models")
    expect(models).to_have_text([re.compile("^old")])


def test_of_many_runs_under_way_the_first_are_shown_and_the_way_to_all(
    here: Here, page: Page, tmp_path: Path
) -> None:
    here.platform.runner.close(300.0)
    with closing(HttpTransport(here.url, here.key)) as transport:
        Model("logistic_regression", name="m", quiet=True, transport=transport).upload_data(
            table(tmp_path, two_classes(80), "label")
        )
        for at in range(12):
            wanted = {"name": f"m{at}", "algorithm": "logistic_regression", "dataset": "m"}
            transport.call("POST", "/v1/models", body=wanted)
            transport.call("POST", f"/v1/models/m{at}/train", body={})
    page.goto(here.address())
    card = page.locator(".card", has=page.get_by_role("heading", name="Under way"))
    expect(card.get_by_role("listitem")).to_have_count(5)
    card.get_by_role("link", name="Show all 12").click()
    expect(page.get_by_role("region", name="Runs").locator("tbody tr")).to_have_count(12)
    expect(page.get_by_label("State")).to_have_value("under_way")


@pytest.mark.lengthy
def test_a_model_serves_although_its_page_was_closed(
    here: Here, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.goto(here.address())
    page.get_by_role("button", name="Is a tumour benign or malignant?").click()
    page.get_by_label("How long may it take?").select_option("5")
    page.get_by_role("button", name="Find the best model and serve it").click()
    expect(page.get_by_text("You may close this page.")).to_be_visible()
    address = page.url
    page.close()
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    model = Model(name="tumours", quiet=True)
    (run,) = model.runs()
    assert address.endswith(f"#/runs/{run.id}")
    (ended,) = until(model.runs, "the run has ended", lambda runs: runs[0].finished)
    assert ended.outcome["deployed"]
    (answer,) = model.predict([{"radius": 25, "area": 2000, "concave_points": 0.2}])
    assert (model.champion, answer.label) == (1, "malignant")
