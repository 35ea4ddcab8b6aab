"""A file is scored in a real browser: row by row, what cannot be read with its reason, and all of it as CSV."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Data, Model
from tests.functions.console.conftest import Here
from tests.functions.console.places import place
from tests.support.world import two_classes

pytestmark = pytest.mark.slow

FORMULA, NOTE = "=1+1", 'a "note",\nof two lines'


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    (tmp_path / "table.csv").write_bytes(two_classes(80))
    made = Model("logistic_regression", name="m", quiet=True)
    made.upload_data(Data.from_csv(tmp_path / "table.csv", quiet=True))
    made.train(iterations=20, refit=False)
    made.deploy()
    return made


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Sixty rows; the third is too short, and a cell of the fifth is no number."""
    path = tmp_path / "april rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["label", "a", "b", "seen"])
        for row in range(60):
            b = "much" if row == 4 else -1.5 if row % 2 else 1.5
            writer.writerow(["x"] if row == 2 else ["x", row / 60, b, (FORMULA, NOTE)[row % 2]])
    return path


def downloaded(page: Page) -> list[list[str]]:
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download as CSV").click()
    assert waited.value.suggested_filename == "april rows-predicted.csv"
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
