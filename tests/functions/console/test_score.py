"""A file is scored in a real browser: row by row, what cannot be read with its reason, and all of it as CSV."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from lepton_ai import Data, Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here
from tests.functions.console.filled import NAMES, customers
from tests.functions.console.places import place
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

DROP = """([where, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], "dropped.csv"));
  const event = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
  document.querySelector(where).dispatchEvent(event); }"""

FORMULA, NOTE = "=1+1", 'a "note",\nof two lines'


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    return served(here, monkeypatch, tmp_path)


def served(here: Here, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Model:
    """The model `m`, which serves."""
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    (folder / "table.csv").write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv(folder / "table.csv", quiet=True))
    made.train(iterations=20, refit=False)
    made.deploy()
    return made


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return rows_in(tmp_path)


def rows_in(folder: Path) -> Path:
    """Sixty rows; the third is too short, and a cell of the fifth is no number."""
    path = folder / "april rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["label", "a", "b", "seen"])
        for row in range(60):
            b = "much" if row == 4 else -1.5 if row % 2 else 1.5
            writer.writerow(["x"] if row == 2 else ["x", row / 60, b, (FORMULA, NOTE)[row % 2]])
    return path


def downloaded(page: Page, name: str = "april rows") -> list[list[str]]:
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download as CSV").click()
    assert waited.value.suggested_filename == f"{name}-predicted.csv"
    return list(csv.reader(io.StringIO(Path(waited.value.path()).read_text("utf-8"), newline="")))


def test_a_file_has_an_answer_for_each_row_and_can_be_taken_away(
    here: Here, page: Page, model: Model, rows: Path
) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.locator("input[type=file]").set_input_files(rows)
    expect(page.get_by_role("heading", name="60 rows of april rows.csv")).to_be_visible()
    expect(page.get_by_text("2 of 60 rows have no prediction; each says why.")).to_be_visible()
    expect(page.get_by_text("Not read by the model: seen.")).to_be_visible()

    table = page.get_by_role("region", name="Row by row")
    expect(table.get_by_role("row")).to_have_count(26)
    page.get_by_role("button", name="Next page").click()
    expect(table.get_by_role("row").nth(1).get_by_role("cell").first).to_have_text("26")
    page.get_by_label("Only rows without a prediction").check()
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table).to_contain_text("1 cells, where the header has 4")
    expect(table).to_contain_text("b: 'much' is no number")

    head, *found = downloaded(page)
    own = model.predict(rows)
    assert head == ["label", "a", "b", "seen", "predicted label", "P(no)", "P(yes)", "error"]
    assert [row[4] or None for row in found] == own.labels
    answered = [at for at in range(60) if at not in (2, 4)]
    assert [float(found[at][6]) for at in answered] == [own[at].probabilities["yes"] for at in answered]
    assert (found[0][3], found[1][3], found[1][2]) == (f"'{FORMULA}", NOTE, "-1.5")

    page.get_by_label("Guard it for spreadsheets").uncheck()
    assert downloaded(page)[1][3] == FORMULA


def test_a_file_is_predicted_by_one_version_although_another_one_begins_to_serve(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    model.train(iterations=1, learning_rate=0.01, refit=False)
    path = tmp_path / "april rows.csv"
    path.write_text("a,b\n" + "\n".join(f"{row / 6000},1.5" for row in range(6000)) + "\n")
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    asked: list[int] = []

    def switched(route: Route) -> None:
        asked.append(len(route.request.post_data_json["rows"]))
        if len(asked) == 2:
            model.deploy(version=2)
        route.continue_()

    page.route("**/predict", switched)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("heading", name="6,000 rows of april rows.csv")).to_be_visible()
    assert asked == [5000, 1000, 5000, 1000]
    found = columns_of(downloaded(page))
    own = model.predict(path)
    assert own.version == 2
    assert [float(one) for one in found["P(yes)"]] == [one.probabilities["yes"] for one in own]


def test_a_file_is_scored_where_it_is_dropped(here: Here, page: Page, model: Model, rows: Path) -> None:
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.locator(".drop").wait_for()
    page.evaluate(DROP, [".drop", rows.read_text()])
    expect(page.get_by_role("heading", name="60 rows of dropped.csv")).to_be_visible()


def test_a_file_that_is_no_more_wanted_is_sent_no_further(
    here: Here, page: Page, model: Model, rows: Path, expected: list[str]
) -> None:
    expected.append("ERR_ABORTED")
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.route("**/rows", lambda route: None)
    for leave in (page.get_by_role("button", name="Stop"), place(page, "Keys")):
        with page.expect_event("requestfailed", lambda one: one.url.endswith("/rows")):
            page.locator("input[type=file]").set_input_files(rows)
            leave.click()


def test_a_file_is_read_as_somebody_says_it_is_written(
    here: Here, page: Page, model: Model, tmp_path: Path, expected: list[str]
) -> None:
    expected.append("status of 400")
    path = tmp_path / "export.csv"
    path.write_text("a;b\n0,5;1,5\n0,25;-\n0,75;-1,5\n")
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("3 of 3 rows have no prediction; each says why.")).to_be_visible()

    page.get_by_text("Read it otherwise").click()
    page.get_by_role("combobox", name="Before a fraction").select_option(",")
    words = page.get_by_role("textbox", name="Words for a missing cell")
    words.fill("-")
    words.blur()
    page.get_by_role("button", name="Predict it again").click()
    table = page.get_by_role("region", name="Row by row")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").nth(1)).to_contain_text("0.5")
    expect(page.get_by_text("rows have no prediction")).to_have_count(0)
    expect(page.get_by_text("Missing, and filled by the model: b.")).to_be_visible()

    page.reload()
    expect(page.get_by_text("2 changed")).to_be_visible()
    line = page.get_by_role("spinbutton", name="Line that has the names")
    line.fill("9")
    line.blur()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("alert").first).to_contain_text("9")
    line.fill("0")
    line.blur()
    expect(page.get_by_role("button", name="Choose another file")).to_be_disabled()


def scored(full: Here, page: Page, name: str, tmp_path: Path) -> tuple[Model, Path]:
    """The model of that name, its tab in the browser, and a file of rows of which one cannot be read."""
    path = tmp_path / "may.csv"
    lines = customers(30, seed=11).drop(columns="left").to_csv(index=False).splitlines()
    path.write_text("\n".join([*lines[:3], "basic", *lines[3:]]) + "\n")
    page.goto(full.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{full.url}/#/models/{name}/score")
    return Model(name=name, quiet=True, transport=HttpTransport(full.url, full.key)), path


def columns_of(table: list[list[str]]) -> dict[str, list[str]]:
    head, *rows = table
    return {name: [row[at] for row in rows] for at, name in enumerate(head)}


def test_a_file_says_how_sure_each_value_is_and_what_each_column_added(
    full: Here, page: Page, tmp_path: Path
) -> None:
    model, path = scored(full, page, NAMES.numbers, tmp_path)
    page.get_by_label("Say how sure each prediction is").check()
    page.get_by_label("Certainty", exact=True).fill("80")
    page.get_by_label("Say what each column added").check()
    page.reload()
    page.locator("input[type=file]").set_input_files(path)
    table = page.get_by_role("region", name="Row by row")
    expect(table.get_by_role("columnheader", name="With 80% certainty")).to_be_visible()
    expect(
        page.get_by_text("How far each column moved the predictions on average, in value").first
    ).to_be_visible()

    found = columns_of(downloaded(page, "may"))
    own = model.predict(path, coverage=0.8, explain=True)
    told = [at for at, one in enumerate(own) if one.error is None]
    assert len(told) == 30
    assert [float(found["low"][at]) for at in told] == [own[at].interval[0] for at in told]
    assert [float(found["high"][at]) for at in told] == [own[at].interval[1] for at in told]
    assert [float(found["base"][at]) for at in told] == [own[at].base for at in told]
    for column in own[told[0]].contributions:
        assert [float(found[f"added by {column}"][at]) for at in told] == [
            own[at].contributions[column] for at in told
        ]
    [unread] = set(range(31)) - set(told)
    assert {found[name][unread] for name in ("value", "low", "base", "added by months")} == {""}

    page.get_by_label("Certainty", exact=True).fill("100")
    expect(page.get_by_role("button", name="Predict it again")).to_be_disabled()
    page.get_by_role("button", name="90 %").click()
    expect(page.get_by_role("button", name="Predict it again")).to_be_enabled()


def test_of_many_classes_the_columns_add_to_the_one_that_is_predicted(
    full: Here, page: Page, tmp_path: Path
) -> None:
    model, path = scored(full, page, NAMES.classes, tmp_path)
    expect(page.get_by_label("Say how sure each prediction is")).to_be_disabled()
    expect(page.get_by_role("link", name="Train one with them")).to_be_visible()
    page.get_by_label("Say what each column added").check()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("What a column added is added to the class that is predicted.")).to_be_visible()
    found = columns_of(downloaded(page, "may"))
    own = model.predict(path, explain=True)
    for at, one in enumerate(own):
        if one.error is None:
            assert float(found["added by months"][at]) == one.contributions["months"][one.label]
            assert float(found["base"][at]) == one.base[one.label]

    page.get_by_role("link", name="Train one with them").click()
    expect(page.get_by_role("combobox", name="Learn intervals")).to_have_value("true")


def test_plausible_classes_of_a_row_are_one_cell(here: Here, page: Page, model: Model, rows: Path) -> None:
    model.train(iterations=20, uncertainty=True, deploy=True)
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.get_by_label("Say how sure each prediction is").check()
    page.get_by_label("Certainty", exact=True).fill("95")
    page.locator("input[type=file]").set_input_files(rows)
    table = page.get_by_role("region", name="Row by row")
    expect(table.get_by_role("columnheader", name="With 95% certainty")).to_be_visible()
    found = columns_of(downloaded(page))
    own = model.predict(rows, coverage=0.95)
    assert [one.split(",") if one else [] for one in found["plausible"]] == [
        list(one.plausible or ()) for one in own
    ]
    assert any(len(one.plausible or ()) == 2 for one in own)


def test_single_columns_of_a_file_have_their_own_words_for_a_missing_cell(
    here: Here, page: Page, model: Model, tmp_path: Path, expected: list[str]
) -> None:
    expected.append("status of 400")
    path = tmp_path / "export.csv"
    path.write_text("a,b\n0.5,none here\nnone here,1.5\n")
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/m/score")
    page.get_by_text("Read it otherwise").click()
    every = page.get_by_role("textbox", name="Words for a missing cell missing", exact=True)
    expect(every).to_be_visible()
    page.get_by_label("Words for a missing cell of one column").select_option("b")
    page.get_by_role("textbox", name="Words for a missing cell of b").fill("none here")
    page.get_by_role("textbox", name="Words for a missing cell of b").blur()
    expect(every).to_have_count(0)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("1 of 2 rows have no prediction")).to_be_visible()
    expect(page.get_by_text("a: 'none here' is no number")).to_be_visible()

    page.get_by_label("Words for a missing cell of one column").select_option("a")
    page.get_by_role("textbox", name="Words for a missing cell of a").fill("none here")
    page.get_by_role("textbox", name="Words for a missing cell of a").blur()
    page.get_by_role("button", name="Predict it again").click()
    expect(page.get_by_text("Missing, and filled by the model: a, b.")).to_be_visible()
    expect(page.get_by_text("rows have no prediction")).to_have_count(0)

    path.write_text("a\n0.5\n")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("textbox", name="Words for a missing cell of b")).to_have_attribute(
        "aria-invalid", "true"
    )
