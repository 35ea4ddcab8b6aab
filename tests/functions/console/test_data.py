"""Data sets in a real browser: what mends a finding, other kinds, more rows, what changed, what they are called."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from lepton_ai import Data, Dataset, Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.places import part, place

pytestmark = pytest.mark.slow


def table(rows: int, *, shift: int = 0, columns: int = 6) -> str:
    """Customers whose column 'refund' tells the label, and whose 'country' says nothing."""
    names = ("age", "income", "plan", "country", "refund", "churn")
    lines = [",".join(names[:columns])]
    for n in range(rows):
        gone = n * 7 % 11 < 4
        age = "" if n % 20 == 19 else 20 + n % 50 + shift
        cells = (age, 1000 + n * 37 % 900, "pbf"[n % 3], "DE", "x" if gone else "", "yes" if gone else "no")
        lines.append(",".join(map(str, cells[:columns])))
    return "\n".join(lines) + "\n"


@pytest.fixture
def customers(here: Here, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A set of one version, and a browser that is signed in."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    made = Dataset("customers")
    made.upload(Data.from_csv(_file(tmp_path, table(300)), label="churn", quiet=True), quiet=True)
    page.goto(here.address())
    expect(place(page, "Data")).to_be_visible()
    return made


def _file(folder: Path, text: str, name: str = "more.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def kinds(customers: Dataset) -> dict[str, str]:
    return {one.name: one.kind for one in customers.describe().columns}


def made(page: Page, text: str) -> None:
    expect(page.get_by_role("status").get_by_text(text)).to_be_visible()


def column(page: Page, name: str) -> Locator:
    return page.locator(".column").filter(has=page.get_by_role("heading", name=name, exact=True))


@pytest.mark.lengthy
def test_a_finding_is_mended_and_a_kind_changed_without_sending_the_file(
    customers: Dataset, page: Page
) -> None:
    place(page, "Data").click()
    page.get_by_label("Search data sets").fill("CUST")
    expect(page).to_have_url(re.compile("q=CUST"))
    page.get_by_role("link", name="customers").click()
    page.get_by_role("button", name="Leave out country").click()
    made(page, "Version 2 is there: 300 rows.")
    assert "country" not in kinds(customers)
    expect(page.get_by_role("combobox", name="Version")).to_have_value("2")

    part(page, "Columns").click()
    page.get_by_label("What age is").select_option("category")
    page.get_by_label("What plan is").select_option("leave out")
    page.get_by_role("button", name="Read again, 2 changed").click()
    made(page, "Version 3 is there")
    found = kinds(customers)
    assert (found["age"], found.keys()) == ("category", {"age", "income", "refund", "churn"})
    expect(page.get_by_role("heading", name="Columns that are left out")).to_be_visible()

    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("combobox", name="Version")).to_have_value("2")
    assert [one.version for one in customers.versions()] == [1, 2]


def test_a_word_stands_for_a_missing_cell_of_one_column_alone(customers: Dataset, page: Page) -> None:
    page.goto(f"{page.url.partition('#')[0]}#/data/customers/columns")
    column(page, "plan").get_by_text("Missing cells").click()
    words = page.get_by_role("textbox", name="Words for a missing cell of plan")
    words.fill("f, n/a")
    words.blur()
    page.reload()
    expect(words).to_have_value("f, n/a")
    page.get_by_role("button", name="Read again, 1 changed").click()
    made(page, "Version 2 is there: 300 rows.")
    assert customers.kept_reading().missing == {"plan": ("f", "n/a")}

    page.goto(f"{page.url.partition('#')[0]}#/data/customers/columns")
    column(page, "country").get_by_text("Missing cells").click()
    other = page.get_by_role("textbox", name="Words for a missing cell of country")
    other.fill("DE")
    other.blur()
    page.get_by_label("What age is").select_option("category")
    page.get_by_role("button", name="Read again, 2 changed").click()
    made(page, "Version 3 is there: 300 rows.")
    reading = customers.kept_reading()
    assert (reading.missing, reading.kinds) == (
        {"plan": ("f", "n/a"), "country": ("DE",)},
        {"age": "category"},
    )


def test_words_for_the_whole_file_hold_for_the_columns_that_have_none_of_their_own(
    customers: Dataset, page: Page
) -> None:
    customers.read_again(missing=["-"])
    page.goto(f"{page.url.partition('#')[0]}#/data/customers/columns")
    column(page, "plan").get_by_text("Missing cells").click()
    words = page.get_by_role("textbox", name="Words for a missing cell of plan")
    expect(words).to_have_attribute("placeholder", "-")
    words.fill("f")
    words.blur()
    page.get_by_role("button", name="Read again, 1 changed").click()
    made(page, "Version 3 is there: 300 rows.")
    others = dict.fromkeys(("age", "income", "country", "refund", "churn"), ("-",))
    assert customers.kept_reading().missing == {**others, "plan": ("f",)}


def test_rows_are_added_compared_held_and_released(customers: Dataset, page: Page, tmp_path: Path) -> None:
    page.goto(page.url.split("#")[0] + "#/data/customers/versions")
    files = page.locator(".add > input[type=file]")
    files.set_input_files(_file(tmp_path, table(320)))
    made(page, "Version 2: 320 rows, 20 of them new. 300 rows of the file were there already.")

    page.get_by_role("link", name="Add data").click()
    page.get_by_label("Put it in their place").check()
    expect(page).to_have_url(re.compile("mode=replace"))
    files.set_input_files(_file(tmp_path, table(300, shift=40)))
    made(page, "It is held.")
    page.get_by_role("link", name="See what changed").click()
    expect(page.get_by_role("heading", name="Version 2 to version 3")).to_be_visible()
    expect(page.get_by_text("Columns that moved: 1")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Version 2 to version 3")).to_be_visible()
    expect(page.locator(".two").get_by_text("age")).to_be_visible()

    page.get_by_role("button", name="Release it").click()
    page.get_by_role("dialog").get_by_role("button", name="Release it").click()
    expect(page.get_by_role("heading", name="Version 3 is held")).to_be_hidden()
    assert customers.versions()[-1].state == "released"


def test_a_refused_file_is_read_otherwise_and_one_that_is_cancelled_leaves_nothing(
    customers: Dataset, page: Page, tmp_path: Path
) -> None:
    page.goto(page.url.split("#")[0] + "#/data/customers/versions?mode=replace")
    files = page.locator(".add > input[type=file]")
    lacking = "\n".join(",".join(line.split(",")[1:]) for line in table(300).splitlines())
    files.set_input_files(_file(tmp_path, lacking, "lacking.csv"))
    page.get_by_role("status").get_by_role("button", name="Leave out age").click()
    made(page, "Version 2 is there")
    assert "age" not in kinds(customers)

    asked: list[Any] = []
    page.route(
        "**/upload/*",
        lambda route: asked.append(route) if route.request.method == "PUT" else route.continue_(),
    )
    files.set_input_files(_file(tmp_path, table(310), "late.csv"))
    page.get_by_role("button", name="Cancel").click()
    made(page, "Cancelled. Nothing of the file was kept.")
    page.unroute("**/upload/*")
    assert [one.error.message for one in customers.rejected()][-1] == "the upload was cancelled"
    assert customers.latest == 2


def test_a_file_that_is_cancelled_before_it_has_an_id_leaves_nothing(
    customers: Dataset, page: Page, tmp_path: Path
) -> None:
    page.goto(page.url.split("#")[0] + "#/data/customers/versions?mode=replace")
    announced: list[Any] = []
    page.route("**/upload", lambda route: announced.extend([route]))
    with page.expect_request("**/upload"):
        page.locator(".add > input[type=file]").set_input_files(_file(tmp_path, table(310), "early.csv"))
    page.get_by_role("button", name="Cancel").click()
    announced.pop().continue_()
    made(page, "Cancelled. Nothing of the file was kept.")
    page.unroute("**/upload")
    assert [one.error.message for one in customers.rejected()][-1] == "the upload was cancelled"
    assert customers.latest == 1


def test_a_second_file_is_held_out_also_when_the_first_is_read_otherwise(
    customers: Dataset, page: Page, tmp_path: Path
) -> None:
    page.goto(page.url.split("#")[0] + "#/data/customers/versions?mode=replace")
    head, *lines = table(330).splitlines()
    second = "\n".join([head, *lines[300:]])
    page.get_by_label("Choose a second file to hold out").set_input_files(_file(tmp_path, second, "test.csv"))
    expect(page.get_by_text("The rows of test.csv are held out.")).to_be_visible()
    lacking = "\n".join(",".join(line.split(",")[1:]) for line in table(300).splitlines())
    page.locator(".add > input[type=file]").set_input_files(_file(tmp_path, lacking, "train.csv"))
    page.get_by_role("status").get_by_role("button", name="Leave out age").click()
    made(page, "Version 2 is there: 330 rows.")
    assert customers.versions()[-1].held_out == 30

    page.get_by_role("link", name="Create a model", exact=True).click()
    page.get_by_role("heading", name="How it is trained").click()
    expect(page.get_by_text("The 30 rows of the second file are held out, and no others.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Rows held out")).to_be_hidden()


def test_who_uses_a_set_keeps_it_and_its_name_and_tags_can_change(
    customers: Dataset, page: Page, expected: list[str]
) -> None:
    Model("decision_tree", name="risk", dataset="customers", quiet=True)
    page.goto(page.url.split("#")[0] + "#/data/customers/use")
    page.get_by_label("More tags").fill("eu owner=anna")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="owner=anna")).to_be_visible()
    assert customers.tags == ["eu", "owner=anna"]
    page.get_by_label("Name", exact=True).fill("clients")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("clients")

    expected.append("409 (Conflict)")
    page.get_by_role("button", name="Delete clients").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    refused = page.get_by_role("alert")
    expect(refused.get_by_role("link", name="risk")).to_have_attribute("href", "#/models/risk")
    refused.get_by_role("button", name="Delete all the same").click()
    expect(page.get_by_role("heading", name="There is no data set yet")).to_be_visible()


def test_rows_are_shown_as_text_a_page_at_a_time(customers: Dataset, page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/data/customers/rows")
    expect(page.get_by_role("heading", name="Rows 1 to 50")).to_be_visible()
    expect(page.get_by_role("cell", name="missing").first).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="Rows 51 to 100")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Rows 51 to 100")).to_be_visible()


def test_the_file_is_read_otherwise_without_sending_it(customers: Dataset, page: Page) -> None:
    page.goto(f"{page.url.partition('#')[0]}#/data/customers/use")
    page.get_by_text("Read it otherwise").click()
    expect(page.get_by_role("button", name="Read the file again")).to_have_count(0)
    words = page.get_by_role("textbox", name="Words for a missing cell")
    words.fill("DE, none at all")
    words.blur()
    page.get_by_role("combobox", name="The day comes before the month").select_option(label="yes")
    page.reload()
    expect(page.get_by_role("textbox", name="Words for a missing cell")).to_have_value("DE, none at all")
    page.get_by_role("button", name="Read the file again").click()
    made(page, "Version 2 is there: 300 rows.")
    reading = customers.kept_reading()
    assert reading.missing == ("DE", "none at all") and reading.day_first is True
    assert customers.head(1)[0]["country"] is None

    page.goto(f"{page.url.partition('#')[0]}#/data/customers/use")
    page.get_by_text("Read it otherwise").click()
    line = page.get_by_role("spinbutton", name="Line that has the names")
    line.fill("0")
    line.blur()
    expect(page.get_by_text("This must be ≥ 1.")).to_be_visible()
    expect(page.get_by_role("button", name="Read the file again")).to_have_count(0)


def test_of_many_refused_files_the_last_are_shown_until_all_are_asked_for(
    here: Here, customers: Dataset, page: Page
) -> None:
    with closing(HttpTransport(here.url, here.key)) as transport:
        for _ in range(7):
            announced = transport.call("POST", "/v1/datasets/customers/upload", body={"size": 10})
            transport.call("DELETE", f"/v1/datasets/customers/upload/{announced['id']}")
    place(page, "Data").click()
    page.goto(page.url.split("#")[0] + "#/data/customers/versions")
    refused = page.locator(".card", has=page.get_by_role("heading", name="Files that were refused"))
    expect(refused.get_by_role("listitem")).to_have_count(5)
    refused.get_by_role("button", name="Show all 7").click()
    expect(refused.get_by_role("listitem")).to_have_count(7)
    refused.get_by_role("button", name="Show less").click()
    expect(refused.get_by_role("listitem")).to_have_count(5)
