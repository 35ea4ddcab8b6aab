"""A run scores a file: the page sends it, follows it, shows its first rows, and need not stay open for it."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from functions.system.scoring import scoring_landed
from lepton_ai import Model
from lepton_ai.content import Content
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.places import place
from tests.functions.console.test_access import LOOKS, faults
from tests.functions.console.test_score import columns_of, rows_in, served
from tests.support.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    return served(here, monkeypatch, tmp_path)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return rows_in(tmp_path)


def at_screen(here: Here, page: Page, query: str = "") -> None:
    """The screen of the model `m`, signed in."""
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score{query}")


def test_a_run_scores_a_file_and_the_page_that_sent_it_may_be_closed(
    here: Here, page: Page, model: Model, rows: Path
) -> None:
    at_screen(here, page)
    page.get_by_label("Let a run score it").check()
    expect(page.get_by_label("Say what each column added")).to_have_count(0)
    page.locator("input[type=file]").set_input_files(rows)
    expect(page.get_by_role("heading", name="60 rows of april rows.csv")).to_be_visible()
    upload = page.url.partition("scored=")[2]
    page.goto("about:blank")

    at_screen(here, page)
    expect(page.get_by_label("Let a run score it")).to_be_checked()
    files = page.get_by_role("region", name="Scored files")
    expect(files.get_by_role("row")).to_have_count(2)
    expect(files.get_by_role("row").nth(1)).to_contain_text("done")
    files.get_by_role("link", name="april rows.csv").click()
    expect(page.get_by_text("2 of 60 rows have no prediction; each says why.")).to_be_visible()
    expect(page.get_by_text("line 8, column 'b': 'much' is no number").first).to_be_visible()
    expect(page.get_by_text("Not read by the model: seen.")).to_be_visible()
    first = page.get_by_role("region", name="The first rows")
    expect(first.get_by_role("row")).to_have_count(11)
    own = model.predict(rows)
    expect(first.get_by_role("row").nth(1)).to_contain_text(str(own.labels[0]))
    expect(first.get_by_role("row").nth(3)).to_contain_text("1 cells, where the header has 4")
    assert not faults(page, LOOKS)

    card = page.locator("section", has=page.get_by_role("heading", name="60 rows of april rows.csv"))
    expect(card).to_contain_text("april rows.scored.csv")
    with page.expect_download() as waited:
        card.get_by_role("button", name="Download").click()
    assert waited.value.suggested_filename == "april_rows.scored.csv"
    found = columns_of(
        list(csv.reader(io.StringIO(Path(waited.value.path()).read_text("utf-8"), newline="")))
    )
    assert [one or None for one in found["predicted label"]] == own.labels
    answered = [at for at in range(60) if at not in (2, 4)]
    assert [float(found["P(yes)"][at]) for at in answered] == [
        own[at].probabilities["yes"] for at in answered
    ]

    with page.expect_download():
        files.get_by_role("button", name="Download").click()
    files.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(files).to_have_count(0)
    expect(first).to_have_count(0)
    page.goto(f"{here.url}/#/models/m/score?scored={upload}")
    expect(page.get_by_text("The result is no more kept.")).to_be_visible()


def test_a_file_that_is_too_large_for_the_page_is_scored_by_a_run(
    here: Here, page: Page, model: Model, rows: Path, expected: list[str]
) -> None:
    expected += ["status of 413", "status of 404"]
    refusal = '{"error": {"code": "too_large", "message": "too large"}}'
    at_screen(here, page)
    page.route("**/rows", lambda one: one.fulfill(status=413, content_type="application/json", body=refusal))
    page.get_by_label("Say what each column added").check()
    page.locator("input[type=file]").set_input_files(rows)
    expect(page.get_by_role("alert")).to_contain_text("april rows.csv is too large for the page.")
    assert not faults(page, LOOKS)

    page.get_by_label("Say what each column added").uncheck()
    page.locator("input[type=file]").set_input_files(rows)
    expect(page.get_by_role("heading", name="60 rows of april rows.csv")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.goto(f"{here.url}/#/models/m/score?scored=up-none")
    expect(page.get_by_text("The result is no more kept.")).to_be_visible()


def test_a_file_of_more_than_fifty_megabytes_is_not_sent_to_the_page(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a,b,note\n" + f"0.5,1.5,{'x' * 100_000}\n" * 501)
    read: list[str] = []
    page.on("request", lambda one: read.append(one.url) if one.url.endswith("/rows") else None)
    at_screen(here, page)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("heading", name="501 rows of large.csv")).to_be_visible()
    assert read == []


def test_a_run_that_scores_takes_what_is_said_of_the_file(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a;b\n0,5;none here\nnone here;-1,5\n")
    at_screen(here, page)
    page.get_by_label("Let a run score it").check()
    page.get_by_text("Read it otherwise").click()
    page.get_by_role("combobox", name="Before a fraction").select_option(",")
    for column in ("a", "b"):
        page.get_by_label("Words for a missing cell of one column").select_option(column)
        words = page.get_by_role("textbox", name=f"Words for a missing cell of {column}")
        words.fill("none here")
        words.blur()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("heading", name="2 rows of export.csv")).to_be_visible()
    expect(page.get_by_role("region", name="The first rows").get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("have no prediction")).to_have_count(0)


def test_the_rows_that_are_done_are_counted_and_the_run_can_be_cancelled(
    here: Here, page: Page, model: Model, rows: Path
) -> None:
    at_screen(here, page)
    page.get_by_label("Let a run score it").check()

    def under_way(route: Route) -> None:
        if route.request.method != "GET":
            return route.continue_()
        seen = {**route.fetch().json(), "state": "running", "done": 5, "rows": 60}
        return route.fulfill(json=seen)

    page.route("**/score/up*", under_way)
    page.locator("input[type=file]").set_input_files(rows)
    expect(page.get_by_text("5 of 60 rows are predicted")).to_be_visible()
    bar = page.get_by_role("progressbar", name="5 of 60 rows are predicted")
    expect(bar).to_have_attribute("aria-valuenow", "8")
    assert not faults(page, LOOKS)
    with page.expect_request("**/v1/runs/*/cancel"):
        page.get_by_role("button", name="Cancel", exact=True).click()


def test_a_file_that_was_cancelled_or_failed_says_so_and_leads_to_its_run(
    here: Here, page: Page, model: Model
) -> None:
    transport = HttpTransport(here.url, here.key)
    cancelled = sent(transport, "a,b\n" + "0.5,1.5\n" * 200_000, "long.csv")
    run = transport.call("GET", cancelled)["run"]
    assert transport.call("POST", f"/v1/runs/{run}/cancel")["state"] == "cancelled"
    wrong = sent(transport, "z\n1\n", "other.csv")
    until(lambda: transport.call("GET", wrong)["state"] == "failed", "it has failed")
    at_screen(here, page)
    files = page.get_by_role("region", name="Scored files")
    expect(files.get_by_role("row", name="other.csv")).to_contain_text("failed")
    files.get_by_role("link", name="other.csv").click()
    expect(page.get_by_role("alert")).to_be_visible()
    files.get_by_role("link", name="long.csv").click()
    expect(page.get_by_text("It was cancelled.")).to_be_visible()
    page.get_by_role("link", name="Run", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("link", name="long.csv").click()
    files.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(files.get_by_role("row")).to_have_count(2)


def sent(transport: HttpTransport, text: str, name: str) -> str:
    """The path of a file that was sent to be scored by the model `m`."""
    content = Content.of(text.encode())
    found = transport.call("POST", "/v1/models/m/score", body={"file": name, "size": content.size})
    path = f"/v1/models/m/score/{found['id']}"
    transport.call("PUT", path, body=content, content_type="application/octet-stream")
    return path


def test_a_file_that_is_stopped_while_it_is_sent_leaves_nothing(
    here: Here, page: Page, model: Model, rows: Path, expected: list[str]
) -> None:
    expected.append("ERR_ABORTED")
    at_screen(here, page)
    page.get_by_label("Let a run score it").check()
    page.route("**/score/up*", lambda one: None if one.request.method == "PUT" else one.continue_())
    with page.expect_request(lambda one: one.method == "PUT"):
        page.locator("input[type=file]").set_input_files(rows)
    with page.expect_response(lambda one: one.request.method == "DELETE") as gone:
        page.get_by_role("button", name="Stop").click()
    assert gone.value.json()["state"] == "rejected"
    expect(page.get_by_role("region", name="Scored files")).to_have_count(0)


def test_a_file_of_a_folder_is_listed_and_its_result_lies_beside_it(
    here: Here, page: Page, model: Model
) -> None:
    key = "default/predict/m/found.csv"
    here.platform.blobs.put(key, b"a,b\n0.5,1.5\n")
    scoring_landed(here.platform, key)
    at_screen(here, page)
    row = page.get_by_role("region", name="Scored files").get_by_role("row").nth(1)
    expect(row).to_contain_text("beside its file")
    row.get_by_role("link", name="found.csv").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scoring of m")
    expect(page.get_by_role("button", name="Serve")).to_have_count(0)
