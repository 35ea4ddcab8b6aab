"""A row in a real browser: the answer follows what is typed, and the call beside it sends exactly that row."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lepton_ai import Data, Model
from tests.functions.console.conftest import Here
from tests.functions.console.places import part, place

pytestmark = pytest.mark.slow

HOSTILE = [
    'it\'s "quoted"',
    "$(touch pwned) `id` ${HOME} !! \\",
    "<img src=x onerror=alert(1)>",
    "two\nlines\r\nand\ttabs",
    "=1+1",
    "'; DROP TABLE rows; --",
    "\u2028 \u0000 \x7f 😀 中文 \\u0041 \\n",
    "{one} %s %(two)s f'{three}'",
    "",
    "'",
    "\\'",
    '"""',
]
DATA = "size,quarter,garden,kept,note,price\n" + "".join(
    f"{20 + row},{'north' if row % 3 else 'south'},{'yes' if row % 2 else 'no'},2024-0{1 + row % 9}-1{row % 10},"
    f"seen on {'monday by the owner' if row % 4 else 'sunday with many other guests'} number {row},"
    f"{'dear' if (row + 7 * (row % 2)) > 40 else 'cheap'}\n"
    for row in range(80)
)


@pytest.fixture
def model(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    monkeypatch.setenv("LEPTON_URL", here.url)
    monkeypatch.setenv("LEPTON_API_KEY", here.key)
    (tmp_path / "table.csv").write_text(DATA)
    made = Model("logistic_regression", name="homes", quiet=True)
    data = Data.from_csv(tmp_path / "table.csv", kinds={"note": "text", "kept": "date"}, quiet=True)
    made.upload_data(data)
    made.train(iterations=30, refit=False)
    made.deploy()
    return made


def run(command: list[str], here: Here, folder: Path) -> str:
    """What a program of the text says, in a shell of its own whose environment has the key."""
    environment = {**os.environ, "LEPTON_API_KEY": here.key}
    ended = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_answer_follows_the_row_and_the_calls_beside_it_get_the_same(
    here: Here, page: Page, model: Model, tmp_path: Path
) -> None:
    page.goto(here.address())
    page.get_by_role("link", name="homes", exact=True).first.click()
    part(page, "Try it").click()
    expect(page.get_by_label("size", exact=True)).to_have_value("20")
    expect(page.locator(".answer .label")).to_contain_text("cheap")
    page.get_by_role("button", name="Next row").click()
    expect(page.get_by_label("size", exact=True)).to_have_value("21")

    page.get_by_label("Slide size").fill("95")
    page.get_by_label("quarter").select_option("other")
    page.get_by_label("quarter, another value").fill(HOSTILE[1])
    page.get_by_label("garden").select_option("missing")
    page.get_by_label("kept").fill("2024-03-04")
    page.get_by_label("note").fill(HOSTILE[0])
    expect(page.locator(".answer .label")).to_contain_text("dear")
    expect(page.locator(".answer")).to_contain_text("The row as it was: cheap")
    expect(page.get_by_text(f"New to the model: quarter ({HOSTILE[1]}).")).to_be_visible()
    expect(page.get_by_text("Missing, and filled by the model: garden.")).to_be_visible()

    row = {"size": 95, "quarter": HOSTILE[1], "garden": None, "kept": "2024-03-04", "note": HOSTILE[0]}
    expected = model.predict(row)
    share = f"{expected.probabilities['dear'] * 100:.1f}".removesuffix(".0") + "%"
    expect(page.locator(".answer .label small")).to_have_text(share)

    answered = json.loads(run(["bash", "-c", page.locator(".copied code").inner_text()], here, tmp_path))
    assert answered["predictions"][0]["probabilities"] == expected.probabilities
    page.get_by_role("button", name="Python").click()
    said = run([sys.executable, "-c", page.locator(".copied code").inner_text()], here, Path.cwd())
    assert said.strip() == str(expected)
    assert not (tmp_path / "pwned").exists()

    page.reload()
    expect(page.get_by_label("quarter, another value")).to_have_value(HOSTILE[1])
    expect(page.get_by_label("garden")).to_have_value("missing")
    expect(page.locator(".answer .label")).to_contain_text("dear")
    page.get_by_label("size", exact=True).fill("many")
    expect(page.locator(".cells").get_by_role("alert")).to_contain_text("'many' is no number")
    page.get_by_role("button", name="As it was").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("size", exact=True)).to_have_value("21")


def test_any_certainty_is_asked_for_and_the_calls_ask_for_it_too(
    here: Here, page: Page, model: Model, expected: list[str], tmp_path: Path
) -> None:
    expected.append("status of 400")
    model.train(iterations=30, refit=False, uncertainty=True, deploy=True)
    page.goto(here.address())
    expect(place(page, "Keys")).to_be_visible()
    page.goto(f"{here.url}/#/models/homes/try")
    field, answer = page.get_by_label("Certainty", exact=True), page.locator(".answer")
    expect(field).to_have_value("90")
    expect(answer).to_contain_text("With 90% certainty")
    assert "coverage" not in page.locator(".copied code").inner_text()

    field.fill("72.5")
    expect(answer).to_contain_text("With 72.5% certainty")
    answered = json.loads(run(["bash", "-c", page.locator(".copied code").inner_text()], here, tmp_path))
    expect(answer).to_contain_text(f"certainty: {', '.join(answered['predictions'][0]['plausible'])}.")
    page.get_by_role("button", name="Python").click()
    expect(page.locator(".copied code")).to_contain_text("model.predict(row, coverage=0.725)")

    page.get_by_role("button", name="80 %", exact=True).click()
    expect(answer).to_contain_text("With 80% certainty")
    page.reload()
    expect(field).to_have_value("80")
    field.fill("99")
    expect(page.locator(".certainty .wrong")).to_contain_text("more than the rows out of fold can tell")
    field.fill("120")
    expect(page.locator(".certainty .wrong")).to_have_text("This must be ≥ 50, ≤ 99.")
    expect(answer).not_to_contain_text("certainty")
